"""What is legal but looks wrong is said, with its line and the fix; the shipped file is clean."""

from datetime import date
from typing import Final

import pytest

from bot.policy_file import lint, read
from tests.policy_file.files import FILE, FULL, SHIPPED, changed, read_text

TODAY: Final = date(2026, 3, 2)
CLEAN: Final = changed("roles: {resolve: [assignee, admins]", "roles: {resolve: [assignee]", FULL).replace(
    "      - name: Nobody yet\n", ""
).replace('    tiers: [{name: All, channel: "#tier-1", people: ["@ana"]}]',
          '    tiers: [{name: All, channel: "#tier-1", people: ["@ana"], managers: ["@iris"]}]\n'
          '    repeat: {every: 5m, times: 3}')  # fmt: skip
TIER: Final = '{name: All, channel: "#tier-1", people: ["@ana"], managers: ["@iris"]}'


def found(before: str, after: str, today: date | None = TODAY) -> list[tuple[int, str]]:
    return list(lint(read_text(changed(before, after, CLEAN)), today))


def test_the_shipped_file_is_clean() -> None:
    assert lint(read(SHIPPED), TODAY) == []


def test_a_good_file_is_clean() -> None:
    assert found("fallback_after: 2m", "fallback_after: 3m") == []


@pytest.mark.parametrize(
    ("before", "after", "line", "sentence"),
    [
        ("sev1: {ack_within: 5m", "sev1: {ack_within: 20m", 7,
         "ack_within of sev1 (20m) is longer than of sev2 (15m); make it 15m or less, for sev1 is the worse."),
        ("update_every: 20m, resolve_within: 4h, slower_updates: {after: 2h, every: 60m}}", "update_every: 2h}", 7,
         "update_every of sev1 (2h) is longer than of sev2 (30m); make it 30m or less, for sev1 is the worse."),
        ("update_every: 30m,", "update_every: 30m, resolve_within: 3h,", 7,
         "resolve_within of sev1 (4h) is longer than of sev2 (3h); make it 3h or less, for sev1 is the worse."),
        ("clock: business, warn_at: []", "resolve_within: 3h, clock: business", 9,
         "sev3: nobody reads an update in time; make it 3h (resolve_within) or less."),
        ("update_every: 4h, clock: business", "update_every: 1h, resolve_within: 1h, clock: business", 9,
         "sev3: there is no time left to resolve; make it shorter than resolve_within (1h)."),
        ("ack_expires_after: 30m", "ack_expires_after: 10m", 8,
         "sev2: it runs out before a tier has to answer; make it 15m (ack_within) or more."),
        ("every: 60m}", "every: 10m}", 7,
         "sev1: its updates come more often than before; make every 20m (update_every) or more."),
        ("holidays: {country: FR, subdivision: 57, extra: [2026-12-24], except: [2026-05-25]}", "holidays: {}", 2,
         'the calendar "business" has no holidays; add them, like holidays: {country: FR}.'),
        ("  data: {policy: other, private: true}\n", "", 45,
         'no service has the policy "other"; give it to one, or remove it.'),
        ("\n    repeat: {every: 5m, times: 3}\nstake", "\nstake", 46,
         'the last tier of "other" is paged once; add repeat: {every: 5m, times: 3}.'),
        (', managers: ["@iris"]}', "}", 46,
         '"other" names no managers, so nobody is told of a breach; add managers to its tiers.'),
        (f"[{TIER}]", '[{name: All, channel: "#tier-1", people: ["@ana"]}]\n'
         '    managers: [{at: breach 1, tell: ["@iris", tier managers]}]', 48,
         'no tier of "other" has managers; add them, or name people here.'),
        (f"[{TIER}]", f"[{TIER}, {{name: More}}]", 47,
         '"More" has no channel, so it is passed over; give it one, or remove it.'),
        (f"[{TIER}]", f'[{TIER}, {{name: More, channel: "#shop"}}]', 47,
         '"More" pages nobody; name people, or write people: [channel].'),
        (f"[{TIER}]", f'[{TIER}, {{name: More, channel: "#tier-1", people: [channel]}}]', 47,
         '"More" has the channel of "All" before it; give it its own, or join them.'),
        ("ack_within: 20m", "ack_within: 4h", 29,
         '"Experts" leaves no time to resolve sev1; make ack_within shorter than 4h.'),
        ("first_day: 2026-01-05", "first_day: 2026-03-09", 34,
         "nobody is on call before 2026-03-09; write a first_day in the past to begin at once."),
        ("from: 2026-12-24 09:00", "from: 2025-12-24 09:00", 37,
         "this override begins before the rotation does, on 2026-01-05; check its dates."),
        ("from: 2026-12-24 09:00, until: 2026-12-26", "from: 2026-02-02 09:00, until: 2026-02-03", 37,
         "this override ended on 2026-02-03; remove it."),
        ("nudge_before: 10m", "nudge_before: 11m", 54,
         "sev1 has an update every 20m, so its reminder comes at the middle; make nudge_before 10m or less."),
    ],
)  # fmt: skip
def test_what_looks_wrong_is_said(before: str, after: str, line: int, sentence: str) -> None:
    assert found(before, after) == [(line, sentence)]


def test_a_calendar_that_nothing_goes_by_is_said() -> None:
    text = CLEAN.replace(", clock: business", "")

    assert lint(read_text(text)) == [
        (2, 'no severity goes by the calendar "business"; name it as the clock of one, or remove it.')
    ]


def test_without_admins_what_only_they_may_do_is_said() -> None:
    text = CLEAN.replace('admins: ["@grace", "@first-line"]\n', "").replace("cancel: anyone", "cancel: admins")

    assert lint(read_text(text)) == [
        (52, '"cancel" is open to admins, and there are none; add them, like admins: ["@grace"].'),
    ]


def test_targets_of_different_clocks_are_not_compared() -> None:
    assert found("sev2: {ack_within: 15m", "sev2: {ack_within: 90m", None) == [
        (8, "sev2: it runs out before a tier has to answer; make it 1h30m (ack_within) or more.")
    ]


def test_without_the_date_nothing_is_said_of_what_is_over() -> None:
    assert found("first_day: 2026-01-05", "first_day: 2026-12-01", None) == []


def test_a_small_file_is_as_good() -> None:
    assert lint(read_text(FILE)) == []


def test_a_notifier_that_no_address_has_is_found_when_the_addresses_are_known() -> None:
    document = read_text(changed("fallback_after: 2m", "fallback_notifier: managers", CLEAN))
    assert lint(document, TODAY) == []
    assert lint(document, TODAY, {"managers", "night"}) == []
    [(line, sentence)] = lint(document, TODAY, {"night"})
    assert CLEAN.splitlines()[line - 1] == "fallback_after: 2m"
    assert sentence == (
        'no address in TIERLINE_FALLBACK_URLS is named "managers"; name one, like managers=mailto://…, '
        "for until then all of them are used."
    )
