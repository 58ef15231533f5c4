"""The verdict of the chain and of what follows from a story: each way of tampering with a database is found."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.services.verifying import KeyNeeded, Verdict, verify_all, verify_one
from storage.database import Database, open_database
from storage.schema import migrate
from tests.builders import NOW, WORKSPACE, minutes
from tests.prepared import prepared_url
from tests.storage.lived import Life, live

KEY = b"nobody can guess this"
OTHER_KEY = b"nobody can guess that"


async def lived_in(database: Database) -> None:
    await migrate(database)
    await live(database)


lived_url = prepared_url(lived_in)


@pytest.fixture
async def database(lived_url: str) -> AsyncIterator[Database]:
    """In which a bot has worked, without a key."""
    database = open_database(lived_url)
    yield database
    await database.close()


async def tamper(database: Database, *statements: str) -> None:
    """As somebody who may write the database, past its foreign keys."""
    async with database.write() as tx:
        for statement in statements:
            await tx.execute(text(statement))


async def found_in(database: Database) -> list[tuple[str, int | None, str]]:
    verdict = await verify_all(database)
    assert verdict.found == len(verdict.findings)
    return [(each.incident, each.seq, each.kind) for each in verdict.findings]


async def entries_of(database: Database, number: int = 2) -> int:
    async with database.read() as tx:
        count: int = (
            await tx.execute(text("SELECT last_seq FROM incidents WHERE number = :number"), {"number": number})
        ).scalar_one()
    return count


async def test_what_a_bot_stored_is_found_intact(database: Database) -> None:
    seen: list[tuple[int, int]] = []
    verdict = await verify_all(database, lambda done, of: seen.append((done, of)))
    entries = sum([await entries_of(database, number) for number in (1, 2, 3)])
    assert verdict == Verdict(incidents=3, entries=entries)
    assert entries > 30
    assert seen == [(entries, entries)]


async def test_one_incident_is_verified_alone(database: Database) -> None:
    await tamper(database, "UPDATE timeline SET \"by\" = 'U0BEN00001' WHERE incident_id = 1 AND seq = 1")
    one, other = await verify_one(database, WORKSPACE, 1), await verify_one(database, WORKSPACE, 2)
    assert one is not None
    assert (one.incidents, [each.kind for each in one.findings]) == (1, ["changed"])
    assert other == Verdict(incidents=1, entries=await entries_of(database))
    assert await verify_one(database, WORKSPACE, 9) is None


@pytest.mark.parametrize(
    "edit",
    [
        "fact = replace(fact, 'sev1', 'sev2')",
        "\"by\" = 'U0BEN00001'",
        "kind = 'resolved'",
        "workspace_id = 'T0ANOTHER'",
        "digest = 'x'",
    ],
)
async def test_an_edited_entry_is_found(database: Database, edit: str) -> None:
    await tamper(database, f"UPDATE timeline SET {edit} WHERE incident_id = 1 AND seq = 1")  # noqa: S608
    found = await found_in(database)
    assert ("INC-1", 1, "changed") in found
    assert {incident for incident, _, _ in found} == {"INC-1"}


async def test_an_edited_instant_is_found(database: Database) -> None:
    await tamper(
        database,
        "UPDATE timeline SET at = '2026-11-14 02:59:59.000000+00:00' WHERE incident_id = 1 AND seq = 1",
    )
    assert await found_in(database) == [("INC-1", 1, "changed")]


async def test_times_that_go_back_are_found(database: Database) -> None:
    await tamper(
        database,
        "UPDATE timeline SET at = '2020-01-01 00:00:00.000000+00:00' WHERE incident_id = 1 AND seq = 4",
    )
    assert await found_in(database) == [("INC-1", 4, "changed"), ("INC-1", 4, "back_in_time")]


async def test_a_removed_entry_is_found_in_the_middle_and_at_the_end(database: Database) -> None:
    last = await entries_of(database)
    await tamper(
        database,
        "DELETE FROM timeline WHERE incident_id = 1 AND seq = 2",
        "DELETE FROM timeline WHERE incident_id = 2 AND seq = (SELECT last_seq FROM incidents WHERE number = 2)",
    )
    assert await found_in(database) == [("INC-1", 2, "missing"), ("INC-2", last, "missing")]


async def test_an_inserted_entry_is_found(database: Database) -> None:
    last = await entries_of(database, 1)
    await tamper(
        database,
        'INSERT INTO timeline (incident_id, seq, workspace_id, at, "by", kind, fact, digest)'
        ' SELECT incident_id, seq + 1, workspace_id, at, "by", kind, fact, digest FROM timeline'
        " WHERE incident_id = 1 AND seq = (SELECT last_seq FROM incidents WHERE number = 1)",
    )
    found = await found_in(database)
    assert found[:2] == [("INC-1", last + 1, "surplus"), ("INC-1", last + 1, "changed")]


async def test_two_entries_that_were_swapped_are_found(database: Database) -> None:
    await tamper(
        database,
        "UPDATE timeline SET seq = 1003 WHERE incident_id = 1 AND seq = 3",
        "UPDATE timeline SET seq = 3 WHERE incident_id = 1 AND seq = 4",
        "UPDATE timeline SET seq = 4 WHERE incident_id = 1 AND seq = 1003",
    )
    assert [seq for incident, seq, kind in await found_in(database) if (incident, kind) == ("INC-1", "changed")] == [
        3, 4, 5,
    ]  # fmt: skip


async def test_a_story_cut_off_at_the_end_is_found_by_what_it_left_elsewhere(database: Database) -> None:
    """The chain of the rest is whole; the breaches, the promises and the incident tell of more."""
    await tamper(
        database,
        "DELETE FROM timeline WHERE incident_id = 1 AND seq > 3",
        "UPDATE incidents SET last_seq = 3 WHERE number = 1",
    )
    assert await found_in(database) == [("INC-1", 3, "last_digest")]
    await tamper(
        database,
        "UPDATE incidents SET last_digest = (SELECT digest FROM timeline WHERE incident_id = 1 AND seq = 3)"
        " WHERE number = 1",
    )
    kinds = {kind for incident, _, kind in await found_in(database) if incident == "INC-1"}
    assert {"incident", "breach_unfounded", "promise_unfounded"} <= kinds


async def test_what_cannot_be_read_is_a_finding_and_stops_nothing(sqlite_database_url: str) -> None:
    """One flipped bit makes no text of a text; the rest is still verified."""
    database = open_database(sqlite_database_url)
    await live(database)
    await tamper(
        database,
        "UPDATE timeline SET fact = CAST(x'7b80' AS TEXT) WHERE incident_id = 1 AND seq = 2",
        "UPDATE timeline SET at = 'yesterday' WHERE incident_id = 2 AND seq = 3",
        "UPDATE incidents SET managers_told = '[' WHERE number = 3",
    )
    found = await found_in(database)
    await database.close()
    assert [(incident, seq, kind) for incident, seq, kind in found if kind == "unreadable"] == [
        ("INC-1", 2, "unreadable"),
        ("INC-2", 3, "unreadable"),
        ("INC-3", None, "unreadable"),
    ]


async def test_an_incident_that_was_removed_is_missed(database: Database) -> None:
    await tamper(
        database,
        *(f"DELETE FROM {table} WHERE incident_id = 3" for table in ("timeline", "breaches", "outbox")),  # noqa: S608
        "DELETE FROM incidents WHERE number = 3",
    )
    assert await found_in(database) == [("INC-3", None, "incident_missing")]


async def test_what_was_removed_because_it_was_old_is_not_missed(database: Database) -> None:
    life = await Life.resumed(database)
    await life.opens()
    for number in (1, 4):
        await tamper(
            database,
            *(f"DELETE FROM {table} WHERE incident_id = {number}" for table in ("timeline", "breaches", "outbox")),  # noqa: S608
            f"DELETE FROM incidents WHERE number = {number}",  # noqa: S608
        )
    verdict = await verify_all(database, opened_since=NOW + minutes(1))
    assert verdict.findings == [], "whatever was opened since then is gone, so nobody can tell"
    await life.opens()
    verdict = await verify_all(database, opened_since=NOW)
    assert [each.incident for each in verdict.findings] == ["INC-4"]


async def test_a_policy_that_was_changed_under_an_incident_is_found(database: Database) -> None:
    await tamper(database, "UPDATE policy_versions SET document = replace(document, '@iris', '@sam')")
    findings = (await verify_all(database)).findings
    assert (findings[0].kind, findings[0].sentence) == ("policy_changed", "policy version 1 is not what was applied")


async def test_the_ledger_and_the_story_agree(database: Database) -> None:
    await tamper(database, "DELETE FROM breaches WHERE incident_id = 1 AND number = 1")
    await tamper(database, "UPDATE breaches SET tier = 4 WHERE incident_id = 1 AND number = 2")
    assert await found_in(database) == [("INC-1", None, "breach_missing"), ("INC-1", None, "breach_changed")]


async def test_a_promise_that_was_removed_or_diverted_is_found(database: Database) -> None:
    await tamper(
        database,
        "DELETE FROM outbox WHERE dedup_key = 'INC-1/page/tier:2/cycle:1'",
        "UPDATE outbox SET channel = 'C0ELSEWHERE' WHERE dedup_key = 'INC-1/page/tier:1/cycle:0'",
        "UPDATE outbox SET dedup_key = 'INC-3/page/tier:4/cycle:9' WHERE dedup_key = 'INC-3/page/tier:1/cycle:0'",
    )
    assert sorted(await found_in(database), key=str) == [
        ("INC-1", None, "promise_changed"),
        ("INC-1", None, "promise_missing"),
        ("INC-3", None, "promise_missing"),
        ("INC-3", None, "promise_unfounded"),
    ]


async def test_an_incident_that_is_not_what_its_story_says_is_found(database: Database) -> None:
    await tamper(database, "UPDATE incidents SET title = 'Nothing happened', tier = 1 WHERE number = 2")
    findings = (await verify_all(database)).findings
    assert [(each.incident, each.kind) for each in findings if "title" in each.sentence] == [("INC-2", "incident")]
    assert findings[0].sentence == "its title is Nothing happened, and by its story Checkout is down"


@pytest.mark.parametrize("instant", ["NULL", "'2027-11-14 03:00:00.000000+00:00'"])
async def test_a_clock_that_would_not_be_asked_when_it_runs_out_is_found(database: Database, instant: str) -> None:
    await tamper(database, f"UPDATE incidents SET next_evaluation_at = {instant} WHERE number = 3")  # noqa: S608
    assert await found_in(database) == [("INC-3", None, "next_evaluation")]


async def test_sealed_stories_need_their_key(database_url: str) -> None:
    sealing = open_database(database_url, audit_key=KEY)
    await live(sealing)
    verdict = await verify_all(sealing)
    await sealing.close()
    assert (verdict.found, verdict.sealed, verdict.key_fits) == (0, verdict.entries, True)

    without = open_database(database_url)
    with pytest.raises(KeyNeeded, match="set TIERLINE_AUDIT_KEY"):
        await verify_all(without)
    await without.close()

    with_another = open_database(database_url, audit_key=OTHER_KEY)
    verdict = await verify_all(with_another)
    await with_another.close()
    assert (verdict.found, verdict.key_fits) == (verdict.entries, False)


async def test_what_was_stored_before_there_was_a_key_stays_verifiable(database_url: str) -> None:
    without = open_database(database_url)
    life = await Life.begun(without)
    await life.opens()
    await without.close()
    sealing = open_database(database_url, audit_key=KEY)
    life.database = sealing
    await life.waits(minutes(10))
    verdict = await verify_all(sealing)
    await sealing.close()
    assert verdict.found == 0
    assert 0 < verdict.sealed < verdict.entries


async def test_who_chains_anew_without_the_key_is_found(database_url: str) -> None:
    """The whole story of an incident, as somebody would store it who knows this program but not the key."""
    sealing = open_database(database_url, audit_key=KEY)
    life = await Life.begun(sealing)
    await life.opens()
    await sealing.close()
    forging = open_database(database_url)
    life.database = forging
    await life.waits(minutes(10))
    await forging.close()
    sealing = open_database(database_url, audit_key=KEY)
    found = await found_in(sealing)
    await sealing.close()
    assert found
    assert {kind for _, _, kind in found} == {"unsealed"}
