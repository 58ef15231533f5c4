"""Slack's message timestamps: `<unix seconds>.<6 digits>`, unique and increasing."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Timestamps:
    """Hands out timestamps that never repeat and never go back, even when the clock stands still or does."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: datetime) -> str:
        self._last = max(self._last + 1, (now - _EPOCH) // _MICROSECOND)
        return render(self._last)


def render(microseconds: int) -> str:
    return f"{microseconds // 1_000_000:010d}.{microseconds % 1_000_000:06d}"


def unix_seconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(seconds=1)


def normalise(given: str) -> str:
    """A timestamp as a caller may write it ("0", "1700000000", "1700000000.5"), comparable as a string.

    Raises ValueError for anything else.
    """
    whole, _, fraction = given.strip().partition(".")
    if not whole.isdecimal() or (fraction and not fraction.isdecimal()):
        raise ValueError(f"not a timestamp: {given!r}")
    return f"{int(whole):010d}.{fraction[:6]:0<6}"
