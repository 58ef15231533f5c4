"""Each mistake that a person can make with calendars, targets, tiers, managers and roles, and what they read."""

import traceback

import pytest

from bot.policy_file import PolicyFileError
from tests.policy_file.files import FULL, changed, problems, read_text

SECRET = "s3cr3t"
ADDRESS = f"webcal://calendar.example.com/{SECRET}.ics"
WEEK = '{mon-fri: "8:00-17:00", sat: ["13:00-15:00", "09:00-12:00"]}'
ONLY_TIER = '{name: All, channel: "#tier-1", people: ["@ana"]}'
NO_ADDRESS = (
    "this is not the address of a calendar; copy its secret address in iCal format, "
    "like https://calendar.example.com/….ics."
)
NOBODY = (
    'is not a person or a user group; write the name as in Slack, like "@ana" in quotes, '
    "or the id, like U0123ABCD or S0123ABCD."
)
ACK_LIKE = "ack_within: 10m, or ack_within: {sev1: 3m, sev2: 10m}."


def mistakes(before: str, after: str) -> tuple[str, ...]:
    found = problems(changed(before, after, FULL))
    return tuple(problem.removeprefix("policy.yml line ") for problem in found)


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        ('{monday: "8:00-17:00"}', '"monday" is not a day; write one of mon, tue, wed, thu, fri, sat, sun, '
         "or a range like mon-fri."),
        ('{mon-fryday: "8:00-17:00"}', '"mon-fryday" is not a day; write one of mon, tue, wed, thu, fri, sat, sun, '
         "or a range like mon-fri."),
        ('{mon-wed: "8:00-17:00", wed: "9:00-10:00"}', 'wed is in "mon-wed" already; keep one of them.'),
        ('{mon-fri: "9-17"}', '"9-17" are not hours; write them like "08:00-17:00", until 24:00 at the latest.'),
        ('{mon-fri: "08:00-24:30"}', '"08:00-24:30" are not hours; write them like "08:00-17:00", '
         "until 24:00 at the latest."),
        ('{mon-fri: "22:00-6:00"}', '"22:00-6:00" goes past midnight; write 22:00-24:00 here '
         "and 00:00-06:00 on the next day."),
        ('{mon-fri: "18:00-00:00"}', '"18:00-00:00" goes past midnight; write 18:00-24:00 here.'),
        ('{mon-fri: "00:00-00:00"}', '"00:00-00:00" is no time at all; write 00:00-24:00 for the whole day.'),
        ('{mon: ["9:00-12:00", "11:00-13:00"]}', '"11:00-13:00" overlaps "09:00-12:00" on the same day; '
         "make one of the two, or end the first earlier."),
        ("{mon-fri: }", 'there are no hours here; write them like "08:00-17:00".'),
        ("{mon-fri: {from: 8}}", 'there are no hours here; write them like "08:00-17:00".'),
        ("{mon-fri: []}", 'the week has no hours; give it some, like mon-fri: "08:00-17:00".'),
        ("{}", 'the week has no hours; give it some, like mon-fri: "08:00-17:00".'),
        ("", '"week" is empty; write it like week: {mon-fri: "08:00-17:00"}.'),
        ("mon-fri", '"week" must hold keys with values; write it like week: {mon-fri: "08:00-17:00"}.'),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_kept_are_refused(hours: str, problem: str) -> None:
    assert mistakes(WEEK, hours) == (f"4: {problem}",)


def test_each_day_is_told_at_its_own_line() -> None:
    week = '\n      mon-fri: 9\n      sat:\n        - "9:00-12:00"\n        - noon\n      sunday: "9:00-12:00"'

    assert [problem[:14] for problem in mistakes(WEEK, week)] == ['5: "9" are not', '8: "noon" are ', '9: "sunday" is']


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        # calendars
        ("Europe/Paris\n    week", "Paris\n    week", '3: there is no time zone "Paris"; did you mean "Europe/Paris"?'),
        ("Europe/Paris\n    week", "Europe/Pari\n    week",
         '3: there is no time zone "Europe/Pari"; did you mean "Europe/Paris"?'),
        ("Europe/Paris\n    week", "utc\n    week", '3: there is no time zone "utc"; did you mean "UTC"?'),
        ("Europe/Paris\n    week", "../../etc/passwd\n    week",
         '3: there is no time zone "../../etc/passwd"; write it like Europe/Paris.'),
        ("country: FR", "country: France",
         '5: there are no public holidays for "France"; did you mean "FR" (France)?'),
        ("country: FR", "country: fr", '5: there are no public holidays for "fr"; did you mean "FR"?'),
        ("country: FR", "country: Qwerty",
         '5: there are no public holidays for "Qwerty"; write the two letters of the country, like FR.'),
        ("country: FR, subdivision: 57", "country: DE, subdivision: Bayren",
         '5: there is no part "Bayren" of DE with holidays of its own; did you mean "BY"?'),
        ("country: FR, subdivision: 57", "country: JP, subdivision: 13",
         '5: there is no part "13" of JP with holidays of its own; leave it out: the whole country has the same.'),
        ("country: FR, subdivision", "subdivision", '5: a "subdivision" needs its country; add it, like country: FR.'),
        ("[2026-12-24]", "[24.12.2026]", '5: "24.12.2026" is not a day; write it like 2026-12-24.'),
        ("[2026-05-25]", "2026-05-25", '5: "except" must be a list; write it like except: [2026-05-25].'),
        ("  business:", "  always:", '2: "always" is the clock without a calendar; name this one otherwise.'),
        # severities
        ("clock: business", "clock: busines", '9: there is no calendar "busines"; did you mean "business"?'),
        ("clock: business", "clock: x", '9: there is no calendar "x"; known here: always, business.'),
        ("50%]", "50]", '8: "50" is not a percent from 1% to 99%; write it like 75% or 0.75.'),
        ("50%]", "100%]", '8: "100%" is not a percent from 1% to 99%; write it like 75% or 0.75.'),
        ("[0.9, 50%]", "50%", '8: "warn_at" must be a list; write it like warn_at: [50%, 75%].'),
        ("resolve_within: 4h", "resolve_within: ",
         '7: "resolve_within" is empty; write it like resolve_within: 4h.'),
        ("after: 2h, every: 60m", "after: 2h", '7: "every" is missing here; add it, like every: 60m.'),
        ("{after: 2h, every: 60m}", "1h", '7: "slower_updates" must hold keys with values; '
         "write it like slower_updates: {after: 2h, every: 60m}."),
        # impact and urgency
        (", low: sev4}\nservices", ", low: sev5}\nservices", '14: "sev5" is not a severity; did you mean "sev4"?'),
        (", low: sev4}\nservices", "}\nservices", '14: "low" is missing here; add it, like low: sev3.'),
        ("  low: {high: sev3, medium: sev4, low: sev4}\n", "", '11: "low" is missing here; '
         "add it, like low: {high: sev3, medium: sev4, low: sev4}."),
        # tiers
        ('[channel, "@ana"]', '["@here"]', '24: "@here" is nobody in particular; name people, '
         "or write channel, without the @, as people of a tier."),
        ('managers: ["@grace"]', "managers: [channel]", f'25: "channel" {NOBODY}'),
        ('        channel: "#tier-1"\n', "", '22: "First line" has people but no channel to page them in; '
         'add it, like channel: "#tier-1".'),
        (ONLY_TIER, "{name: All}", "47: no tier here has a channel, so an incident has no place; "
         'add one, like channel: "#tier-1".'),
        ("sev2: 10m", "sev5: 10m", '26: "sev5" is not a severity; did you mean "sev4"?'),
        ("sev2: 10m", "sev2: soon", '26: "soon" is not a duration; write it like 5m, 1h30m or 2h.'),
        ("{sev2: 10m, sev1: 3m}", "{}", f'26: "ack_within" is empty; write it like {ACK_LIKE}'),
        ("ack_within: 20m", "ack_within: [20m]", f'30: "ack_within" must hold keys with values; '
         f"write it like {ACK_LIKE}"),
        ("ack_within: 20m", "ack_within: 30s", '30: "30s" is too short for a person to read a page; '
         "write 1m or more."),
        *(
            ("name: Experts", f"name: {name}", f'20: "{name}" is the number of another tier; name tier 3 otherwise.')
            for name in ("1", "tier 2", "Tier  2")
        ),
        # who is on call
        ("hand_over: 9:00", "hand_over: 24:00", '36: "24:00" is not a time of the day; write it like "09:00".'),
        ("first_day: 2026-01-05", "first_day: 2026-02-30",
         '35: "2026-02-30" is not a day; write it like 2026-12-24.'),
        ("weeks: 2", "weeks: 0", '37: "weeks" must be a number from 1 to 1000; write it like weeks: 1.'),
        ("2026-12-26T", "2026-12-20T", '38: "until" is not after "from"; '
         "write the day and time at which the turn ends."),
        ("from: 2026-12-24 09:00", "from: 2026-12-24",
         '38: "2026-12-24" is not a day and a time; write it like 2026-12-24 09:00.'),
        ("{from:", "{form:", '38: "form" is not a known key here; did you mean "from"?'),
        ("- ical:", "- icla:", '39: "icla" is not a known key here; did you mean "ical"?'),
        ("          - ical:", "            ical:",
         '32: an entry of "on_call" holds "rotation" or "ical"; make two entries of it.'),
        ("          - ical:", "          - {}\n          - ical:",
         '39: an entry of "on_call" is empty; write "rotation" or "ical" in it.'),
        ('{Ana Ruiz: "@ana"}', "{}", '39: "people" is empty; '
         'write it like people: {"Ana Silva": "@ana", "ben@example.com": "@ben"}.'),
        # managers
        ("at: opening", "at: breach", '44: "breach" is not an occasion; '
         "write opening, a percent like 75%, or breach 2."),
        ("at: 75%", "at: 60%", "45: nothing warns at 60%; "
         'write one of 50%, 75%, 90%, or add 60% to their "warn_at".'),
        ("at: 75%,", "at: 75%, severities: [sev3],", '45: nothing warns at 75%; add 75% to their "warn_at".'),
        ("severities: [sev1]", "severities: [sevv1]", '44: "sevv1" is not a severity; did you mean "sev1"?'),
        ("tier managers]", "tier manager]", f'44: "tier manager" {NOBODY}'),
        ("breach: true", "breach: perhaps", '42: "escalate_on_resolution_breach" must be true or false; '
         "write it like escalate_on_resolution_breach: true."),
        # roles
        ("cancel: anyone", "cancel: everyone", '52: "everyone" is not a role; '
         "known here: anyone, reporter, assignee, tier, managers, admins."),
        ("cancel:", "cancle:", '52: "cancle" is not something that can be kept to some; did you mean "cancel"?'),
        ("[assignee, admins]", "[]", '52: "resolve" is empty; write it like resolve: [assignee, managers].'),
        ("cancel: anyone", "cancel: {a: b}", '52: "cancel" must be a list; '
         "write it like cancel: [assignee, managers]."),
        ('admins: ["@grace", "@first-line"]', 'admins: "@grace"',
         '53: "admins" must be a list; write it like admins: ["@grace"].'),
        # updates
        ("nudge_before: 10m", "nudge_before: soon", '54: "soon" is not a duration; '
         "write it like 5m, 1h30m or 2h."),
        ("nudge_before: 10m", "nudge_before:", '54: "nudge_before" is empty; write it like nudge_before: 5m.'),
        ("overdue_after: 25%", "overdue_after: 100%", '54: "100%" is not a percent from 1% to 99%; '
         "write it like 75% or 0.75."),
        ("overdue_after: 25%", "overdue: 25%", '54: "overdue" is not a known key here; did you mean "overdue_after"?'),
        ("updates: {nudge_before: 10m, overdue_after: 25%}", "updates: 10m",
         '54: "updates" must hold keys with values; write it like updates: {nudge_before: 5m, overdue_after: 50%}.'),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line_and_the_fix(before: str, after: str, problem: str) -> None:
    assert mistakes(before, after) == (problem,)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (ADDRESS, f"http://ana:{SECRET}@calendar.example.com/{SECRET}",
         "the calendar at calendar.example.com would be read over http; write its address with https://."),
        (ADDRESS, f"ftp://calendar.example.com/?key={SECRET}",
         "the calendar at calendar.example.com would be read over ftp; write its address with https://."),
        (ADDRESS, SECRET, NO_ADDRESS),
        (ADDRESS, f"https://[{SECRET}", NO_ADDRESS),
        (ADDRESS, f"https://calendar.example.com:{SECRET}/", NO_ADDRESS),
        (ADDRESS, f"https://calendar.example.com/ {SECRET}", NO_ADDRESS),
        (f'url: "{ADDRESS}", ', f'"{ADDRESS}": yes, url: "https://a.example/{SECRET}", ',
         '"webcal://calendar.example.com/…" is not a known key here; known here: url, people.'),
        ('Ana Ruiz: "@ana"', f'Ana Ruiz: "{ADDRESS}"', f'"webcal://calendar.example.com/…" {NOBODY}'),
        (f'{{url: "{ADDRESS}", people: {{Ana Ruiz: "@ana"}}}}', ADDRESS,
         '"ical" must hold keys with values; write it like '
         'ical: {url: "https://calendar.example.com/….ics", people: {"Ana Silva": "@ana"}}.'),
        ("{Ana Ruiz:", f'{{"{ADDRESS}": "@ana", "{ADDRESS}":',
         '"webcal://calendar.example.com/…" is here twice, also in line 39; keep one of them.'),
    ],
)  # fmt: skip
def test_the_address_of_a_calendar_is_told_to_nobody(before: str, after: str, problem: str) -> None:
    with pytest.raises(PolicyFileError) as refused:
        read_text(changed(before, after, FULL))

    assert refused.value.problems == (f"policy.yml line 39: {problem}",)
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_a_calendar_of_this_machine_may_be_read_without_encryption() -> None:
    document = read_text(changed(ADDRESS, "http://localhost:8000/a.ics", FULL))

    source = document.policies["default"].tiers[2].on_call[1]
    assert source.ical is not None
    assert source.ical.url == "http://localhost:8000/a.ics"
    assert "localhost" not in repr(document)


@pytest.mark.parametrize(
    ("notifier", "problem"),
    [
        ('"mailto://ana:secret@example.com"', '"mailto://example.com/…" is not a notifier; '
         "write one of the names in TIERLINE_FALLBACK_URLS."),
        ("", '"fallback_notifier" is empty; write it like fallback_notifier: managers.'),
        ("[managers]", '"fallback_notifier" must be a single value; write it like fallback_notifier: managers.'),
    ],
)  # fmt: skip
def test_a_notifier_is_a_name_and_not_an_address_which_is_a_secret(notifier: str, problem: str) -> None:
    before = "fallback_after: 2m\n"
    [found] = mistakes(before, f"{before}fallback_notifier: {notifier}\n")
    assert found.partition(": ")[2] == problem
