"""The chain: what an entry's digest depends on, and what a key adds."""

import hashlib
import hmac
from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.ids import IncidentId
from storage import incidents
from storage.chain import SEALED, audit_key, chained, digest_of
from storage.database import Database, open_database
from tests.builders import NOW, WORKSPACE, minutes
from tests.storage.stored import a_workspace, acknowledged, open_one

ROW: dict[str, Any] = {
    "workspace_id": WORKSPACE,
    "incident_id": 7,
    "seq": 2,
    "at": NOW,
    "by": "U0ANA00001",
    "kind": "acknowledged",
    "fact": '{"kind":"acknowledged","tier":1}',
}
KEY = b"nobody can guess this"


def test_the_digest_is_that_of_the_entry_below_the_one_before() -> None:
    """Written out, since databases are full of them."""
    content = (
        "before\nT0TIERLINE\n7\n2\n2026-11-14 03:00:00.000000+00:00\nU0ANA00001\nacknowledged\n"
        '{"kind":"acknowledged","tier":1}'
    )
    assert digest_of(ROW, "before", None) == hashlib.sha256(content.encode()).hexdigest()
    assert digest_of(ROW, "before", KEY) == SEALED + hmac.new(KEY, content.encode(), "sha256").hexdigest()


@pytest.mark.parametrize(
    "edit",
    [
        {"workspace_id": "T0ANOTHER"},
        {"incident_id": 8},
        {"seq": 3},
        {"at": NOW + timedelta(microseconds=1)},
        {"by": "U0BEN00001"},
        {"kind": "resolved"},
        {"fact": '{"kind":"acknowledged","tier":2}'},
    ],
    ids=lambda edit: next(iter(edit)),
)
@pytest.mark.parametrize("key", [None, KEY])
def test_whatever_of_the_entry_is_edited_makes_another_digest(edit: dict[str, Any], key: bytes | None) -> None:
    assert digest_of(ROW | edit, "", key) != digest_of(ROW, "", key)
    assert digest_of(ROW, "another before", key) != digest_of(ROW, "", key)


def test_the_same_instant_in_another_zone_makes_the_same_digest() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert digest_of(ROW | {"at": elsewhere}, "", None) == digest_of(ROW, "", None)


def test_another_key_makes_another_digest() -> None:
    assert digest_of(ROW, "", KEY) != digest_of(ROW, "", b"another key of ours")


@pytest.mark.parametrize("key", [None, KEY])
async def test_what_is_stored_goes_on_from_the_last_digest(database_url: str, key: bytes | None) -> None:
    database = open_database(database_url, audit_key=key)
    await a_workspace(database)
    async with database.write() as tx:
        incident = await open_one(tx)
        await incidents.store(tx, [acknowledged(incident, now=NOW + minutes(1))])
        assert audit_key(tx) == key
    digests = await digests_of(database)
    async with database.write() as tx:
        loaded = (await incidents.by_ids(tx, [IncidentId(1)]))[IncidentId(1)]
        rows = [ROW | {"seq": 3}, ROW | {"seq": 4}]
        end = chained(tx, rows, loaded.last_digest)
    await database.close()
    assert len(set(digests)) == len(digests) == 2
    assert all(digest.startswith(SEALED) is (key is not None) for digest in digests)
    assert loaded.last_digest == digests[-1]
    assert rows[0]["digest"] == digest_of(rows[0], digests[-1], key)
    assert end == rows[1]["digest"] == digest_of(rows[1], rows[0]["digest"], key)


async def digests_of(database: Database) -> list[str]:
    async with database.read() as tx:
        return list((await tx.execute(text("SELECT digest FROM timeline ORDER BY seq"))).scalars())
