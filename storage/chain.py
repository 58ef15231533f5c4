"""The hash chain over each story: an entry's digest covers the entry and the digest of the one before.

Whoever edits, removes or inserts a row breaks the chain. With a key only its holder can make digests at all.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
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
    texts = (previous, row["workspace_id"], str(row["incident_id"]), str(row["seq"]), instant_text(row["at"]),
             row["by"], row["kind"], row["fact"])  # fmt: skip
    return digest_of_texts(texts, key)


def digest_of_texts(texts: Iterable[str], key: bytes | None) -> str:
    """Of the digest before and what the entry holds, in that order. Raises `ValueError` for what is no text."""
    content = "\n".join(texts).encode()
    if key is None:
        return hashlib.sha256(content).hexdigest()
    return SEALED + hmac.digest(key, content, "sha256").hex()


def instant_text(at: datetime) -> str:
    """As SQLite keeps it."""
    return at.astimezone(UTC).isoformat(" ", "microseconds")


def audit_key(tx: Transaction) -> bytes | None:
    key: bytes | None = tx.sync_engine.get_execution_options().get(AUDIT_KEY)
    return key
