"""What Slack lends an app for a while: trigger ids (3 seconds, once) and response urls (30 minutes, 5 uses)."""

import hashlib
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from .model import Clock, Message

TRIGGER_LIFETIME = timedelta(seconds=3)
RESPONSE_URL_LIFETIME = timedelta(minutes=30)
RESPONSE_URL_USES = 5
_KEPT = 10_000


def lifetime(of: timedelta, clock: Clock) -> timedelta:
    """On a clock that runs faster than real time, people and networks still take their real seconds."""
    return of * max(1.0, float(getattr(clock, "speed", 1.0)))


@dataclass(slots=True, kw_only=True)
class Trigger:
    user: str
    expires_at: datetime
    used: bool = False


class Triggers:
    def __init__(self, clock: Clock, ids: "Ids") -> None:
        self._clock = clock
        self._ids = ids
        self._known: dict[str, Trigger] = {}
        self._order: deque[str] = deque()

    def issue(self, user: str) -> str:
        trigger_id = self._ids.trigger()
        expires_at = self._clock.now() + lifetime(TRIGGER_LIFETIME, self._clock)
        self._known[trigger_id] = Trigger(user=user, expires_at=expires_at)
        self._order.append(trigger_id)
        if len(self._order) > _KEPT:
            del self._known[self._order.popleft()]
        return trigger_id

    def find(self, trigger_id: str) -> Trigger | None:
        return self._known.get(trigger_id)

    def is_expired(self, trigger: Trigger) -> bool:
        return self._clock.now() >= trigger.expires_at


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Where an app may still answer an interaction, and what that interaction was about."""

    channel: str
    user: str
    expires_at: datetime
    source: Message | None = None
    """The message whose button was clicked."""
    posted: Message | None = None
    """The last message posted through this url."""
    uses: int = 0


class ResponseUrls:
    def __init__(self, clock: Clock, ids: "Ids") -> None:
        self._clock = clock
        self._ids = ids
        self._known: dict[str, ResponseUrl] = {}
        self._order: deque[str] = deque()

    def issue(self, channel: str, user: str, source: Message | None = None) -> tuple[str, ResponseUrl]:
        """A new response url and its path."""
        path = f"/response/{self._ids.opaque('response')}"
        expires_at = self._clock.now() + lifetime(RESPONSE_URL_LIFETIME, self._clock)
        url = ResponseUrl(channel=channel, user=user, expires_at=expires_at, source=source)
        self._known[path] = url
        self._order.append(path)
        if len(self._order) > _KEPT:
            del self._known[self._order.popleft()]
        return path, url

    def use(self, path: str) -> ResponseUrl | str:
        """Counts a use; Slack's error string when the url may not be used (any more)."""
        url = self._known.get(path)
        if url is None:
            return "no_service"
        if self._clock.now() >= url.expires_at:
            return "expired_url"
        if url.uses >= RESPONSE_URL_USES:
            return "used_url"
        url.uses += 1
        return url


class Ids:
    """Ids that look like Slack's and are the same in every run."""

    def __init__(self) -> None:
        self._count = count(1)

    def opaque(self, kind: str) -> str:
        return hashlib.sha256(f"{kind}/{next(self._count)}".encode()).hexdigest()[:24]

    def trigger(self) -> str:
        number = next(self._count)
        return f"{number:013d}.{number * 7919:012d}.{self.opaque('trigger')}"

    def numbered(self, prefix: str) -> str:
        """An id such as `V0000000ABC`: the prefix and upper case digits."""
        return f"{prefix}{self.opaque(prefix)[:10].upper()}"

    def block(self) -> str:
        return self.opaque("block")[:5]

    def envelope(self) -> str:
        hexadecimal = self.opaque("envelope") + self.opaque("envelope")
        return "-".join(hexadecimal[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
