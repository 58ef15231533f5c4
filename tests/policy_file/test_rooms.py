"""The key about channels that are made for one incident alone: what it means, what is refused, what looks wrong."""

from datetime import timedelta

import pytest

from bot.domain.policy import IncidentChannel, Severity
from bot.policy_file import lint, to_policy
from tests.policy_file.files import DIRECTORY, FILE, problems, read_text

LINE = FILE.count("\n") + 1
LIKE = 'incident_channel: {severities: [sev1, sev2], name: "inc-{number}-{title}"}.'


def with_rooms(entry: str) -> str:
    return f"{FILE}incident_channel: {entry}\n"


def mistakes(entry: str) -> tuple[str, ...]:
    return tuple(problem.removeprefix(f"policy.yml line {LINE}: ") for problem in problems(with_rooms(entry)))


def looks_wrong(entry: str) -> list[str]:
    return [sentence for line, sentence in lint(read_text(with_rooms(entry))) if line == LINE]


def test_without_it_no_incident_has_one() -> None:
    assert to_policy(read_text(FILE), DIRECTORY).incident_channel is None


def test_only_the_severities_need_be_said() -> None:
    assert to_policy(read_text(with_rooms("{severities: [sev1]}")), DIRECTORY).incident_channel == IncidentChannel(
        severities=frozenset({Severity.SEV1}),
        name="inc-{number}-{title}",
        private=False,
        archive_after=timedelta(hours=24),
    )


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("{name: x}", '"severities" is missing here; add it, like severities: [sev1, sev2].'),
        ("{severities: []}", '"severities" is empty; write it like severities: [sev1, sev2].'),
        ("{severities: [urgent]}", '"urgent" is not a severity; known here: sev1, sev2, sev3, sev4.'),
        (
            '{severities: [sev1], name: "Inc {number}"}',
            '"Inc {number}" is no name for a channel; use small letters, digits, - and _, and in braces number, '
            "title, severity, service or date, like inc-{number}-{title}.",
        ),
        (
            '{severities: [sev1], name: "inc-{nummer}"}',
            '"{nummer}" is nothing that an incident has; did you mean "number"?',
        ),
        ('{severities: [sev1], name: ""}', '"name" is empty; write it like name: "inc-{number}-{title}".'),
        ("{severities: [sev1], private: perhaps}", '"private" must be true or false; write it like private: true.'),
        ("{severities: [sev1], archive_after: 5}", '"5" is not a duration; write it like 5m, 1h30m or 2h.'),
        ("", f'"incident_channel" is empty; write it like {LIKE}'),
    ],
)  # fmt: skip
def test_each_mistake_has_its_sentence(entry: str, sentence: str) -> None:
    assert mistakes(entry) == (sentence,)


def test_names_that_do_not_tell_incidents_apart_look_wrong() -> None:
    assert looks_wrong('{severities: [sev1], name: "war-room-{title}"}') == [
        '"war-room-{title}" does not tell incidents apart; add {number}, like inc-{number}-{title}.'
    ]


def test_one_that_is_archived_at_once_looks_wrong() -> None:
    assert looks_wrong("{severities: [sev1], archive_after: 10m}") == [
        "it is archived 10m after the end, and a bot cannot take that back; make it 1h or more, so that people can "
        "read it and reopen the incident."
    ]


def test_a_good_one_looks_right() -> None:
    assert looks_wrong("{severities: [sev1, sev2], archive_after: 1h}") == []
