"""The versions of the policy. A version is never changed; an incident names the one it was opened under."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.engine import RowMapping

from bot.domain.ids import PolicyVersionId, UserId, WorkspaceId
from storage import tables
from storage.database import Transaction

_versions = tables.policy_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """`document` is the policy file as canonical JSON; `directory` is what its names meant in Slack at that time."""

    id: PolicyVersionId
    document: str
    directory: str


async def add(
    tx: Transaction, workspace_id: WorkspaceId, *, document: str, directory: str, by: UserId, now: datetime
) -> PolicyVersion:
    """The version with this content: the one already there, or a new one."""
    digest = hashlib.sha256(f"{document}\n{directory}".encode()).hexdigest()
    row = (
        (
            await tx.execute(
                select(_versions).where(_versions.c.workspace_id == workspace_id, _versions.c.digest == digest)
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is not None:
        return _version_of(row)
    result = await tx.execute(
        insert(_versions)
        .values(
            workspace_id=workspace_id,
            digest=digest,
            document=document,
            directory=directory,
            applied_at=now,
            applied_by=by,
        )
        .returning(_versions.c.id)
    )
    return PolicyVersion(id=PolicyVersionId(result.scalar_one()), document=document, directory=directory)


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


async def by_id(tx: Transaction, version_id: PolicyVersionId) -> PolicyVersion:
    row = (await tx.execute(select(_versions).where(_versions.c.id == version_id))).mappings().one()
    return _version_of(row)


def _version_of(row: RowMapping) -> PolicyVersion:
    return PolicyVersion(id=row["id"], document=row["document"], directory=row["directory"])
