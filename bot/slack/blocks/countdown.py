"""How far away an instant is, in words that stay about true until the page is drawn again."""

from datetime import datetime, timedelta

EXACT = timedelta(minutes=15)
"""So near every minute counts, and whoever shows it draws it anew every minute."""

_ROUNDED = timedelta(minutes=5)
_IN_HOURS = timedelta(hours=2)
_IN_DAYS = timedelta(days=2)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def away(at: datetime, now: datetime) -> str:
    """`in 4 min`, `in about 3 h`, `3 min ago`, as of `now`."""
    if at > now:
        return f"in {_about(at - now)}"
    return "just now" if now - at < _MINUTE else f"{_about(now - at)} ago"


def _about(span: timedelta) -> str:
    if span < _MINUTE:
        return "less than a minute"
    if span < EXACT:
        return f"{span // _MINUTE} min"
    if span < _IN_HOURS:
        return f"about {_clock(span // _ROUNDED * _ROUNDED)}"
    return f"about {span // _HOUR} h" if span < _IN_DAYS else f"about {span // _DAY} days"


def _clock(span: timedelta) -> str:
    hours, minutes = divmod(span // _MINUTE, 60)
    return " ".join(filter(None, [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]))
