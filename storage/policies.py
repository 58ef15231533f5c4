"""The versions of the policy. A version is never changed; an incident names the one it was opened under."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import RowMapping

from bot.domain.ids import PolicyVersionId, UserId, WorkspaceId
from storage import tables
from storage.database import Transaction
from storage.upsert import or_nothing

_versions = tables.policy_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """`document` is the policy file as canonical JSON; `directory` is what its names meant in Slack at that time.

    `applied_at` is when it last became the one for new incidents.
    """

    id: PolicyVersionId
    document: str
    directory: str
    applied_at: datetime


_SAME = select(_versions).where(
    _versions.c.workspace_id == bindparam("workspace_id"), _versions.c.digest == bindparam("digest")
)
_ADD = or_nothing(_versions)


async def add(
    tx: Transaction, workspace_id: WorkspaceId, *, document: str, directory: str, by: UserId, now: datetime
) -> PolicyVersion:
    """The version with this content, which is the newest now: the one already there, or a new one."""
    digest = hashlib.sha256(f"{document}\n{directory}".encode()).hexdigest()
    same = {"workspace_id": workspace_id, "digest": digest}
    row = (await tx.execute(_SAME, same)).mappings().one_or_none()
    if row is not None:
        if row["id"] == await newest_id(tx, workspace_id):
            return _version_of(row)
        again = update(_versions).where(_versions.c.id == row["id"]).values(applied_at=now, applied_by=by)
        await tx.execute(again)
        return _version_of((await tx.execute(_SAME, same)).mappings().one())
    new = same | {"document": document, "directory": directory, "applied_at": now, "applied_by": by}
    await tx.execute(_ADD[tx.dialect.name], new)  # another process that starts with the same file may be faster
    return _version_of((await tx.execute(_SAME, same)).mappings().one())


_NEWEST = (
    select(_versions.c.id)
    .where(_versions.c.workspace_id == bindparam("workspace_id"))
    .order_by(_versions.c.applied_at.desc(), _versions.c.id.desc())
    .limit(1)
)


async def newest_id(tx: Transaction, workspace_id: WorkspaceId) -> PolicyVersionId | None:
    """The version that was applied last, which new incidents get."""
    found = await tx.scalar(_NEWEST, {"workspace_id": workspace_id})
    return None if found is None else PolicyVersionId(found)


_NUMBERED = select(_versions).where(
    _versions.c.workspace_id == bindparam("workspace_id"), _versions.c.id == bindparam("id")
)


async def numbered(tx: Transaction, workspace_id: WorkspaceId, version_id: int | None) -> PolicyVersion | None:
    """That version, or the newest for None; None when the workspace does not have it."""
    wanted = await newest_id(tx, workspace_id) if version_id is None else version_id
    row = (await tx.execute(_NUMBERED, {"workspace_id": workspace_id, "id": wanted})).mappings().one_or_none()
    return None if row is None else _version_of(row)


async def newest_of_document(tx: Transaction, workspace_id: WorkspaceId, document: str) -> PolicyVersion | None:
    """The last version made of this very file, whatever its names meant then."""
    row = (
        (
            await tx.execute(
                select(_versions)
                .where(_versions.c.workspace_id == workspace_id, _versions.c.document == document)
                .order_by(_versions.c.id.desc())
                .limit(1)
            )
        )
        .mappings()
        .one_or_none()
    )
    return _version_of(row) if row is not None else None


_BY_ID = select(_versions).where(_versions.c.id == bindparam("id"))


async def by_id(tx: Transaction, version_id: PolicyVersionId) -> PolicyVersion:
    row = (await tx.execute(_BY_ID, {"id": version_id})).mappings().one()
    return _version_of(row)


def _version_of(row: RowMapping) -> PolicyVersion:
    return PolicyVersion(
        id=row["id"], document=row["document"], directory=row["directory"], applied_at=row["applied_at"]
    )
