"""Who is in which user group: asked of Slack in the background, so that a click that needs it waits for nothing."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.ids import UserId
from bot.domain.policy import MentionKind, Policy
from bot.services.policies import PolicyBook
from bot.slack.calls import SlackUnavailable

log = structlog.get_logger()

FRESH_FOR = timedelta(minutes=5)


class GroupReader(Protocol):
    async def members_of(self, group: str) -> Collection[UserId]:
        """Raises `SlackUnavailable`."""
        ...


class Memberships:
    """What Slack said last; a group of which it never said anything has nobody."""

    def __init__(self, reader: GroupReader, book: PolicyBook, clock: Clock) -> None:
        self._reader = reader
        self._book = book
        self._clock = clock
        self._members: dict[str, frozenset[UserId]] = {}
        self._asked: frozenset[str] = frozenset()
        self._next_at: datetime | None = None

    @property
    def members(self) -> Mapping[str, Collection[UserId]]:
        """Of each group that Slack spoke of."""
        return self._members

    def groups_of(self, user: UserId) -> Collection[str]:
        return [group for group, members in self._members.items() if user in members]

    async def __call__(self) -> datetime | None:
        """Asks anew when it is time or a group came in; returns when to ask again.

        What Slack does not say now stays as it was.
        """
        groups = frozenset(group for policy in self._book.known for group in _groups(policy))
        now = self._clock.now()
        if self._next_at is None or self._next_at <= now or not groups <= self._asked:
            for group in sorted(groups):
                await self._ask(group)
            self._asked, self._next_at = groups, now + FRESH_FOR
        return self._next_at

    async def _ask(self, group: str) -> None:
        try:
            self._members[group] = frozenset(await self._reader.members_of(group))
        except SlackUnavailable as error:
            log.warning("memberships.not_read", group=group, reason=str(error))


def _groups(policy: Policy) -> Iterator[str]:
    escalations = policy.services.values()
    of_tiers = (person for escalation in escalations for tier in escalation.tiers for person in tier.everyone)
    managers = (manager for escalation in escalations for manager in escalation.managers)
    for mention in (*of_tiers, *managers, *policy.admins):
        if mention.kind is MentionKind.USER_GROUP:
            yield mention.slack_id
