"""Requests and answers on the wire, broken ones included."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.types import Receive, Scope, Send

from .faults import Fault
from .model import Json

_JSON = "application/json; charset=utf-8"
_HTML = b"<!DOCTYPE html><html><head><title>Server Error</title></head><body><h1>Server Error</h1></body></html>"


class Ending(StrEnum):
    WHOLE = "whole"
    TRUNCATED = "truncated"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str = _JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Ending = Ending.WHOLE


def json_reply(body: Json, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status=status, body=json.dumps(body).encode(), headers=headers or {})


def rate_limited(retry_after: int | None) -> Reply:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return json_reply({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def struck(fault: Fault, reply: Reply) -> Reply:
    """What the caller gets instead of this reply. Delays are not this function's business."""
    if fault.holds:
        return reply
    if fault.kind.startswith("drop"):
        return Reply(ending=Ending.DROPPED)
    if fault.kind == "truncate_after":
        return Reply(status=reply.status, body=reply.body, headers=reply.headers, ending=Ending.TRUNCATED)
    if fault.kind == "429":
        return rate_limited(fault.retry_after)
    if fault.error:
        return json_reply({"ok": False, "error": fault.error})
    status = int(fault.kind.split("_")[1])
    if "_html" in fault.kind:
        return Reply(status=status, body=_HTML, content_type="text/html; charset=utf-8")
    return json_reply({"ok": False, "error": "internal_error"}, status=status)


async def read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def send_reply(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    if reply.ending is not Ending.DROPPED:
        body = reply.body
        await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply)})
        if reply.ending is Ending.WHOLE:
            await send({"type": "http.response.body", "body": body})
            return
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    transport: asyncio.Transport = scope["state"]["transport"]
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    fixed = {"content-type": reply.content_type, "content-length": str(len(reply.body))}
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (fixed | dict(reply.headers)).items()]
