"""What `policy.yml` may hold, and what a person reads when it holds something else."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.policy_file import Directory, Names, PolicyDocument, PolicyFileError, TargetsEntry, read, to_policy, unresolved
from tests.policy_file.files import ANA, DIRECTORY, FILE, changed, group, problems, read_text, user


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(minutes=90)),
        ('"1.5h"', timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(days=7)),
    ],
)
def test_a_duration_is_written_with_units(written: str, meant: timedelta) -> None:
    document = read_text(changed("ack_within: 5m", f"ack_within: {written}"))

    assert document.severities.sev1.ack_within == meant


UNITS = "write it like 5m, 1h30m or 2h."


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("5 minuts", f'"5 minuts" is not a duration; {UNITS}'),
        ("5", f'"5" is not a duration; {UNITS}'),
        ("1:30", f'"1:30" is not a duration; {UNITS}'),
        ("5mm", f'"5mm" is not a duration; {UNITS}'),
        ("5m or 6m", f'"5m or 6m" is not a duration; {UNITS}'),
        ("-5m", f'"-5m" is not a duration; {UNITS}'),
        ("1.2.3m", '"1.2.3m" is not a duration; ' + UNITS),
        ("60.5s", f'"60.5s" is not a duration in whole seconds; {UNITS}'),
        ("0m", '"0m" is no time at all; write 1m or more.'),
        ("59s", '"59s" is too short for a person to read a page; write 1m or more.'),
        ("366d", '"366d" is too long; write 365d or less.'),
        ("99999999999999d", '"99999999999999d" is too long; write 365d or less.'),
        ("9" * 100 + "d", f'"{"9" * 59}…" is too long; write 365d or less.'),
        ("", '"ack_within" is empty; write it like ack_within: 5m.'),
        ("[5m]", '"ack_within" must be a single value; write it like ack_within: 5m.'),
    ],
)
def test_what_is_not_a_usable_duration_is_refused(written: str, problem: str) -> None:
    assert problems(changed("ack_within: 5m", f"ack_within: {written}")) == (f"policy.yml line 2: {problem}",)


def test_targets_can_be_made_without_a_file() -> None:
    targets = TargetsEntry(ack_within=timedelta(minutes=5), update_every=timedelta(hours=1))

    assert targets.model_dump(mode="json") == {"ack_within": "5m", "update_every": "1h"}
    with pytest.raises(ValidationError, match="too short"):
        TargetsEntry(ack_within=timedelta(seconds=5), update_every=timedelta(hours=1))


def test_targets_under_a_minute_are_for_the_playground() -> None:
    document = read_text(changed("ack_within: 5m", "ack_within: 2s"), allow_short=True)

    assert document.severities.sev1.ack_within == timedelta(seconds=2)
    assert PolicyDocument.from_json(document.canonical_json()) == document


TIERS_LIKE = 'tiers: [{name: First line, channel: "#tier-1", people: ["@ana"]}]'
NAME_A_PERSON = 'write the name as in Slack, like "@ana" in quotes, or the id, like U0123ABCD or S0123ABCD.'
NAME_A_CHANNEL = 'write its name as in Slack, like "#tier-1" in quotes, or its id, like C0123ABCD.'


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        # a key that is not known, at each level
        ("fallback_channel:", "fallbck_channel:", '17: "fallbck_channel" is not a known key here; '
         'did you mean "fallback_channel"?'),
        ("sev3:", "sev5:", '4: "sev5" is not a known key here; did you mean "sev3"?'),
        ("ack_within", "ack_wihtin", '2: "ack_wihtin" is not a known key here; did you mean "ack_within"?'),
        ("20m}", "20m, 30m}", '2: "30m" is not a known key here; known here: resolve_within, slower_updates, warn_at, '
         "ack_expires_after, clock."),
        ("{policy: default}", "{policy: default, team: a}", '7: "team" is not a known key here; '
         "known here: stakeholder_channel, also_told, private."),
        ("    repeat:", "    repeet:", '15: "repeet" is not a known key here; did you mean "repeat"?'),
        ("- name:", "- nmae:", '11: "nmae" is not a known key here; did you mean "name"?'),
        ("every: 5m, times", "evry: 5m, times", '15: "evry" is not a known key here; did you mean "every"?'),
        ("severities:\n", f"severities:\n  {'x' * 100}:\n", f'2: "{"x" * 59}…" is not a known key here; '
         "known here: sev1, sev2, sev3, sev4."),
        # a key that is missing
        ("  sev3: {ack_within: 60m, update_every: 4h}\n", "",
         '1: "sev3" is missing here; add it, like sev3: {ack_within: 60m, update_every: 4h}.'),
        ("ack_within: 5m, ", "", '2: "ack_within" is missing here; add it, like ack_within: 5m.'),
        ("      - name: First line\n        channel", "      - channel",
         '11: "name" is missing here; add it, like name: First line.'),
        # empty
        ('"#tier-1"', "#tier-1", '12: "channel" is empty; write it like channel: "#tier-1".'),
        ("{policy: default}", "", '7: "checkout" is empty; write it like checkout: {policy: default}.'),
        ('["@ana", "@first-line"]', "[]", '13: "people" is empty; write it like people: ["@ana", "@first-line"].'),
        ('["@ana", "@first-line"]', "[~]",
         '13: an entry of "people" is empty; write it like people: ["@ana", "@first-line"].'),
        ("name: First line", 'name: ""', '11: "name" is empty; write it like name: First line.'),
        # of another kind
        ("{policy: default}", "default", '7: "checkout" must hold keys with values; '
         "write it like checkout: {policy: default}."),
        ('["@ana", "@first-line"]', '"@ana"', '13: "people" must be a list; '
         'write it like people: ["@ana", "@first-line"].'),
        ('"#tier-1"', '["#tier-1"]', '12: "channel" must be a single value; write it like channel: "#tier-1".'),
        # names
        ('"#tier-1"', "tier-1", f'12: "tier-1" is not a channel; {NAME_A_CHANNEL}'),
        ('"#tier-1"', '"#Tier 1"', f'12: "#Tier 1" is not a channel; {NAME_A_CHANNEL}'),
        ('"#tier-1"', '"@ana"', f'12: "@ana" is not a channel; {NAME_A_CHANNEL}'),
        ('"@first-line"', "first-line", f'13: "first-line" is not a person or a user group; {NAME_A_PERSON}'),
        ('"@first-line"', '"@ana @ben"', f'13: "@ana @ben" is not a person or a user group; {NAME_A_PERSON}'),
        ('"@first-line"', '"@ana, ben"', f'13: "@ana, ben" is not a person or a user group; {NAME_A_PERSON}'),
        ('"@first-line"', '"#tier-1"', f'13: "#tier-1" is not a person or a user group; {NAME_A_PERSON}'),
        ("checkout:", "Check out:", '7: "Check out" is not a service that people can type; '
         "use small letters, digits, - and _, like check-out."),
        *(
            ("checkout:", f'"{word}":', f'7: "{word}" means something else in what people type after /incident; '
             "name this service otherwise.")
            for word in ("private", "mine", "open", "closed", "2", "inc-12", "sev1", "sev-2", "sev1-gateway")
        ),
        ("name: First line", f"name: {'x' * 61}", f'11: "{"x" * 59}…" is too long; write 60 characters or less.'),
        # what does not fit together
        ("policy: default", "policy: defualt", '7: there is no policy "defualt"; did you mean "default"?'),
        ("policy: default", "policy: data", '7: there is no policy "data"; known here: default.'),
        ("times: 3", "times: 0", '15: "times" must be a number from 1 to 1000; write it like times: 3.'),
        ("times: 3", "times: often", '15: "times" must be a number from 1 to 1000; write it like times: 3.'),
        ("every: 5m, times", "every: 5s, times",
         '15: "5s" is too short for a person to read a page; write 1m or more.'),
        ("services:\n", "services:\n  checkout: {policy: default}\n",
         '8: "checkout" is here twice, also in line 7; keep one of them.'),
        ("{policy: default}", "!team {policy: default}", "7: !team has no meaning here; remove it."),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line_and_the_fix(before: str, after: str, problem: str) -> None:
    assert problems(changed(before, after)) == (f"policy.yml line {problem}",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ' line 1: the file is empty; start it with "severities:", as the shipped policy.yml does.'),
        ("# a word\n", ' line 1: the file is empty; start it with "severities:", as the shipped policy.yml does.'),
        ("\n- a\n", ' line 2: the file must hold keys with values; start it with "severities:", '
         "as the shipped policy.yml does."),
        (changed('"@ana"', "@ana"), " line 13: this is not YAML (found character '@' that cannot start any token); "
         'put a name that starts with @ in quotes, like "@ana".'),
        ("services:\n\tcheckout: a\n", " line 2: this is not YAML (found character '\\t' that cannot start any token); "
         "indent with spaces, not with tabs."),
        ("a: 1\n---\nb: 2\n", " line 2: this is not YAML (found another document); "
         "keep one policy in a file and remove the line with ---."),
        ("services:\n  a: b: c\n", " line 2: this is not YAML (mapping values are not allowed here); "
         "check the indentation, colons, brackets and quotes here and in the line above."),
        ("? [a]\n: b\n", " line 1: this is not a key; a key is a word followed by a colon."),
        ("a: 1\nb: \x07\n", " line 2: there is a character that YAML does not allow; remove it."),
        (b"a: 1\nb: caf\xe9\n", " line 2: this is not UTF-8 text; save the file as UTF-8."),
        ("a: &again\n  b: *again\n", " line 1: it holds too much; write it plainly, without aliases within aliases."),
        ("a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in ("ab", "bc", "cd", "de", "ef")
        ), " line 1: it holds too much; write it plainly, without aliases within aliases."),
        ("[" * 1_000, ": it is nested too deeply; start from the shipped policy.yml."),
        ("#" * 1_000_001, " is larger than 1 MB; is it really the policy file?"),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_apart_is_refused(text: str | bytes, problem: str) -> None:
    assert problems(text) == (f"policy.yml{problem}",)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(PolicyFileError) as refused:
        read(Path("missing.yml"))

    assert str(refused.value) == "missing.yml was not found; create it, or say in TIERLINE_POLICY_FILE where it is."


def test_a_folder_is_no_policy_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"cannot be read \(.*\); check that it is a file"):
        read(tmp_path)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines() -> None:
    wrong = (
        FILE
        .replace("times: 3", "times: 0")
        .replace("ack_within: 15m", "ack_within: soon")
        .replace("services:\n", "services:\n  search: {policy: defalt}\n  search: {policy: default}\n")
        .replace("stakeholder_channel", "stakeholders_channel")
    )  # fmt: skip

    assert problems(wrong) == (
        'policy.yml line 3: "soon" is not a duration; write it like 5m, 1h30m or 2h.',
        'policy.yml line 8: "search" is here twice, also in line 7; keep one of them.',
        'policy.yml line 17: "times" must be a number from 1 to 1000; write it like times: 3.',
        'policy.yml line 18: "stakeholders_channel" is not a known key here; did you mean "stakeholder_channel"?',
    )


def test_every_missing_part_of_the_file_is_told() -> None:
    assert problems("policies: {default: {tiers: [first]}}\n") == (
        'policy.yml: "severities" is missing here; '
        "add it, like severities: {sev1: {ack_within: 5m, update_every: 20m}, …}.",
        'policy.yml: "services" is missing here; add it, like services: {checkout: {policy: default}}.',
        'policy.yml: "stakeholder_channel" is missing here; add it, like stakeholder_channel: "#incident-updates".',
        'policy.yml: "fallback_channel" is missing here; add it, like fallback_channel: "#escalation-fallback".',
        f'policy.yml line 1: an entry of "tiers" must hold keys with values; write it like {TIERS_LIKE}.',
    )
    assert f'"payroll" is empty; write it like payroll: {{{TIERS_LIKE}}}.' in problems("policies:\n  payroll:\n")[-1]


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    document = read_text(
        changed("checkout: {policy: default}", "no: {policy: default}\n  1_0: {policy: default}\n  null: {policy: on}")
        .replace("  default:\n", "  default: &same\n")
        .replace("stakeholder_channel", "  on: *same\nstakeholder_channel")
    )

    assert list(document.services) == ["no", "1_0", "null"]
    assert document.policies["on"] == document.policies["default"]


def test_a_policy_needs_neither_managers_nor_repeats() -> None:
    text = changed("    repeat: {every: 5m, times: 3}\n", "").replace('        managers: ["@grace"]\n', "")

    escalation = to_policy(read_text(text), DIRECTORY).escalation("checkout")

    assert escalation.repeat is None
    assert escalation.managers == ()


def test_a_document_survives_its_storage() -> None:
    document = read_text(FILE)

    stored = PolicyDocument.from_json(document.canonical_json())

    assert stored == document
    assert stored.canonical_json() == document.canonical_json()
    assert to_policy(stored, DIRECTORY) == to_policy(document, DIRECTORY)


def test_a_document_is_the_same_wherever_it_comes_from() -> None:
    document = read_text(FILE)

    assert PolicyDocument.model_validate_json(document.canonical_json()) == document
    assert document.marks.source == "policy.yml"


def test_comments_layout_and_spelling_do_not_change_the_canonical_text() -> None:
    other = "# ours\n" + changed("60m", "1h").replace("1d", "24h").replace(
        "{policy: default}", "\n    # the shop\n    policy: 'default'"
    )

    assert other != FILE
    assert read_text(other).canonical_json() == read_text(FILE).canonical_json()


def test_a_changed_target_changes_the_canonical_text() -> None:
    assert read_text(changed("5m", "6m")).canonical_json() != read_text(FILE).canonical_json()


def test_only_names_are_looked_up_and_ids_are_not() -> None:
    document = read_text(changed('"@first-line"', "S0FIRSTLN1, U0BEN00001, W0BEN00001"))

    assert document.names() == Names(channels=frozenset({"#tier-1", "#updates"}), people=frozenset({"@ana", "@grace"}))


def test_ids_are_their_own_answer() -> None:
    document = read_text(changed('"@first-line"', "S0FIRSTLN1, U0BEN00001").replace('"#tier-1"', "G0SECRET01"))

    tier = to_policy(document, DIRECTORY).escalation("checkout").tier(1)

    assert tier.channel == "G0SECRET01"
    assert tier.people == (ANA, group("S0FIRSTLN1", "S0FIRSTLN1"), user("U0BEN00001", "U0BEN00001"))


def test_somebody_named_twice_is_mentioned_once() -> None:
    document = read_text(changed('"@first-line"', '"@ana", U0ANA00001'))

    assert to_policy(document, DIRECTORY).escalation("checkout").tier(1).people == (ANA,)


def test_each_name_that_slack_does_not_know_is_told_once_where_it_stands_first() -> None:
    document = read_text(
        changed('"#tier-1"', '"#tier-9"')
        .replace('["@grace"]', '["@first-line", "@nobody here"]')
        .replace('"#updates"', '"#tier-9"')
    )
    directory = Directory(channels={}, people={"@ana": ANA})
    channel = "there is no channel #tier-9 that the bot can see; create it, or invite the bot if it is private."
    people = "there is no person or user group {} in Slack; write the name as it is there, or the id."

    assert unresolved(document, directory) == [
        f"policy.yml line 12: {channel}",
        f"policy.yml line 13: {people.format('@first-line')}",
        f"policy.yml line 14: {people.format('@nobody here')}",
    ]
    assert unresolved(document, directory, source="ours.yml")[0] == f"ours.yml line 12: {channel}"


def test_names_of_a_stored_document_are_told_without_lines() -> None:
    document = PolicyDocument.from_json(read_text(changed('"#tier-1"', '"#tier-9"')).canonical_json())
    channel = "there is no channel #tier-9 that the bot can see; create it, or invite the bot if it is private."

    assert unresolved(document, DIRECTORY) == [channel]
    assert unresolved(document, DIRECTORY, source="the stored policy") == [f"the stored policy: {channel}"]


@pytest.mark.parametrize("unknown", ["#tier-1", "@ana"])
def test_a_policy_is_not_made_of_names_that_were_not_looked_up(unknown: str) -> None:
    directory = Directory(
        channels={name: channel for name, channel in DIRECTORY.channels.items() if name != unknown},
        people={name: mention for name, mention in DIRECTORY.people.items() if name != unknown},
    )

    with pytest.raises(ValueError, match=unknown):
        to_policy(read_text(FILE), directory)


def test_a_directory_survives_its_storage() -> None:
    assert Directory.from_json(DIRECTORY.to_json()) == DIRECTORY
