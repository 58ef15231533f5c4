"""Slack's rate limits by the playground's clock: one post a second and channel, and the tiers per method."""

from collections import deque
from datetime import datetime, timedelta
from math import ceil

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
HUNDREDS = 600
"""The "hundreds per minute" of methods with a special limit."""


class RateLimits:
    """Windows per method and per channel. A refused call does not count."""

    def __init__(self, *, enforced: bool) -> None:
        self.enforced = enforced
        self._calls: dict[str, deque[datetime]] = {}
        self._posts: dict[str, datetime] = {}

    def take_call(self, method: str, per_minute: int | None, now: datetime) -> int | None:
        """Counts a call; the seconds to wait instead when the last minute's calls used up the tier."""
        if not self.enforced or per_minute is None:
            return None
        calls = self._calls.setdefault(method, deque())
        while calls and not timedelta(0) <= now - calls[0] < _MINUTE:
            calls.popleft()
        if len(calls) >= per_minute:
            return ceil((calls[0] + _MINUTE - now).total_seconds())
        calls.append(now)
        return None

    def take_post(self, channel: str, now: datetime) -> int | None:
        """Counts a post into a channel; the seconds to wait instead when the last one was under a second ago."""
        if not self.enforced:
            return None
        last = self._posts.get(channel)
        if last is not None and timedelta(0) <= now - last < _SECOND:
            return ceil((last + _SECOND - now).total_seconds())
        self._posts[channel] = now
        return None
