"""How far away an instant is, in words that stay about true until the page is drawn again."""

from datetime import datetime, timedelta

from bot.catalogue import t

EXACT = timedelta(minutes=15)
"""So near every minute counts, and whoever shows it draws it anew every minute."""

_ROUNDED = timedelta(minutes=5)
_IN_HOURS = timedelta(hours=2)
_IN_DAYS = timedelta(days=2)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def away(at: datetime, now: datetime) -> str:
    """`in 4 min`, `in about 3 h`, `3 min ago`, as of `now`."""
    if at > now:
        return t("in {about}", about=_about(at - now))
    return t("just now") if now - at < _MINUTE else t("{about} ago", about=_about(now - at))


def _about(span: timedelta) -> str:
    if span < _MINUTE:
        return t("less than a minute")
    if span < EXACT:
        return t("{span} min", span=span // _MINUTE)
    if span < _IN_HOURS:
        return t("about {clock}", clock=_clock(span // _ROUNDED * _ROUNDED))
    return t("about {span} h", span=span // _HOUR) if span < _IN_DAYS else t("about {span} days", span=span // _DAY)


def _clock(span: timedelta) -> str:
    hours, minutes = divmod(span // _MINUTE, 60)
    return " ".join(
        filter(None, [f"{hours} h" if hours else "", t("{minutes} min", minutes=minutes) if minutes else ""])
    )
