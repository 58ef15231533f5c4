"""Who sends what is not Slack's: an address is heard less and less, and nobody may take his time."""

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

AT_ONCE = 100
A_SECOND = 50
"""Behind a load balancer everybody has its address, so it takes much to be turned away. What Slack signed costs
nothing: only a flood of strangers over the same address can be in its way, and only while it lasts."""

ADDRESSES_KEPT = 10_000
HEADERS_WITHIN_SECONDS = 5


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Patience:
    """A bucket of tokens for each address: refused requests take one, and time gives them back.

    `monotonic` counts seconds. Of very many addresses those that were not heard for longest are forgotten.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def is_out(self, address: str) -> bool:
        bucket = self._buckets.get(_network(address))
        return bucket is not None and self._filled(bucket) < 1

    def tried(self, address: str) -> None:
        """What it sent was refused."""
        network = _network(address)
        bucket = self._buckets.setdefault(network, _Bucket(tokens=AT_ONCE, filled_at=self._monotonic()))
        self._buckets.move_to_end(network)
        bucket.tokens = max(0.0, self._filled(bucket) - 1)
        if len(self._buckets) > ADDRESSES_KEPT:
            self._buckets.popitem(last=False)

    def _filled(self, bucket: _Bucket) -> float:
        now = self._monotonic()
        bucket.tokens = min(AT_ONCE, bucket.tokens + (now - bucket.filled_at) * A_SECOND)
        bucket.filled_at = now
        return bucket.tokens


def _network(address: str) -> str:
    """Of an IPv6 address its /64: whoever has one address there has all of them."""
    if ":" not in address:
        return address[:64]
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address[:64]


class PatientProtocol(H11Protocol):
    """uvicorn's own, which waits for the end of a request's headers for a while only."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._limit: asyncio.TimerHandle | None = None
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._stop_watching()
        super().on_response_complete()

    def _watch(self) -> None:
        """A request that has begun to come must be there in time; more of it gives no more time."""
        if self._is_answering():
            self._stop_watching()
        elif self._limit is None:
            self._limit = self.loop.call_later(HEADERS_WITHIN_SECONDS, self.transport.close)

    def _is_answering(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _stop_watching(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
