"""What differs between two policies: each key with what it was and what it is. Secrets are shortened."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.policy_file.errors import shown

ANOTHER_ADDRESS = "(another address)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """A key as `policies.default.tiers[2].channel`; None where there was or is no such key."""

    key: str
    before: str | None
    after: str | None


def changes(before: str | None, after: str) -> Sequence[PolicyChange]:
    """Between two canonical documents, in the order of the new one, what is gone at the end; None before the first."""
    old = dict(_leaves(json.loads(before), "")) if before is not None else {}
    new = dict(_leaves(json.loads(after), ""))
    keys = [*new, *(key for key in old if key not in new)]
    return [_change(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def readable(document: str) -> Any:
    """The document as values, without what opens a calendar."""
    return _safe(json.loads(document))


def _change(key: str, before: str | None, after: str | None) -> PolicyChange:
    old, new = _shortened(before), _shortened(after)
    if old is not None and old == new:
        new = f"{new} {ANOTHER_ADDRESS}"
    return PolicyChange(key=key, before=old, after=new)


def _shortened(text: str | None) -> str | None:
    return shown(text) if text is not None and "://" in text else text


def _safe(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _safe(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_safe(each) for each in value]
    return shown(value) if isinstance(value, str) and "://" in value else value


def _leaves(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Single values and lists of them, each under the key that leads to it."""
    if isinstance(value, Mapping) and value:
        for name, entry in value.items():
            yield from _leaves(entry, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(entry, Mapping | list) for entry in value):
        for index, entry in enumerate(value, start=1):
            yield from _leaves(entry, f"{key}[{index}]")
    elif value is not None:
        yield key, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(entry) for entry in value) or "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value == {} else str(value)
