"""Policies: what the file's names mean in Slack, the versions kept of it, and the one that new incidents get."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.ids import THE_BOT, ChannelId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.policy import Mention, MentionKind, Policy
from bot.policy_file import Directory, PolicyDocument, PolicyFileError, to_policy, unresolved
from storage import incidents, policies
from storage.database import Database, Transaction
from storage.policies import PolicyVersion

log = structlog.get_logger()

LOOKED_EVERY = timedelta(seconds=10)
"""So soon a running bot has a policy that was applied beside it."""


class Lookup(Protocol):
    """Who and what there is in the workspace."""

    async def channels(self) -> Mapping[str, ChannelId]: ...

    async def users(self) -> Mapping[str, UserId]: ...

    async def user_groups(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentPolicy:
    version_id: PolicyVersionId
    policy: Policy


class PolicyBook:
    """The policy versions in memory. They never change, so a copy is as good as the row."""

    def __init__(self, current: CurrentPolicy) -> None:
        self._current = current
        self._known: dict[PolicyVersionId, Policy] = {current.version_id: current.policy}

    @property
    def current(self) -> CurrentPolicy:
        return self._current

    @property
    def known(self) -> Collection[Policy]:
        """Those that an incident was asked about, and the current one."""
        return self._known.values()

    async def of(self, tx: Transaction, version_id: PolicyVersionId) -> Policy:
        """The policy that an incident was opened under."""
        if version_id not in self._known:
            self._known[version_id] = policy_of(await policies.by_id(tx, version_id))
        return self._known[version_id]

    async def refresh(self, tx: Transaction, workspace_id: WorkspaceId) -> bool:
        """Takes the version that was applied last for new incidents; whether it is another one than before."""
        newest = await policies.newest_id(tx, workspace_id)
        if newest is None or newest == self._current.version_id:
            return False
        self._current = CurrentPolicy(version_id=newest, policy=await self.of(tx, newest))
        return True


class PolicyWatch:
    """Keeps the book at the version that was applied last, by whatever process."""

    def __init__(self, database: Database, workspace_id: WorkspaceId, book: PolicyBook, clock: Clock) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._clock = clock
        self._look_at: datetime | None = None

    async def __call__(self) -> datetime | None:
        now = self._clock.now()
        if self._look_at is None or self._look_at <= now:
            async with self._database.read() as tx:
                changed = await self._book.refresh(tx, self._workspace_id)
            if changed:
                log.info("policy.taken_up", version=self._book.current.version_id)
            self._look_at = now + LOOKED_EVERY
        return self._look_at


async def look_up(document: PolicyDocument, lookup: Lookup, *, today: date) -> Directory:
    """What the names of the file mean in Slack now, and its holidays; names that mean nothing are left out."""
    names = document.names()
    channels = await lookup.channels()
    found = {name: channels[name.removeprefix("#")] for name in names.channels if name.removeprefix("#") in channels}
    people = await _look_up_people(names.people, lookup)
    return Directory(channels=found, people=people, holidays=document.holidays(today))


async def _look_up_people(names: Collection[str], lookup: Lookup) -> Mapping[str, Mention]:
    """User groups first: a workspace has a few of them, and may have tens of thousands of users."""
    found: dict[str, Mention] = {}
    for look, kind in ((lookup.user_groups, MentionKind.USER_GROUP), (lookup.users, MentionKind.USER)):
        missing = [name for name in names if name not in found]
        ids = await look() if missing else {}
        for name in missing:
            handle = name.removeprefix("@")
            if handle in ids:
                found[name] = Mention(kind=kind, slack_id=ids[handle], name=handle)
    return found


async def adopt(
    database: Database,
    workspace_id: WorkspaceId,
    document: PolicyDocument,
    directory: Directory,
    *,
    now: datetime,
) -> PolicyBook:
    """The book whose current policy is this file.

    A name that Slack does not know any more does not stop a bot that ran with this very file before: it goes on
    with what the names meant then. Raises `PolicyFileError` when there is no such version.
    """
    problems = unresolved(document, directory)
    async with database.write() as tx:
        await incidents.make_workspace(tx, workspace_id)
        if problems:
            version = await policies.newest_of_document(tx, workspace_id, document.canonical_json())
            if version is None:
                raise PolicyFileError(problems)
            log.warning("policy.names_unknown", problems=list(problems), version=version.id)
            content = (version.document, version.directory)
        else:
            content = (document.canonical_json(), directory.to_json())
        version = await policies.add(tx, workspace_id, document=content[0], directory=content[1], by=THE_BOT, now=now)
    return PolicyBook(CurrentPolicy(version_id=version.id, policy=policy_of(version)))


def policy_of(version: PolicyVersion) -> Policy:
    return to_policy(PolicyDocument.from_json(version.document), Directory.from_json(version.directory))
