"""Telling the loops that something changed, so that nothing waits for the next second."""

from collections.abc import Callable


class Signal:
    """Calls whoever subscribed. A lost call costs a second, never a promise: the loops look by themselves too."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def __call__(self) -> None:
        for listener in self._listeners:
            listener()
