"""What the sentences about a fact depend on: where the incident stood just before it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.catalogue import n, t
from bot.domain.clocks import CATCH_UP_WITHIN
from bot.domain.ids import UserId
from bot.domain.policy import EscalationPolicy, Policy, Severity, Tier
from bot.domain.timeline import (
    Acknowledged,
    AcknowledgementExpired,
    Breached,
    Escalated,
    Held,
    Opened,
    PassedOn,
    Reopened,
    SeverityChanged,
    Target,
    TimelineEvent,
)
from bot.slack.blocks.mrkdwn import duration
from bot.slack.blocks.words import name


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The facts that reasons are made of. `since` is when the present tier was asked, `breach` the last target missed.

    `reporter` opened it; `taken` when somebody has it.
    """

    policy: Policy
    reporter: UserId
    service: str
    severity: Severity
    route: str
    tier: int
    since: datetime
    catching_up: bool = False
    taken: bool = False
    breach: Target | None = None
    is_private: bool = False

    @property
    def escalation(self) -> EscalationPolicy:
        return self.policy.escalation(self.route)

    def tier_of(self, number: int, route: str = "") -> Tier:
        return self.policy.escalation(route or self.route).tier(number)

    def within(self, target: Target) -> str:
        """`5 minutes`, `8 hours of business time`: how long there was for it."""
        targets = self.policy.targets(self.severity)
        if target is Target.RESPONSE:
            allowed = self.tier_of(self.tier).ack_within.get(self.severity) or targets.ack_within
            allowed = min(allowed, CATCH_UP_WITHIN) if self.catching_up else allowed
        else:
            allowed = targets.resolve_within or timedelta(0)
        return (
            duration(allowed)
            if targets.calendar is None
            else t("{counted} of {name} time", counted=counted(allowed), name=name(targets.calendar.name))
        )

    def after(self, event: TimelineEvent) -> "Standing":
        match event.fact:
            case Escalated(to_tier=tier, route=route, catching_up=catching_up):
                return replace(self._asked(event), tier=tier, route=route or self.route, catching_up=catching_up)
            case AcknowledgementExpired() | Reopened():
                return self._asked(event)
            case PassedOn() if self.taken:
                return self._asked(event)
            case Acknowledged() | Held():
                return replace(self, taken=True)
            case SeverityChanged(after=severity):
                return replace(self, severity=severity)
            case Breached(target=target):
                return replace(self, breach=target)
            case _:
                return self

    def _asked(self, event: TimelineEvent) -> "Standing":
        return replace(self, since=event.at, catching_up=False, taken=False)


def counted(span: timedelta) -> str:
    """Time by a calendar, in hours: a day of it would be read as one from midnight to midnight."""
    minutes = int(span.total_seconds()) // 60
    hours, minutes = divmod(minutes, 60)
    parts = [n("{number} hour", "{number} hours", hours)] if hours else []
    return " and ".join(
        [*parts, *([n("{number} minute", "{number} minutes", minutes)] if minutes or not hours else [])]
    )


def standings(story: Iterable[TimelineEvent], policy: Policy) -> Iterator[tuple[TimelineEvent, Standing]]:
    """Each fact of a story that begins with the opening, with the standing before it; for the opening, after it."""
    standing: Standing | None = None
    for event in story:
        if standing is None:
            standing = _at_opening(event, policy)
        yield event, standing
        standing = standing.after(event)


def at_the_end(story: Iterable[TimelineEvent], policy: Policy) -> Standing:
    """After all of a story."""
    last: Standing | None = None
    for event, before in standings(story, policy):
        last = before.after(event)
    if last is None:
        raise ValueError("a story begins with the opening")
    return last


def _at_opening(event: TimelineEvent, policy: Policy) -> Standing:
    if not isinstance(event.fact, Opened):
        raise TypeError("a story begins with the opening")
    opened = event.fact
    return Standing(
        policy=policy,
        reporter=event.by,
        service=opened.service,
        severity=opened.severity,
        route=opened.service,
        tier=opened.tier,
        since=event.at,
        is_private=opened.is_private,
    )
