"""Pydantic's errors as a person reads them: a line, what is wrong there, and the fix."""

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from bot.policy_file.document import (
    Entry,
    PolicyDocument,
    PolicyEntry,
    RepeatEntry,
    ServiceEntry,
    SeveritiesEntry,
    TargetsEntry,
    TierEntry,
)
from bot.policy_file.errors import Loc, Marks, Problem, likely, nearest
from bot.policy_file.values import LONGEST_LABEL, shown

_EXAMPLES = {
    "severities": "severities: {sev1: {ack_within: 5m, update_every: 20m}, …}",
    "sev1": "sev1: {ack_within: 5m, update_every: 20m}",
    "sev2": "sev2: {ack_within: 15m, update_every: 30m}",
    "sev3": "sev3: {ack_within: 60m, update_every: 4h}",
    "sev4": "sev4: {ack_within: 4h, update_every: 24h}",
    "ack_within": "ack_within: 5m",
    "update_every": "update_every: 20m",
    "services": "services: {checkout: {policy: default}}",
    "policy": "policy: default",
    "policies": 'policies: {default: {tiers: [{name: First line, channel: "#tier-1", people: ["@ana"]}]}}',
    "tiers": 'tiers: [{name: First line, channel: "#tier-1", people: ["@ana"]}]',
    "name": "name: First line",
    "channel": 'channel: "#tier-1"',
    "people": 'people: ["@ana", "@first-line"]',
    "managers": 'managers: ["@grace"]',
    "repeat": "repeat: {every: 5m, times: 3}",
    "every": "every: 5m",
    "times": "times: 3",
    "stakeholder_channel": 'stakeholder_channel: "#incident-updates"',
    "fallback_channel": 'fallback_channel: "#escalation-fallback"',
}


def problems(errors: Sequence[ErrorDetails], marks: Marks) -> Sequence[Problem]:
    """One for each thing to fix: a misspelt key is not missing too, nor is a list too short that has a wrong entry."""
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    meant = {(*loc[:-1], likely(str(loc[-1]), _free(loc, marks))) for loc in unknown}
    return [
        (marks.line(error["loc"]), _sentence(error, marks))
        for error in errors
        if not (error["type"] == "missing" and error["loc"] in meant)
        and not (error["type"] == "too_short" and error["input"])
    ]


def _sentence(error: ErrorDetails, marks: Marks) -> str:
    loc = tuple(step for step in error["loc"] if step != "[key]")
    key = next((step for step in reversed(loc) if isinstance(step, str)), "")
    what = f'"{shown(key)}"' if loc[-1:] == (key,) else f'an entry of "{key}"'
    if error["type"] == "extra_forbidden":
        return f"{what} is not a known key here; {nearest(key, _free(loc, marks))}"
    like = f"write it like {_example(loc)}."
    match error["type"]:
        case "missing":
            return f"{what} is missing here; add it, like {_example(loc)}."
        case "string_type" | "mapping_type" | "dict_type" | "model_type" | "tuple_type" if error["input"] is None:
            return f"{what} is empty; {like}"
        case "too_short" | "string_too_short":
            return f"{what} is empty; {like}"
        case "string_type":
            return f"{what} must be a single value; {like}"
        case "mapping_type" | "dict_type" | "model_type":
            return f"{what} must hold keys with values; {like}"
        case "tuple_type":
            return f"{what} must be a list; {like}"
        case "string_too_long":
            return f'"{shown(error["input"])}" is too long; write {LONGEST_LABEL} characters or less.'
        case "int_parsing" | "int_type" | "int_from_float" | "greater_than_equal" | "less_than_equal":
            return f"{what} must be a number from 1 to 1000; {like}"
        case _:
            return error["msg"]


def _example(loc: Loc) -> str:
    """How the key at `loc` is written; the names of services and policies are the file's own."""
    match loc:
        case ("services", str(name)):
            return f"{name}: {{policy: default}}"
        case ("policies", str(name)):
            return f"{name}: {{{_EXAMPLES['tiers']}}}"
        case (*_, str(key)):
            return _EXAMPLES[key]
        case _:
            return _example(loc[:-1])


def _free(loc: Loc, marks: Marks) -> Sequence[str]:
    """The keys that can stand in the place of the one at `loc`: those not yet written, or all when all are."""
    known = tuple(_model_at(loc[:-1]).model_fields)
    return tuple(key for key in known if (*loc[:-1], key) not in marks.lines) or known


def _model_at(loc: Loc) -> type[Entry]:
    match loc:
        case ("severities",):
            return SeveritiesEntry
        case ("severities", _):
            return TargetsEntry
        case ("services", _):
            return ServiceEntry
        case ("policies", _):
            return PolicyEntry
        case ("policies", _, "tiers", _):
            return TierEntry
        case ("policies", _, "repeat"):
            return RepeatEntry
        case _:
            return PolicyDocument
