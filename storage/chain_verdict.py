"""The chain's verdict on a story as it is found in the database, which may hold anything."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bot.domain.ids import IncidentId, WorkspaceId
from storage.chain import SEALED, digest_of_texts, instant_text


class Flaw(StrEnum):
    """What the chain finds in a story."""

    UNREADABLE = "unreadable"
    """The entry holds what nobody could have stored."""
    MISSING = "missing"
    """The number is followed by a later one, or by nothing though the incident counts more."""
    SURPLUS = "surplus"
    """The incident does not count it."""
    CHANGED = "changed"
    """The digest does not fit the entry and the one before."""
    BACK_IN_TIME = "back_in_time"
    """It is older than the one before."""
    UNSEALED = "unsealed"
    """It was stored without the key though others were sealed before."""
    LAST_DIGEST = "last_digest"
    """The incident remembers another digest than its last entry has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    seq: int
    flaw: Flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """An incident as the chain sees it."""

    id: IncidentId
    workspace_id: WorkspaceId
    number: int
    last_seq: int
    last_digest: str


class Entry(NamedTuple):
    """A row of the timeline as the driver gives it, which may be anything."""

    incident_id: int
    seq: int
    workspace_id: Any
    at: Any
    by: Any
    kind: Any
    fact: Any
    digest: Any


def damages(
    head: Head, story: Sequence[Entry], *, key: bytes | None, sealed_since: datetime | None
) -> Iterator[Damage]:
    """What is wrong with the chain. A wrong entry is told once: the next is held against the digest that is there.

    Sealed entries can be told only with the key.
    """
    first_sealed_at = None if sealed_since is None else instant_text(sealed_since)
    previous, last, before = "", 0, ""
    for entry in story:
        if entry.seq != last + 1:
            yield from _gone(last + 1, entry.seq)
        follows, last = entry.seq == last + 1, entry.seq
        texts = _texts(entry)
        if texts is None:
            yield Damage(seq=last, flaw=Flaw.UNREADABLE)
            previous = _as_text(entry.digest) or ""
            continue
        at, digest = texts[3], texts[-1]
        sealed = digest.startswith(SEALED)
        if last > head.last_seq:
            yield Damage(seq=last, flaw=Flaw.SURPLUS)
        if follows and digest != digest_of_texts((previous, *texts[:-1]), key if sealed else None):
            yield Damage(seq=last, flaw=Flaw.CHANGED)
        if at < before:
            yield Damage(seq=last, flaw=Flaw.BACK_IN_TIME)
        if not sealed and (previous.startswith(SEALED) or (first_sealed_at is not None and at > first_sealed_at)):
            yield Damage(seq=last, flaw=Flaw.UNSEALED)
        previous, before = digest, at
    if last < head.last_seq:
        yield from _gone(last + 1, head.last_seq + 1)
    elif previous != head.last_digest:
        yield Damage(seq=last, flaw=Flaw.LAST_DIGEST)


MOST_GONE = 100
"""So many missing entries in a row are told one by one: a number that was changed may be any."""


def _gone(first: int, end: int) -> Iterator[Damage]:
    for seq in range(first, min(end, first + MOST_GONE)):
        yield Damage(seq=seq, flaw=Flaw.MISSING)


def readable(entry: Entry) -> dict[str, Any]:
    """The entry as it was stored. Raises `ValueError` when it cannot have been stored so."""
    texts = _texts(entry)
    if texts is None:
        raise ValueError(f"entry {entry.seq} is not what was stored")
    _, _, _, at, by, kind, fact, digest = texts
    return {"seq": entry.seq, "at": datetime.fromisoformat(at), "by": by, "kind": kind, "fact": fact, "digest": digest}


INSTANT = re.compile(r"\d{4}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d\.\d{6}\+00:00", re.ASCII)
"""What SQLite keeps, which sorts as the instants do."""


def _texts(entry: Entry) -> tuple[str, str, str, str, str, str, str, str] | None:
    """In the order of the digest, which comes last; None when one is none."""
    incident_id, seq, workspace_id, at, by, kind, fact, digest = entry
    if isinstance(at, datetime):
        at = instant_text(at)
    elif isinstance(at, bytes):
        workspace_id, at, by, kind, fact, digest = (
            _as_text(each) for each in (workspace_id, at, by, kind, fact, digest)
        )
    try:
        if INSTANT.fullmatch(at) and (workspace_id + by + kind + fact + digest) is not None:
            return workspace_id, str(incident_id), str(seq), at, by, kind, fact, digest
    except TypeError:
        pass
    return None


def is_sealed(entry: Entry) -> bool:
    return (_as_text(entry.digest) or "").startswith(SEALED)


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    try:
        return str(value, "utf-8") if isinstance(value, bytes) else None
    except UnicodeDecodeError:
        return None
