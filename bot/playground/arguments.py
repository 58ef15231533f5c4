"""The arguments of a Web API call, however they were sent: query, form or JSON."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from .model import Json
from .refusal import Refused

_TRUE = frozenset({"true", "1", "yes", "on"})


class Arguments:
    """Slack's arguments are loosely typed: a list may come as JSON text, a flag as "1"."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    def text(self, name: str) -> str | None:
        value = self.raw.get(name)
        if value is None or isinstance(value, dict | list):
            return None
        return str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Refused("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.raw.get(name)
        if value is None or value == "":
            return default
        return value if isinstance(value, bool) else str(value).lower() in _TRUE

    def integer(self, name: str, default: int) -> int:
        value = self.raw.get(name)
        if value is None or value == "":
            return default
        try:
            return int(str(value))
        except ValueError:
            raise Refused(
                "invalid_arguments", messages=[f"[ERROR] must be a valid integer [json-pointer:/{name}]"]
            ) from None

    def has(self, name: str) -> bool:
        return self.raw.get(name) is not None

    def structure(self, name: str, refused: str) -> Any:
        """A list or an object, sent as such or as JSON text; `refused` is the error for text that is no JSON."""
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(refused) from None


def parse(query: str, content_type: str, body: bytes) -> Json:
    """The arguments of a request. Raises Refused for a body that is not what its content type says."""
    found: Json = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return found
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return found | _json_object(body)
    if kind in ("application/x-www-form-urlencoded", ""):
        return found | dict(parse_qsl(_decoded(body), keep_blank_values=True))
    raise Refused("invalid_post_type")


def _json_object(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(found, dict):
        raise Refused("json_not_object")
    return {key: value for key, value in found.items() if value is not None}


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused("invalid_form_data") from None


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in headers if key == name), "")
