"""How the app hears of things: envelopes out, acknowledgements back. Socket Mode and HTTP are two ways of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .changes import Changes
from .faults import Faults
from .model import Json

ACK_WITHIN = 3.0
"""Real seconds an app has to acknowledge."""


class EnvelopeType(StrEnum):
    EVENT = "events_api"
    INTERACTIVE = "interactive"
    COMMAND = "slash_commands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    type: EnvelopeType
    payload: Json
    takes_payload: bool = False
    """Whether the acknowledgement may carry an answer."""
    retry_num: int = 0
    retry_reason: str = ""


class Failure(StrEnum):
    """Why an envelope was not acknowledged."""

    NO_CONNECTION = "connection_failed"
    TIMEOUT = "http_timeout"
    REFUSED = "http_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    body: Json | None = None
    failure: Failure | None = None
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        return self.failure is None


class Delivery(Protocol):
    @property
    def connected(self) -> bool:
        """Whether there is anything to send to now."""

    async def send(self, envelope: Envelope) -> Ack: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class HttpDelivery:
    """Deliver by signed HTTP requests to this url, instead of Socket Mode."""

    url: str
    signing_secret: str


class Carrier:
    """Carries envelopes by the way in use, remembers them, and lets faults strike on the road.

    A fault's method is the type of envelope. `drop_before`: the envelope never arrives. `drop_after`: the
    acknowledgement never comes back. `delay`: it arrives late. The person waiting sees a timeout at once.
    """

    def __init__(self, faults: Faults, changes: Changes) -> None:
        self._faults = faults
        self._changes = changes
        self.way: Delivery = Nowhere()
        self.sent: list[Envelope] = []

    @property
    def connected(self) -> bool:
        return self.way.connected

    async def send(self, envelope: Envelope) -> Ack:
        self.sent.append(envelope)
        ack = await self._carry(envelope)
        self._changes.happened()
        return ack

    async def _carry(self, envelope: Envelope) -> Ack:
        fault = self._faults.take(envelope.type)
        if fault is None:
            return await self.way.send(envelope)
        if fault.holds and not fault.after:
            await self._faults.hold(fault)
            return await self.way.send(envelope)
        if fault.after:
            await self.way.send(envelope)
        return Ack(failure=Failure.TIMEOUT)

    async def close(self) -> None:
        await self.way.close()


class Nowhere:
    """No way yet."""

    @property
    def connected(self) -> bool:
        return False

    async def send(self, envelope: Envelope) -> Ack:
        return Ack(failure=Failure.NO_CONNECTION)

    async def close(self) -> None:
        """There is nothing to close."""
