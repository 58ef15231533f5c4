"""Telling the loops what changed, so that nothing waits for the next second, and nothing is looked for in vain."""

from collections.abc import Callable
from enum import Flag, auto


class News(Flag):
    """What somebody may wait for."""

    INCIDENTS = auto()
    """Something was decided: facts, promises, clocks, what a card shows."""
    MESSAGES = auto()
    """What became of one that was to be sent."""
    CARDS = auto()
    """What became of the edit of one."""
    EVENTS = auto()
    """One that Slack sent was stored."""
    ANY = INCIDENTS | MESSAGES | CARDS | EVENTS


class Signal:
    """Calls whoever subscribed. A lost call costs a second, never a promise: the loops look by themselves too."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Callable[[], None], News]] = []

    def subscribe(self, listener: Callable[[], None], *, to: News = News.ANY) -> None:
        self._listeners.append((listener, to))

    def __call__(self, news: News = News.ANY) -> None:
        for listener, wanted in self._listeners:
            if wanted & news:
                listener()
