"""What was typed after `tierline policy simulate`, read; names stand for themselves, so that it needs no Slack."""

from dataclasses import dataclass
from datetime import timedelta

import durationpy

from bot.clock import now
from bot.domain.ids import ChannelId
from bot.domain.policy import Mention, MentionKind, Policy, Severity
from bot.policy_file import Directory, PolicyDocument
from bot.services.explaining import Plan, zone_of
from bot.services.spoken_time import NotAnInstant, read_instant
from bot.start import CannotStart

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be simulated, as it was typed; nothing for what nobody does."""

    severity: str
    service: str
    at: str
    ack_after: str
    escalate_after: str
    hold_after: str
    hold_for: str
    resolve_after: str
    until: str


def offline_directory(document: PolicyDocument) -> Directory:
    """Channels and people stand for themselves, as the file writes them."""
    names = document.names()
    people = {name: Mention(kind=MentionKind.USER, slack_id=name, name=name.removeprefix("@")) for name in names.people}
    channels = {name: ChannelId(name) for name in names.channels}
    return Directory(channels=channels, people=people, holidays=document.holidays(now().date()))


def plan_of(asked: Asked, policy: Policy) -> Plan:
    severity = _severity(asked.severity)
    if asked.service not in policy.services:
        raise CannotStart(f"“{asked.service}” is not a service of the policy: {', '.join(policy.services)}.")
    try:
        at = read_instant(asked.at, now=now(), zone=zone_of(policy, severity))
    except NotAnInstant as error:
        raise CannotStart(f"--at: {error}") from error
    return Plan(
        severity=severity,
        service=asked.service,
        at=at.replace(second=0, microsecond=0),
        ack_after=_after("--ack-after", asked.ack_after),
        escalate_after=_after("--escalate-after", asked.escalate_after),
        hold_after=_after("--hold-after", asked.hold_after),
        hold_for=_after("--hold-for", asked.hold_for) or timedelta(hours=2),
        resolve_after=_after("--resolve-after", asked.resolve_after),
        span=_after("--until", asked.until) or timedelta(hours=24),
    )


def _severity(text: str) -> Severity:
    try:
        return Severity(text.lower())
    except ValueError as error:
        raise CannotStart(f"“{text}” is not a severity: {', '.join(Severity)}.") from error


def _after(option: str, text: str) -> timedelta | None:
    if not text:
        return None
    try:
        span: timedelta = durationpy.from_str(text)
    except durationpy.DurationError as error:
        raise CannotStart(f"{option}: “{text}” is not a duration; write it like 5m, 1h30m or 2h.") from error
    if not timedelta(0) < span <= LONGEST:
        raise CannotStart(f"{option}: {text} has to be longer than nothing and at most 366 days.")
    return span
