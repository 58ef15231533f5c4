"""Delivery by signed HTTP requests, the way Slack calls a request url."""

import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import urlencode

import aiohttp

from .delivery import ACK_WITHIN, Ack, Envelope, EnvelopeType, Failure, HttpDelivery
from .model import Json


class SignedHttp:
    """Posts envelopes to the app's request url. `wall` is the machine's clock: verifiers compare with theirs."""

    def __init__(self, target: HttpDelivery, wall: Callable[[], float], *, ack_within: float = ACK_WITHIN) -> None:
        self._target = target
        self._wall = wall
        self._timeout = aiohttp.ClientTimeout(total=ack_within)
        self._session: aiohttp.ClientSession | None = None

    @property
    def connected(self) -> bool:
        return True

    async def send(self, envelope: Envelope) -> Ack:
        body, content_type = _body(envelope)
        headers = self._signed(body) | {"Content-Type": content_type} | _retry_headers(envelope)
        try:
            async with self._open().post(self._target.url, data=body, headers=headers) as response:
                return await _ack(response)
        except TimeoutError:
            return Ack(failure=Failure.TIMEOUT)
        except aiohttp.ClientError:
            return Ack(failure=Failure.NO_CONNECTION)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._wall()))
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._target.signing_secret, timestamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's request signature, version 0."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _body(envelope: Envelope) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    match envelope.type:
        case EnvelopeType.EVENT:
            return json.dumps(envelope.payload).encode(), "application/json"
        case EnvelopeType.INTERACTIVE:
            return urlencode({"payload": json.dumps(envelope.payload)}).encode(), form
        case EnvelopeType.COMMAND:
            return urlencode(envelope.payload).encode(), form


def _retry_headers(envelope: Envelope) -> dict[str, str]:
    if envelope.retry_num == 0:
        return {}
    return {"X-Slack-Retry-Num": str(envelope.retry_num), "X-Slack-Retry-Reason": envelope.retry_reason}


async def _ack(response: aiohttp.ClientResponse) -> Ack:
    if not 200 <= response.status < 300:
        return Ack(failure=Failure.REFUSED, no_retry=response.headers.get("x-slack-no-retry") == "1")
    return Ack(body=_answer(await response.text(), response.content_type))


def _answer(text: str, content_type: str) -> Json | None:
    if not text:
        return None
    if content_type != "application/json":
        return {"text": text}
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text}
    return body if isinstance(body, dict) and body else None
