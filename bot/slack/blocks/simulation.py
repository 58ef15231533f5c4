"""A policy as people read it, and what it would do to an incident, moment by moment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from bot.catalogue import t
from bot.domain.explanation import only_update
from bot.domain.forecast import Moment, hearings
from bot.domain.on_call import FeedStatus, ShiftsOf
from bot.domain.policy import (
    EscalationPolicy,
    ManagerRule,
    Mention,
    Occasion,
    OnCall,
    OnCallFeed,
    OwedUpdates,
    Policy,
    Severity,
    Targets,
    Tier,
)
from bot.domain.timeline import UpdateDue, UpdateNudged
from bot.slack.blocks.audiences import where_told
from bot.slack.blocks.explanation import paragraphs
from bot.slack.blocks.flags import part
from bot.slack.blocks.foreseen import calendar_at, clock_of, steps, who_hears
from bot.slack.blocks.layout import context, header, message
from bot.slack.blocks.mrkdwn import channel, duration, escape, mentions, time_of, user
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.standing import counted, standings
from bot.slack.blocks.words import name, sentence_case

MOST_ROWS = 60
POLICIES_SHOWN = 20
PEOPLE_SHOWN = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One moment of a simulation in mrkdwn; `elapsed` is since the opening, `clock` empty for what people do."""

    at: datetime
    elapsed: timedelta
    what: str
    tier: int
    hears: Sequence[str]
    clock: str


def rows(moments: Iterable[Moment], policy: Policy, *, shifts_of: ShiftsOf | None = None) -> Iterator[Row]:
    """Updates of the cadence that follow one another are one row, with the reminders of them."""
    before, opened_at, updates = None, None, list[Moment]()
    for moment in moments:
        if before is None:
            _, before = next(iter(standings(moment.transition.events, policy)))
            opened_at = moment.at
        if only_update(moment) and moment.refused is None:
            updates.append(moment)
            continue
        if updates:
            yield _updates(updates, policy, opened_at or moment.at, shifts_of)
            updates = []
        told, before = steps(moment, before)
        refused = (
            [] if moment.refused is None else [t("This is refused: {refused}.", refused=escape(str(moment.refused)))]
        )
        yield Row(
            at=moment.at,
            elapsed=moment.at - (opened_at or moment.at),
            what=" ".join([*(sentence_case(each) for each in told), *refused]),
            tier=moment.transition.incident.tier,
            hears=_heard(moment, policy, shifts_of),
            clock=", ".join(dict.fromkeys(clock for each in moment.transition.events if (clock := clock_of(each)))),
        )
    if updates:
        yield _updates(updates, policy, opened_at or updates[0].at, shifts_of)


def simulated(moments: Iterable[Moment], policy: Policy, *, title: str, shifts_of: ShiftsOf | None = None) -> Rendered:
    """The answer to `/incident policy simulate …`; `title` says what was asked, in plain text."""
    lines: list[str] = []
    for number, row in enumerate(rows(moments, policy, shifts_of=shifts_of)):
        if number == MOST_ROWS:
            lines.append(t("… and so on; `tierline policy simulate` tells all of it."))
            break
        hears = t(" Told: {listed}.", listed="; ".join(row.hears)) if row.hears else ""
        lines.append(f"• *{since(row.elapsed)}* {time_of(row.at)}: {row.what}{hears}")
    return message(
        title,
        [header(title), *paragraphs(lines), context(t("Nothing was opened: this is what the policy says."))],
    )


def policy_shown(policy: Policy, *, feeds: Sequence[FeedStatus], now: datetime) -> Rendered:
    """The answer to `/incident policy show`: who is asked when, service by service, and what is promised."""
    severities = [_severity(severity, targets) for severity, targets in policy.severities.items()]
    services: dict[str, list[str]] = {}
    for service, escalation in policy.services.items():
        services.setdefault(escalation.name, []).append(service)
    blocks: list[Block] = [header(t("The policy")), *paragraphs(["*Severities*", *severities])]
    for names in list(services.values())[:POLICIES_SHOWN]:
        blocks.extend(paragraphs(list(_escalation(policy.escalation(names[0]), names))))
    fallback = t(
        "When nobody answers, or a page cannot be posted: {fallback_channel}.",
        fallback_channel=channel(policy.fallback_channel),
    )
    small_print = "\n".join([*_owed(policy.updates), fallback, *(_feed(feed, now) for feed in feeds)])
    return message(t("The policy for new incidents."), [*blocks, context(small_print)])


def _owed(updates: OwedUpdates) -> Iterator[str]:
    if updates.nudge_before is not None:
        yield t(
            "Whoever has an incident is reminded of its next update {nudge_before} before it is due.",
            nudge_before=duration(updates.nudge_before),
        )
    if updates.overdue_after is not None:
        yield t(
            "When nobody has written one, managers hear of it once {part} of the time to the next is over.",
            part=part(updates.overdue_after).lower(),
        )


def _feed(feed: FeedStatus, now: datetime) -> str:
    """How far the copy of a calendar can be trusted."""
    calendar = t("The on-call calendar at {host}", host=escape(feed.host))
    wrong = "" if feed.error is None else t("; the last try failed: {error}", error=escape(feed.error))
    if feed.fetched_at is None:
        return t("{calendar} was never read, so it pages nobody{wrong}.", calendar=calendar, wrong=wrong)
    return t(
        "{calendar} was read {now} ago{wrong}.", calendar=calendar, now=duration(now - feed.fetched_at), wrong=wrong
    )


def since(elapsed: timedelta) -> str:
    """`+0:05`, `+1d 02:30`: short, so that it can stand in a column."""
    seconds = int(elapsed.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    clock = f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
    return f"+{days}d {clock.rjust(5, '0')}" if days else f"+{clock}"


def _updates(updates: Sequence[Moment], policy: Policy, opened_at: datetime, shifts_of: ShiftsOf | None) -> Row:
    first = updates[0].at
    tier = updates[0].transition.incident.tier
    what = " ".join([*_reminded(updates), *_updated(updates, policy)])
    hears = tuple(dict.fromkeys(said for moment in updates for said in _heard(moment, policy, shifts_of)))
    return Row(at=first, elapsed=first - opened_at, what=what, tier=tier, hears=hears, clock="update")


def _heard(moment: Moment, policy: Policy, shifts_of: ShiftsOf | None) -> Sequence[str]:
    return [said for each in hearings(moment, policy, shifts_of=shifts_of) if (said := who_hears([each]))]


def _reminded(moments: Sequence[Moment]) -> Iterator[str]:
    nudges = [
        event.fact for moment in moments for event in moment.transition.events if isinstance(event.fact, UpdateNudged)
    ]
    if len(nudges) == 1:
        yield t(
            "{assignee} is reminded of the stakeholder update due {due_at}.",
            assignee=user(nudges[0].assignee),
            due_at=time_of(nudges[0].due_at),
        )
    elif nudges:
        yield t(
            "{assignee} is reminded of {nudges} stakeholder updates.",
            assignee=user(nudges[0].assignee),
            nudges=len(nudges),
        )


def _updated(moments: Sequence[Moment], policy: Policy) -> Iterator[str]:
    updates = sum(isinstance(event.fact, UpdateDue) for moment in moments for event in moment.transition.events)
    incident = moments[0].transition.incident
    where = where_told(incident.service, policy, is_private=incident.is_private)
    if updates == 1:
        yield t("Stakeholders get an update {where}.", where=where)
    elif updates:
        until = time_of(moments[-1].at)
        yield t("Stakeholders get {updates} updates {where}, the last {at}.", updates=updates, where=where, at=until)


def _severity(severity: Severity, targets: Targets) -> str:
    span = duration if targets.calendar is None else counted
    promised = [t("each tier acknowledges within {span}", span=span(targets.ack_within))]
    if targets.resolve_within is not None:
        promised.append(t("resolved within {span}", span=span(targets.resolve_within)))
    promised.append(t("updates {span} apart", span=span(targets.update_every)))
    if targets.slower_updates is not None:
        slower = targets.slower_updates
        promised.append(t("{every} apart after {after}", every=span(slower.every), after=span(slower.after)))
    if targets.ack_expires_after is not None:
        promised.append(t("“still on it?” after {span}", span=span(targets.ack_expires_after)))
    when = t("day and night") if targets.calendar is None else t("in {name} hours", name=name(targets.calendar.name))
    return f"• *{severity}*, {when}: {', '.join(promised)}."


def _escalation(escalation: EscalationPolicy, services: Sequence[str]) -> Iterator[str]:
    yield t(
        "*{listed}*: the policy “{name}”",
        listed=", ".join(name(service) for service in services),
        name=name(escalation.name),
    )
    yield from (_tier_line(tier) for tier in escalation.tiers)
    if escalation.repeat is not None:
        repeat = escalation.repeat
        yield t(
            "Then the last tier is paged {times} more times, {every} apart.",
            times=repeat.times,
            every=duration(repeat.every),
        )
    if escalation.escalate_on_resolution_breach:
        yield t("An incident that is not resolved in time goes one tier up.")
    if escalation.manager_rules:
        yield t("Managers are told, beside those of a tier that did not answer:")
        yield from (_rule(rule) for rule in escalation.manager_rules)


def _rule(rule: ManagerRule) -> str:
    """`• at breach 2 of a sev1: @hugo`, whatever the severity when it is for all of them."""
    tell = [_people(rule.tell), t("the managers of the tier") if rule.tier_managers else ""]
    some = len(rule.severities) < len(Severity)
    return t(
        "• {occasion}{severities}: {people}",
        occasion=_occasion(rule),
        severities=t(" of a {listed}", listed=" or ".join(sorted(rule.severities))) if some else "",
        people=", ".join(filter(None, tell)),
    )


def _occasion(rule: ManagerRule) -> str:
    match rule.occasion:
        case Occasion.OPENING:
            return t("at the opening")
        case Occasion.WARNING:
            return t("at the {percent}% warning", percent=rule.number)
        case Occasion.BREACH:
            return t("at breach {number}", number=rule.number)
        case _:
            assert_never(rule.occasion)


def _tier_line(tier: Tier) -> str:
    if tier.channel is None:
        return t("{number}. {name}: passed over, for it has no channel", number=tier.number, name=name(tier.name))
    people = [_people(tier.people), *(_on_call(source) for source in tier.on_call)]
    paged = ", ".join(each for each in people if each) or t("nobody by name")
    managers = t("; managers {people}", people=_people(tier.managers)) if tier.managers else ""
    within = ", ".join(f"{severity} {duration(target)}" for severity, target in tier.ack_within.items())
    own = t("; its own time: {within}", within=within) if within else ""
    return t(
        "{number}. {name} in {channel}: {paged}{managers}{own}",
        number=tier.number,
        name=name(tier.name),
        channel=channel(tier.channel),
        paged=paged,
        managers=managers,
        own=own,
    )


def _on_call(source: OnCall) -> str:
    if isinstance(source, OnCallFeed):
        return calendar_at(source)
    return t("in turn {people}", people=_people(source.people))


def _people(people: Sequence[Mention]) -> str:
    return mentions(people, PEOPLE_SHOWN)
