"""The only holder of Apprise: other ways than Slack to reach people, by addresses that are secrets."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.delivery import Delivered, Outcome, Refused, Unreached

PATIENCE = timedelta(seconds=30)
"""Longer than Apprise's own four seconds to connect and four to read, for a conversation of several steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One way to reach people. `names` are those by which a policy can choose it; whoever knows the url can use it."""

    url: str = field(repr=False)
    names: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The same after every start, and tells nothing of the url."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def way(self) -> str:
        """The kind of service, such as `mailto` or `json`."""
        return self.url.partition("://")[0].lower()


class Notifier:
    """Sends letters. One that is tried again may arrive twice: there is nothing to look it up by."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = {address.id: address for address in addresses}

    def chosen(self, name: str | None) -> Sequence[Address]:
        """Those of that name; all of them when there is none, since somebody has to hear."""
        named = [address for address in self._addresses.values() if name in address.names]
        return named or list(self._addresses.values())

    def way_of(self, address_id: str) -> str:
        address = self._addresses.get(address_id)
        return address.way if address is not None else "an address that is no longer set"

    async def send(self, address_id: str, *, subject: str, body: str) -> Outcome:
        """`Unreached` when the service did not take it, `Refused` when the address is no longer set."""
        address = self._addresses.get(address_id)
        if address is None:
            return Refused("this address is no longer in TIERLINE_FALLBACK_URLS")
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                taken = await _notified(address.url, subject, body)
        except TimeoutError:
            return Unreached("no answer in time")
        return Delivered("") if taken else Unreached("not taken")


def unknown_to_apprise(addresses: Sequence[Address]) -> Sequence[int]:
    """The places, from 1, of the addresses that Apprise does not understand."""
    from apprise import Apprise

    return [place for place, address in enumerate(addresses, start=1) if not Apprise().add(address.url)]


async def _notified(url: str, subject: str, body: str) -> bool:
    from apprise import Apprise, NotifyFormat

    apprise = Apprise()
    apprise.add(url)
    return bool(await apprise.async_notify(body=body, title=subject, body_format=NotifyFormat.TEXT))
