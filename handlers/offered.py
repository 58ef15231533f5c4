"""What the button “Open the form” carries: what was typed where no form could be opened."""

import json
from dataclasses import dataclass
from typing import Self

from bot.slack.blocks.mrkdwn import cut, length

VALUE_LIMIT = 2_000
"""Characters that a button can carry."""

ROOM_FOR_THE_REST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """`text` is Slack's own, with its escapes; a very long one is cut, and still stands where it was typed.

    `here` is the incident in whose thread that was, `ts` that of the thread. It gives no right to anything.
    """

    text: str
    ts: str
    here: int | None = None

    def encode(self) -> str:
        room = VALUE_LIMIT - ROOM_FOR_THE_REST
        while True:
            text = cut(self.text, room)
            value = json.dumps({"text": text, "ts": self.ts, "here": self.here}, ensure_ascii=False)
            over = length(value) - VALUE_LIMIT
            if over <= 0:
                return value
            room -= max(over, 1)

    @classmethod
    def decode(cls, value: str) -> Self:
        """Raises `ValueError` for whatever `encode` did not make."""
        try:
            held = json.loads(value)
            here = held["here"]
            return cls(text=str(held["text"]), ts=str(held["ts"]), here=None if here is None else int(here))
        except (LookupError, TypeError, RecursionError) as error:
            raise ValueError("not what a button of ours carries") from error
