"""A Slack in memory: what is in its channels and how it got there."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.faults.chance import Chance

READABLE_AFTER: Final = 0.5
"""A message is in the history so long after it was stored."""


@dataclass(slots=True, kw_only=True)
class Message:
    ts: str
    channel: str
    key: str
    text: str
    blocks: Sequence[Any]
    thread_ts: str | None
    stored_at: float


@dataclass(slots=True)
class FakeSlack:
    """What is in the channels now, and how often there ever was a message with a key."""

    start: datetime
    chance: Chance
    messages: list[Message] = field(default_factory=list)
    ever: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    late: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How often a message with a key may have come after the quiet period."""
    in_doubt: set[str] = field(default_factory=set)
    """Keys of posts of which the sender does not know what became."""
    edit_failed: dict[tuple[str, str], bool] = field(default_factory=dict)
    archived_until: dict[str, float] = field(default_factory=dict)
    away_until: float = 0.0
    _landing: "set[asyncio.Task[None]]" = field(default_factory=set)
    _last_ts: int = 0

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def store(self, asked: dict[str, Any]) -> str:
        """By Slack's own clock, and no two messages at the same microsecond. Returns the `ts`."""
        self._last_ts = max(self._last_ts + 1, int((self.start.timestamp() + self.now()) * 1_000_000))
        message = Message(
            ts=f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}",
            channel=asked["channel"],
            key=asked["metadata"]["event_payload"]["key"],
            text=asked["text"],
            blocks=asked["blocks"],
            thread_ts=asked["thread_ts"],
            stored_at=self.now(),
        )
        self.messages.append(message)
        self.ever[message.key] += 1
        self.chance.tell(f"  Slack has {message.key} in {message.channel} as {message.ts}")
        return message.ts

    def change(self, asked: dict[str, Any]) -> bool:
        """Whether there is such a message."""
        message = self.message(asked["channel"], asked["ts"])
        if message is not None:
            message.text, message.blocks = asked["text"], asked["blocks"]
        return message is not None

    def remove(self, asked: dict[str, Any]) -> bool:
        message = self.message(asked["channel"], asked["ts"])
        if message is not None:
            self.messages.remove(message)
            self.chance.tell(f"  Slack removes {message.key} in {message.channel}, {message.ts}")
        return message is not None

    def message(self, channel: str, ts: str) -> Message | None:
        return next((each for each in self.messages if (each.channel, each.ts) == (channel, ts)), None)

    def readable(self, channel: str, oldest: float, thread_ts: str | None) -> Sequence[Message]:
        """The newest first in a channel, the oldest first in a thread, which begins with its parent."""
        found = [
            each
            for each in self.messages
            if each.channel == channel
            and float(each.ts) >= oldest
            and each.stored_at + READABLE_AFTER <= self.now()
            and (each.thread_ts is None if thread_ts is None else thread_ts in (each.thread_ts, each.ts))
        ]
        return found if thread_ts is not None else found[::-1]

    def lands_later(self, after: float, effect: Callable[[dict[str, Any]], object], asked: dict[str, Any]) -> None:
        """The effect of a request that its sender has given up."""

        async def land() -> None:
            await asyncio.sleep(after)
            effect(asked)

        task = asyncio.ensure_future(land())
        self._landing.add(task)
        task.add_done_callback(self._landing.discard)

    @property
    def is_away(self) -> bool:
        return self.now() < self.away_until

    def is_archived(self, channel: str) -> bool:
        return self.now() < self.archived_until.get(channel, 0.0)
