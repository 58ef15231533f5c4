"""Slack's pace as our own budget: a post a second and channel, so many edits a minute, the rests it asked for."""

from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId

POST_EVERY = timedelta(seconds=1)
"""Slack: about one chat.postMessage a second and channel."""

EDITS = 45
EDIT_WINDOW = timedelta(minutes=1)
"""Slack: chat.update is a tier 3 method, 50 a minute and workspace; a few are left for others."""

EDIT_SAME_CARD_EVERY = timedelta(seconds=1)


class Pace:
    """What may be sent when. In memory: forgetting it costs at most one refusal, which is then honoured."""

    def __init__(self) -> None:
        self._post_at: dict[ChannelId, datetime] = {}
        self._in_flight: set[ChannelId] = set()
        self._posts_rest_until: datetime | None = None
        self._edits_rest_until: datetime | None = None
        self._edits: deque[datetime] = deque()

    def may_post(self, now: datetime) -> bool:
        return self._posts_rest_until is None or self._posts_rest_until <= now

    def resting(self, now: datetime) -> Collection[ChannelId]:
        """The channels that take no post now: one is on its way, or the last was less than a second ago."""
        self._post_at = {channel: at for channel, at in self._post_at.items() if at > now}
        return self._in_flight | self._post_at.keys()

    def post_started(self, channel: ChannelId) -> None:
        self._in_flight.add(channel)

    def post_ended(self, channel: ChannelId, now: datetime, *, posted: bool) -> None:
        """The second counts from the answer: Slack had stored the message by then, however long the way took."""
        self._in_flight.discard(channel)
        if posted:
            self._post_at[channel] = now + POST_EVERY

    def posts_rest(self, until: datetime) -> None:
        """Two posts may be refused at once; the longer pause counts."""
        self._posts_rest_until = max(until, self._posts_rest_until or until)

    def free_at(self, channel: ChannelId, now: datetime) -> datetime | None:
        """When the channel takes the next post; None while one is on its way."""
        if channel in self._in_flight:
            return None
        return max(self._post_at.get(channel, now), self._posts_rest_until or now, now)

    def edits_left(self, now: datetime) -> int:
        if self._edits_rest_until is not None and self._edits_rest_until > now:
            return 0
        while self._edits and self._edits[0] <= now - EDIT_WINDOW:
            self._edits.popleft()
        return EDITS - len(self._edits)

    def edited(self, now: datetime) -> None:
        self._edits.append(now)

    def edits_rest(self, until: datetime) -> None:
        self._edits_rest_until = max(until, self._edits_rest_until or until)

    def edits_free_at(self, now: datetime) -> datetime:
        if self._edits_rest_until is not None and self._edits_rest_until > now:
            return self._edits_rest_until
        return now if self.edits_left(now) > 0 else self._edits[0] + EDIT_WINDOW
