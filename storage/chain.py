"""The hash chain over each story: an entry's digest covers the entry and the digest of the one before.

Whoever edits, removes or inserts a row breaks the chain. With a key only its holder can make digests at all.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from storage.database import AUDIT_KEY, Transaction

SEALED = "hmac:"
"""What a digest made with a key begins with: entries of before there was one stay verifiable."""


def chained(tx: Transaction, rows: list[dict[str, Any]], previous: str) -> str:
    """Gives rows of the timeline, in order, their digests; returns the last one."""
    key = audit_key(tx)
    for row in rows:
        previous = row["digest"] = digest_of(row, previous, key)
    return previous


def digest_of(row: Mapping[str, Any], previous: str, key: bytes | None) -> str:
    content = "\n".join(_parts(row, previous)).encode()
    if key is None:
        return hashlib.sha256(content).hexdigest()
    return SEALED + hmac.digest(key, content, "sha256").hex()


def audit_key(tx: Transaction) -> bytes | None:
    key: bytes | None = tx.sync_engine.get_execution_options().get(AUDIT_KEY)
    return key


def _parts(row: Mapping[str, Any], previous: str) -> Iterator[str]:
    at: datetime = row["at"]
    yield previous
    yield row["workspace_id"]
    yield str(row["incident_id"])
    yield str(row["seq"])
    yield at.astimezone(UTC).isoformat(" ", "microseconds")
    yield row["by"]
    yield row["kind"]
    yield row["fact"]
