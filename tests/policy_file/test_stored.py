"""What was stored of a file and its names is read as ever, whatever came to be said since."""

from datetime import date
from typing import Final

from bot.domain.policy import Severity
from bot.policy_file import Directory, PolicyDocument, to_policy
from tests.policy_file.files import ANA, DIRECTORY, FILE, FULL, directory_with, read_text

TODAY: Final = date(2026, 3, 2)
CHRISTMAS_EVE: Final = date(2026, 12, 24)


def test_a_document_with_everything_survives_its_storage() -> None:
    document = read_text(FULL)

    stored = PolicyDocument.from_json(document.canonical_json())

    assert stored == document
    assert stored.canonical_json() == document.canonical_json()
    assert stored.holidays(TODAY) == document.holidays(TODAY)


def test_what_a_country_no_longer_has_does_not_spoil_what_was_stored() -> None:
    text = read_text(FULL).canonical_json()

    gone = PolicyDocument.from_json(text.replace('"country":"FR"', '"country":"ZZ"'))

    assert to_policy(gone, DIRECTORY).targets(Severity.SEV3).calendar is not None


EARLIER: Final = (
    '{"severities":{"sev1":{"ack_within":"5m","update_every":"20m"},"sev2":{"ack_within":"15m","update_every":"30m"},'
    '"sev3":{"ack_within":"1h","update_every":"4h"},"sev4":{"ack_within":"4h","update_every":"24h"}},'
    '"policies":{"default":{"tiers":[{"name":"First line","channel":"#tier-1","people":["@ana","@first-line"],'
    '"managers":["@grace"]}],"repeat":{"every":"5m","times":3}}},"services":{"checkout":{"policy":"default"}},'
    '"stakeholder_channel":"#updates","fallback_channel":"C0FALLBACK"}'
)
"""What was stored of `FILE` before there were calendars and roles."""


def test_a_file_that_says_nothing_new_is_the_same_version_as_ever() -> None:
    document = read_text(FILE)

    assert document.canonical_json() == EARLIER
    assert PolicyDocument.from_json(EARLIER) == document
    assert (
        PolicyDocument.from_json(EARLIER.replace('{"every":"5m","times":3}', "null")).policies["default"].repeat is None
    )


def test_a_directory_survives_its_storage_and_one_without_holidays_reads_as_ever() -> None:
    directory = directory_with({"business": (CHRISTMAS_EVE, date(2027, 1, 1))})
    earlier = Directory(channels={}, people={"@ana": ANA}).to_json()

    assert Directory.from_json(directory.to_json()) == directory
    assert "holidays" not in earlier
    assert Directory.from_json(earlier).holidays == {}


def test_names_that_came_to_be_refused_are_still_read_of_what_was_stored() -> None:
    earlier = EARLIER.replace('"checkout"', '"private"').replace(
        '{"name":"First line"', '{"name":"2"},{"name":"First line"'
    )

    stored = PolicyDocument.from_json(earlier)

    assert list(stored.services) == ["private"]
    assert [tier.name for tier in stored.policies["default"].tiers] == ["2", "First line"]
