"""The JSON Schema that editors use: current, true of the files the bot reads, and never wiser than the bot."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator

from bot.policy_file import PolicyDocument, schema
from bot.policy_file.entry import Entry, Place
from tests.policy_file.files import FILE, FULL, SHIPPED, changed

STORED: Final = Path(__file__).parents[2] / "docs" / "policy.schema.json"
WRITE_IT: Final = (
    "write it again: python -c 'import json; from bot.policy_file import schema; "
    "print(json.dumps(schema(), indent=2, ensure_ascii=False))' > docs/policy.schema.json"
)


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2, as editors read it: neither a day nor a time of the day is anything but text."""

    yaml_implicit_resolvers = {}


for tag, form, first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)", list("-+.0123456789")),
):
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^({form})$"), first)


def complaints(text: str) -> list[str]:
    found = Draft202012Validator(schema()).iter_errors(yaml.load(text, EditorLoader))  # noqa: S506
    return sorted(error.json_path for error in found)


def test_the_stored_schema_is_current() -> None:
    assert json.loads(STORED.read_text()) == schema(), WRITE_IT


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_shipped_file_names_it_and_is_right_by_it() -> None:
    text = SHIPPED.read_text()

    assert text.startswith("# yaml-language-server: $schema=docs/policy.schema.json\n")
    assert complaints(text) == []


@pytest.mark.parametrize("text", [FILE, FULL], ids=["small", "full"])
def test_what_the_bot_reads_is_right_by_it(text: str) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("fallback_after:", "fallback_afters:", "$"),
        ("fallback_channel: C0FALLBACK\n", "", "$"),
        ("fallback_after: 2m", "fallback_after: 2 minutes", "$.fallback_after"),
        ("fallback_after: 2m", "fallback_after:", "$.fallback_after"),
        ("fallback_after: 2m", 'fallback_notifier: "mail us"', "$.fallback_notifier"),
        ('stakeholder_channel: "#updates"', "stakeholder_channel: updates", "$.stakeholder_channel"),
        ("50%]", "50]", "$.severities.sev2.warn_at[1]"),
        ("low: sev3}\n  low", "low: sev9}\n  low", "$.impact_urgency.medium.low"),
        ("mon-fri:", "weekdays:", "$.calendars.business.week"),
        ('"8:00-17:00"', '"8-17"', "$.calendars.business.week['mon-fri']"),
        ("ack_within: 20m", "ack_within: {sev9: 20m}", "$.policies.default.tiers[2].ack_within"),
        ("at: breach 2", "at: breach", "$.policies.default.managers[2].at"),
        ("breach: true", "breach: perhaps", "$.policies.default.escalate_on_resolution_breach"),
        ("cancel: anyone", "cancel: everyone", "$.roles.cancel"),
        ("cancel:", "cancle:", "$.roles"),
        ('people: [channel, "@ana"]', "people: []", "$.policies.default.tiers[0].people"),
    ],
)
def test_what_is_wrong_is_seen_in_the_editor(before: str, after: str, path: str) -> None:
    assert path in complaints(changed(before, after, FULL))


def _places(place: Place) -> Iterator[tuple[str, Place]]:
    """Every key of every model with its place, wherever the file can hold it."""
    for key, inner in place.keys.items():
        yield key, inner
        yield from _places(_held(inner))


def _held(place: Place) -> Place:
    while not (isinstance(place.kind, type) and issubclass(place.kind, Entry)):
        inner = place.within(0)
        if inner is None:
            break
        place = inner
    return place


def test_every_key_is_explained_and_has_an_example() -> None:
    keys = dict(_places(Place.of(PolicyDocument)))
    models: dict[str, Any] = schema()["$defs"]
    unexplained = {
        f"{model}.{key}"
        for model, of_model in models.items()
        for key, value in of_model.get("properties", {}).items()
        if "description" not in value and "$ref" not in value
    }

    assert [key for key, place in keys.items() if place.like is None] == []
    assert len(keys) > 40
    assert unexplained == set()
