"""The last good copy of each calendar that says who is on call. Of its address, which is a secret, only a digest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.ids import PolicyVersionId, WorkspaceId
from bot.domain.on_call import Shift
from storage import tables
from storage.database import Transaction

_feeds = tables.on_call_feeds
_incidents = tables.incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCopy:
    """What is known of a calendar: its shifts when it was last read, and the failure to read it again since."""

    shifts: tuple[Shift, ...] = ()
    fetched_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None


async def copies(tx: Transaction, workspace_id: WorkspaceId) -> Mapping[str, FeedCopy]:
    """All of them, by the digest of their address."""
    rows = await tx.execute(select(_feeds).where(_feeds.c.workspace_id == workspace_id))
    return {
        row["url_digest"]: FeedCopy(
            shifts=_shifts_of(row["shifts"]),
            fetched_at=row["fetched_at"],
            failed_at=row["failed_at"],
            error=row["error"],
        )
        for row in rows.mappings()
    }


async def keep_copy(
    tx: Transaction, workspace_id: WorkspaceId, digest: str, shifts: Sequence[Shift], *, now: datetime
) -> None:
    """In place of the one before it; no failure stands against it."""
    await _put(
        tx, workspace_id, digest, {"shifts": _text_of(shifts), "fetched_at": now, "failed_at": None, "error": None}
    )


async def keep_failure(tx: Transaction, workspace_id: WorkspaceId, digest: str, error: str, *, now: datetime) -> None:
    """Beside the last good copy, which stays."""
    await _put(tx, workspace_id, digest, {"failed_at": now, "error": error})


_VERSIONS_IN_USE = (
    select(_incidents.c.policy_version_id)
    .where(_incidents.c.workspace_id == bindparam("workspace_id"), tables.unresolved)
    .distinct()
    .order_by(_incidents.c.policy_version_id)
)


async def versions_in_use(tx: Transaction, workspace_id: WorkspaceId) -> Sequence[PolicyVersionId]:
    """The versions of the policy under which incidents are still going on."""
    found = await tx.scalars(_VERSIONS_IN_USE, {"workspace_id": workspace_id})
    return [PolicyVersionId(version_id) for version_id in found]


async def _put(tx: Transaction, workspace_id: WorkspaceId, digest: str, values: Mapping[str, Any]) -> None:
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    await tx.execute(
        dialect.insert(_feeds)
        .values(workspace_id=workspace_id, url_digest=digest, **values)
        .on_conflict_do_update(index_elements=["workspace_id", "url_digest"], set_=dict(values))
    )


def _text_of(shifts: Sequence[Shift]) -> str:
    rows = [[shift.start.isoformat(), shift.end.isoformat(), shift.who] for shift in shifts]
    return json.dumps(rows, ensure_ascii=False)


def _shifts_of(text: str | None) -> tuple[Shift, ...]:
    rows = json.loads(text) if text is not None else ()
    return tuple(
        Shift(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end), who=who) for start, end, who in rows
    )
