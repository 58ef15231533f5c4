"""What the form that opens an incident carries to its answer. It gives no right to anything."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

from bot.domain.ids import ChannelId
from bot.domain.origin import Origin
from handlers import causes

_TS = re.compile(r"[0-9]{1,10}\.[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`channel` is where its answer is said. What is similar is shown once, and then `similar_shown`. It was begun at
    a message when `thread_ts` is given: that of the thread in the channel which hears what came of it.

    `cause` names the command that said everything already: command and form together open one incident at most.
    """

    channel: ChannelId | None = None
    similar_shown: bool = False
    cause: str | None = None
    thread_ts: str | None = None

    @property
    def origin(self) -> Origin | None:
        if self.channel is None or self.thread_ts is None:
            return None
        return Origin(channel=self.channel, ts=self.thread_ts)

    def encode(self) -> str:
        held: dict[str, Any] = {"channel": self.channel}
        if self.similar_shown:
            held["similar_shown"] = True
        if self.cause is not None:
            held["cause"] = self.cause
        if self.thread_ts is not None:
            held["thread_ts"] = self.thread_ts
        return json.dumps(held)

    @classmethod
    def decode(cls, metadata: str) -> Self:
        """Empty when it cannot be read, as in a form that an older version opened: what was typed into it counts."""
        try:
            held = json.loads(metadata)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(held, dict):
            return cls()
        channel, cause, thread_ts = held.get("channel"), held.get("cause"), held.get("thread_ts")
        return cls(
            channel=ChannelId(channel) if isinstance(channel, str) and channel else None,
            similar_shown=held.get("similar_shown") is True,
            cause=cause if isinstance(cause, str) and causes.is_one(cause) else None,
            thread_ts=thread_ts if isinstance(thread_ts, str) and _TS.fullmatch(thread_ts) else None,
        )
