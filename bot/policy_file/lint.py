"""What is legal in the file but looks wrong: a line and a sentence with the fix for each. Looks nothing up."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

import durationpy

from bot.domain.policy import PINNING, Role, Severity
from bot.policy_file.document import PolicyDocument
from bot.policy_file.errors import Loc, Problem
from bot.policy_file.on_call import RotationEntry
from bot.policy_file.severities import TargetsEntry
from bot.policy_file.tiers import PolicyEntry, TierEntry
from bot.policy_file.values import TIER_MANAGERS

Finding = tuple[Loc, str]


def lint(
    document: PolicyDocument, today: date | None = None, notifiers: Collection[str] | None = None
) -> Sequence[Problem]:
    """In the order of the lines. With `today` also what has not begun yet or is over, with `notifiers`, the names of
    the other ways than Slack, also whether the file names one of them."""
    findings = [
        *_of_severities(document),
        *_of_reminders(document),
        *_of_calendars(document),
        *_of_policies(document),
        *_of_audiences(document),
        *_of_rotations(document, today),
        *_of_incident_channel(document),
        *_of_admins(document),
        *_of_reactions(document),
        *_of_notifier(document, notifiers),
    ]
    return sorted(((document.marks.line(loc), sentence) for loc, sentence in findings), key=lambda problem: problem[0])


def _of_notifier(document: PolicyDocument, notifiers: Collection[str] | None) -> Iterator[Finding]:
    name = document.fallback_notifier
    if name is not None and notifiers is not None and name not in notifiers:
        yield (
            ("fallback_notifier",),
            f'no address in TIERLINE_FALLBACK_URLS is named "{name}"; name one, like {name}=mailto://…, '
            "for until then all of them are used.",
        )


def _of_severities(document: PolicyDocument) -> Iterator[Finding]:
    targets = {severity: document.severities.of(severity) for severity in Severity}
    for severity, entry in targets.items():
        for key, sentence in _within(entry):
            yield ("severities", severity, key), f"{severity}: {sentence}"
    for worse, better in pairwise(Severity):
        if targets[worse].clock == targets[better].clock:
            yield from _out_of_order(worse, targets[worse], better, targets[better])


def _of_reminders(document: PolicyDocument) -> Iterator[Finding]:
    """Of the severity with the shortest time between two updates."""
    before = None if document.updates is None else document.updates.nudge_before
    severity = min(Severity, key=lambda each: document.severities.of(each).update_every)
    every = document.severities.of(severity).update_every
    if before is not None and before > every / 2:
        yield (
            ("updates", "nudge_before"),
            f"{severity} has an update every {_text(every)}, so its reminder comes at the middle; "
            f"make nudge_before {_text(every / 2)} or less.",
        )


_ORDERED: tuple[tuple[str, Callable[[TargetsEntry], timedelta | None]], ...] = (
    ("ack_within", lambda targets: targets.ack_within),
    ("update_every", lambda targets: targets.update_every),
    ("resolve_within", lambda targets: targets.resolve_within),
)


def _out_of_order(worse: Severity, slow: TargetsEntry, better: Severity, fast: TargetsEntry) -> Iterator[Finding]:
    for key, value in _ORDERED:
        mine, theirs = value(slow), value(fast)
        if mine is not None and theirs is not None and mine > theirs:
            yield (
                ("severities", worse, key),
                f"{key} of {worse} ({_text(mine)}) is longer than of {better} ({_text(theirs)}); "
                f"make it {_text(theirs)} or less, for {worse} is the worse.",
            )


def _within(entry: TargetsEntry) -> Iterator[tuple[str, str]]:
    """What does not fit together in the targets of one severity: the key and a sentence."""
    resolve, slower, expires = entry.resolve_within, entry.slower_updates, entry.ack_expires_after
    if resolve is not None and entry.ack_within >= resolve:
        yield "ack_within", f"there is no time left to resolve; make it shorter than resolve_within ({_text(resolve)})."
    if resolve is not None and entry.update_every > resolve:
        yield "update_every", f"nobody reads an update in time; make it {_text(resolve)} (resolve_within) or less."
    if slower is not None and slower.every < entry.update_every:
        yield (
            "slower_updates",
            f"its updates come more often than before; make every {_text(entry.update_every)} (update_every) or more.",
        )
    if expires is not None and expires < entry.ack_within:
        yield (
            "ack_expires_after",
            f"it runs out before a tier has to answer; make it {_text(entry.ack_within)} (ack_within) or more.",
        )


def _of_calendars(document: PolicyDocument) -> Iterator[Finding]:
    used = {document.severities.of(severity).clock for severity in Severity}
    for name, calendar in document.calendars.items():
        loc = ("calendars", name)
        if name not in used:
            yield loc, f'no severity goes by the calendar "{name}"; name it as the clock of one, or remove it.'
        if calendar.holidays is None or not (calendar.holidays.country or calendar.holidays.extra):
            yield loc, f'the calendar "{name}" has no holidays; add them, like holidays: {{country: FR}}.'


def _of_policies(document: PolicyDocument) -> Iterator[Finding]:
    used = {service.policy for service in document.services.values()}
    for name, policy in document.policies.items():
        loc = ("policies", name)
        if name not in used:
            yield loc, f'no service has the policy "{name}"; give it to one, or remove it.'
        if policy.repeat is None:
            yield loc, f'the last tier of "{name}" is paged once; add repeat: {{every: 5m, times: 3}}.'
        yield from _of_managers(loc, name, policy)
        yield from _of_tiers(loc, document, policy)


def _of_audiences(document: PolicyDocument) -> Iterator[Finding]:
    """Whoever is told twice, or told of what is private."""
    entries: list[tuple[Loc, str, tuple[str, ...]]] = [((), document.stakeholder_channel, document.also_told)]
    for name, policy in document.policies.items():
        first = policy.stakeholder_channel or document.stakeholder_channel
        entries.append((("policies", name), first, policy.also_told or ()))
    for name, service in document.services.items():
        entries.append((("services", name), document.audiences(name)[0], service.also_told or ()))
        for key in ("stakeholder_channel", "also_told"):
            if service.private and getattr(service, key):
                yield ("services", name, key), f'"{name}" is private, so no channel is told of it; remove {key}.'
    for loc, first, others in entries:
        for index, channel in enumerate(others):
            if channel in (first, *others[:index]):
                yield (*loc, "also_told", index), f"{channel} would be told once anyway; remove it here."


def _of_managers(loc: Loc, name: str, policy: PolicyEntry) -> Iterator[Finding]:
    of_tiers = any(tier.managers for tier in policy.tiers)
    if not of_tiers and all(set(rule.tell) <= {TIER_MANAGERS} for rule in policy.managers):
        yield loc, f'"{name}" names no managers, so nobody is told of a breach; add managers to its tiers.'
    elif not of_tiers:
        for index, rule in enumerate(policy.managers):
            if TIER_MANAGERS in rule.tell:
                yield (*loc, "managers", index), f'no tier of "{name}" has managers; add them, or name people here.'


def _of_tiers(loc: Loc, document: PolicyDocument, policy: PolicyEntry) -> Iterator[Finding]:
    before: TierEntry | None = None
    for index, tier in enumerate(policy.tiers):
        here = (*loc, "tiers", index)
        if tier.channel is None:
            yield here, f'"{tier.name}" has no channel, so it is passed over; give it one, or remove it.'
            continue
        if not tier.people and not tier.on_call:
            yield here, f'"{tier.name}" pages nobody; name people, or write people: [channel].'
        if before is not None and before.channel == tier.channel:
            yield (
                here,
                f'"{tier.name}" has the channel of "{before.name}" before it; give it its own, or join them.',
            )
        before = tier
        yield from _of_tier_targets(here, document, tier)


def _of_tier_targets(loc: Loc, document: PolicyDocument, tier: TierEntry) -> Iterator[Finding]:
    for severity, ack_within in tier.ack_within.items():
        resolve = document.severities.of(severity).resolve_within
        if resolve is not None and ack_within >= resolve:
            yield (
                (*loc, "ack_within", severity),
                f'"{tier.name}" leaves no time to resolve {severity}; make ack_within shorter than {_text(resolve)}.',
            )


def _of_rotations(document: PolicyDocument, today: date | None) -> Iterator[Finding]:
    for loc, tier in document.tiers():
        for index, source in enumerate(tier.on_call):
            if source.rotation is not None:
                yield from _of_rotation((*loc, "on_call", index, "rotation"), source.rotation, today)


def _of_rotation(loc: Loc, rotation: RotationEntry, today: date | None) -> Iterator[Finding]:
    if today is not None and rotation.first_day > today:
        yield (
            (*loc, "first_day"),
            f"nobody is on call before {rotation.first_day}; write a first_day in the past to begin at once.",
        )
    for index, override in enumerate(rotation.overrides):
        here = (*loc, "overrides", index)
        if override.start.date() < rotation.first_day:
            yield here, f"this override begins before the rotation does, on {rotation.first_day}; check its dates."
        elif today is not None and override.end.date() < today:
            yield here, f"this override ended on {override.end.date()}; remove it."


def _of_incident_channel(document: PolicyDocument) -> Iterator[Finding]:
    entry = document.incident_channel
    if entry is None:
        return
    here = ("incident_channel",)
    if "{number}" not in entry.name:
        yield (
            (*here, "name"),
            f'"{entry.name}" does not tell incidents apart; add {{number}}, like inc-{{number}}-{{title}}.',
        )
    if entry.is_archived_soon:
        yield (
            (*here, "archive_after"),
            f"it is archived {_text(entry.archive_after)} after the end, and a bot cannot take that back; make it "
            "1h or more, so that people can read it and reopen the incident.",
        )


def _of_admins(document: PolicyDocument) -> Iterator[Finding]:
    if document.admins:
        return
    for verb in document.roles:
        if Role.ADMINS in document.roles[verb]:
            yield ("roles", verb), f'"{verb}" is open to admins, and there are none; add them, like admins: ["@grace"].'


def _of_reactions(document: PolicyDocument) -> Iterator[Finding]:
    for key, emoji in (("acknowledge", document.reactions.acknowledge), ("resolve", document.reactions.resolve)):
        if emoji == PINNING:
            yield ("reactions", key), f"{PINNING} keeps a message in the story of an incident; choose another emoji."


def _text(duration: timedelta) -> str:
    return str(durationpy.to_str(duration))
