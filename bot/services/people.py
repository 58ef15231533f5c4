"""Who people are: their names, asked of Slack once and kept for a while, never on the way of a click."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.domain.ids import UserId

FRESH_FOR = timedelta(hours=12)
PATIENCE = timedelta(seconds=2)
"""In real time; the lease of the message that waits is 12 s."""


class Registry(Protocol):
    async def name_of(self, user: UserId) -> str | None:
        """The name a person goes by; None when Slack does not say."""
        ...


class Names:
    """A cache: what it forgets is asked again, and what Slack does not say is left out."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._known: dict[UserId, tuple[str, datetime]] = {}

    async def of(self, users: Sequence[UserId]) -> Mapping[UserId, str]:
        """The names that are known, or that Slack says within a moment: no page waits for the rest."""
        if not users:
            return {}
        look_ups = {asyncio.ensure_future(self._name(user)): user for user in users}
        done, late = await asyncio.wait(look_ups, timeout=PATIENCE.total_seconds())
        for look_up in late:
            look_up.cancel()
        names = {look_ups[look_up]: look_up.result() for look_up in done}
        return {user: name for user, name in names.items() if name is not None}

    async def _name(self, user: UserId) -> str | None:
        now = self._clock.now()
        known = self._known.get(user)
        if known is not None and known[1] > now:
            return known[0]
        name = await self._registry.name_of(user)
        if name is None:
            return known[0] if known is not None else None
        self._known[user] = (name, now + FRESH_FOR)
        return name
