"""What must hold for every history, after every step of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain import timeline
from bot.domain.clocks import resolution_due_at, response_due_at
from bot.domain.errors import IncidentAlreadyAcknowledged, IncidentAlreadyOver, IncidentMovedOn, IncidentOnHold
from bot.domain.escalation import next_actions, next_evaluation_at
from bot.domain.ids import THE_BOT, ChannelId, is_person
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import BreachNotice, StakeholderUpdate, WarningNotice
from bot.domain.policy import Occasion, Policy
from bot.domain.timeline import Target, TimelineEvent
from bot.domain.transition import evaluate
from tests.domain.counting import counted, reached_at
from tests.domain.heard import heard, heard_at_opening
from tests.domain.history import MOMENT, History
from tests.domain.ledger import AWAY, expected_ledger, expected_warnings, ledger_of, reborn

OVER = (IncidentState.RESOLVED, IncidentState.CANCELLED)


def the_story_gives_the_incident(life: History) -> None:
    """Replaying the facts gives the row, field for field. The version counts the changes, not the facts."""
    told = reborn(life).all(life.events[len(life.opened.events) :]).incident
    assert replace(life.incident, version=1) == told


def the_story_has_no_gap(life: History) -> None:
    assert [event.seq for event in life.events] == list(range(1, len(life.events) + 1))
    assert all(earlier.at <= later.at for earlier, later in pairwise(life.events))
    for step in life.steps:
        assert all(event.at == step.at for event in step.transition.events)


def what_changed_is_told_and_nothing_else_changed(life: History) -> None:
    for step in life.steps:
        if step.transition.events:
            assert step.after.version > step.before.version
            assert step.after.last_seq == step.transition.events[-1].seq
        else:
            assert step.after == step.before
            assert not step.transition.breaches
            assert not step.transition.promises


def the_facts_name_their_author(life: History) -> None:
    by_clocks = (
        timeline.Breached,
        timeline.Warned,
        timeline.ManagersInformed,
        timeline.UpdateDue,
        timeline.PagedAgain,
        timeline.Exhausted,
    )
    for step in life.steps:
        evaluated = False  # a change of severity asks the clocks at once
        for event in step.transition.events:
            evaluated = evaluated or isinstance(event.fact, by_clocks)
            assert event.by == (THE_BOT if evaluated or step.by is None else step.by)


def nothing_is_due_twice(life: History) -> None:
    """After the clocks were asked nothing is due, and the next evaluation lies ahead.

    It is None when it is over; or else of what nobody reads, when everything else that has to be done was done.
    """
    incident, policy = life.incident, life.policy
    assert life.due_at is None or incident.state not in OVER
    assert life.due_at is not None or incident.state in OVER or _is_unread(incident)
    settled = evaluate(incident, policy, life.now).incident
    assert next_actions(settled, policy, life.now) == []
    due_at = next_evaluation_at(settled, policy)
    assert due_at is None or due_at > life.now
    if due_at is not None:
        assert next_actions(settled, policy, due_at - MOMENT) == []
        assert next_actions(settled, policy, due_at)


def each_clock_runs_out_when_it_was_counted_to(life: History) -> None:
    """Its start, its target and its pauses give the instant, at the earliest the change that brought the target."""
    replay = reborn(life).all(life.events[len(life.opened.events) :])
    since = life.incident.severity_since
    response = max(replay.due_at(Target.RESPONSE), since) if replay.response_runs else None
    resolution = max(replay.due_at(Target.RESOLUTION), since) if replay.resolution_runs else None
    assert (response_due_at(life.incident, life.policy), resolution_due_at(life.incident, life.policy)) == (
        response,
        resolution,
    )


def the_ledger_is_what_ran_out(life: History) -> None:
    """One entry per target that ran out, in order, with its tier and its true lateness; none early, none else."""
    assert sorted(ledger_of(life)) == sorted(expected_ledger(life))
    assert all(entry.due_at <= entry.breached_at for entry in life.breaches)
    assert [entry.number for entry in life.breaches] == list(range(1, life.incident.breach_count + 1))
    assert [
        (event.at, replace(event.fact, skipped=()))
        for event in life.events
        if isinstance(event.fact, timeline.Breached)
    ] == [
        (
            entry.breached_at,
            timeline.Breached(target=entry.target, number=entry.number, tier=entry.tier, cycle=entry.cycle,
                              due_at=entry.due_at, told=entry.told, route=entry.route),
        )
        for entry in life.breaches
    ]  # fmt: skip


def what_is_skipped_has_no_channel(life: History) -> None:
    """And nothing that could hold the incident comes behind it."""
    for event in life.events:
        if isinstance(event.fact, timeline.Breached) and event.fact.skipped:
            tiers = life.policy.escalation(event.fact.route).tiers[event.fact.tier :]
            assert event.fact.skipped == tuple(tier.number for tier in tiers)
            assert all(tier.channel is None for tier in tiers)


def warnings_come_in_time_or_not_at_all(life: History) -> None:
    """What had passed is in the story; what had passed long before, or a breach had overtaken, is not said."""
    expected = expected_warnings(life)
    told = [
        (event.fact.target, event.fact.percent, event.fact.due_at, event.at)
        for event in life.events
        if isinstance(event.fact, timeline.Warned)
    ]
    said = [
        (promise.message.target, promise.message.percent)
        for promise in life.promises
        if isinstance(promise.message, WarningNotice)
    ]
    assert sorted(told) == sorted((each.target, each.percent, each.due_at, each.at) for each in expected)
    assert sorted(said) == sorted((each.target, each.percent) for each in expected if each.said)


def tiers_follow_one_another(life: History) -> None:
    """By the clocks to the next tier that has a channel; by a person there or to the one that was named."""
    seen: set[int] = {0}
    for before, event, after in _moments(life):
        if not isinstance(event.fact, timeline.Escalated):
            assert (after.tier, after.routed_to) == (before.tier, before.routed_to)
            continue
        assert event.fact.from_tier == before.tier
        ladder = life.policy.services[after.routed_to].tiers
        assert ladder[after.tier - 1].channel is not None
        if event.by == THE_BOT or event.fact.skipped:
            between = range(before.tier + 1, after.tier)
            assert after.routed_to == before.routed_to
            assert event.fact.skipped == tuple(between)
            assert all(ladder[number - 1].channel is None for number in between)
            assert after.tier > before.tier
        assert after.cycle not in seen
        seen.add(after.cycle)


def only_after_an_outage_a_tier_has_less_time(life: History) -> None:
    """A minute after it could have been seen to: when it ran out, or when a person's change let it run out.

    Of two targets that are found together the one that ran out first tells how long nobody asked.
    """
    ran_out: list[tuple[datetime, datetime]] = []
    for before, event, _ in _moments(life):
        match event.fact:
            case timeline.Breached(due_at=due_at):
                ran_out.append((event.at, due_at))
            case timeline.Escalated(catching_up=catching_up) if event.by == THE_BOT:
                found = [due_at for at, due_at in ran_out if at == event.at]
                assert not found or catching_up is (event.at - max(min(found), before.updated_at) >= AWAY)


def what_is_over_stays_over(life: History) -> None:
    endings = (timeline.Resolved, timeline.Cancelled)
    beside = (timeline.Noted, timeline.Pinned, timeline.Followed, timeline.Unfollowed)
    changes = [event for event in life.events if not isinstance(event.fact, beside)]
    for earlier, later in pairwise(changes):
        assert not isinstance(earlier.fact, endings) or isinstance(later.fact, timeline.Reopened)


def the_frozen_stays_frozen(life: History) -> None:
    born = life.opened.incident
    for incident in life.incidents:
        assert (incident.id, incident.policy_version_id, incident.service, incident.opened_at, incident.opened_by) == (
            (born.id, born.policy_version_id, born.service, born.opened_at, born.opened_by)
        )
    for earlier, later in pairwise(life.incidents):
        assert later.pauses[: len(earlier.pauses)] == earlier.pauses
        assert set(earlier.managers_told) <= set(later.managers_told)
        assert earlier.original_breach_at in (None, later.original_breach_at)
        assert earlier.first_acknowledged_at in (None, later.first_acknowledged_at)


def a_refusal_says_who_was_faster(life: History) -> None:
    for step in life.steps:
        match step.refusal:
            case IncidentAlreadyOver(by=by, at=at):
                assert (by, at) == (step.before.over_by, step.before.over_at)
            case IncidentAlreadyAcknowledged(by=by, at=at):
                assert (by, at) == (step.before.assignee, step.before.acknowledged_at)
            case IncidentOnHold(by=by, until=until):
                assert (by, until) == (step.before.held_by, step.before.hold_until)
            case IncidentMovedOn(by=by, since=since, tier=tier):
                assert (by, since, tier) == (
                    step.before.tier_entered_by,
                    step.before.tier_entered_at,
                    step.before.tier,
                )
            case _:
                pass


def each_fact_has_its_promise(life: History) -> None:
    """In the order of the facts, in the channel of the tier where it was then; and no promise without a fact."""
    expected = list(heard_at_opening(life.opened.incident, life.policy))
    for before, event, after in _moments(life):
        expected.extend(heard(before, event, after, life.policy))
    assert [(type(each.message), each.channel, getattr(each.message, "tier", None)) for each in life.promises] == (
        expected
    )
    keys = [each.key for each in life.promises]
    assert len(keys) == len(set(keys))
    assert all(key.startswith("INC-7/") for key in keys)


def managers_are_told_once_per_breach(life: History) -> None:
    """Each breach number in one message, to those whom the policy names; other notices only as its rules say."""
    notices = [each.message for each in life.promises if isinstance(each.message, BreachNotice)]
    assert [notice.number for notice in notices] == list(range(1, life.incident.breach_count + 1))
    for before, event, after in _moments(life):
        match event.fact:
            case timeline.Breached(number=number, told=told):
                assert set(told) == _told(life.policy, Occasion.BREACH, number, after)
            case timeline.Warned(percent=percent, told=told) if told:
                assert set(told) == _told(life.policy, Occasion.WARNING, percent, after)
            case timeline.ManagersInformed(told=told):
                rule = _told(life.policy, Occasion.OPENING, 0, after)
                assert told
                assert set(told) == rule - set(before.managers_told)
            case timeline.UpdateOverdue(told=told):
                assert set(told) == _in_charge(life.policy, before)
            case timeline.Exhausted(told=told):
                assert set(told) == {each.slack_id for each in life.policy.services[after.routed_to].managers}
            case _:
                assert after.managers_told == before.managers_told


def stakeholders_hear_at_the_cadence(life: History) -> None:
    told: dict[ChannelId, list[StakeholderUpdate]] = {}
    for each in life.promises:
        if isinstance(each.message, StakeholderUpdate):
            told.setdefault(each.message.audience, []).append(each.message)
    for audience, updates in told.items():
        assert all(update.since_seq < update.until_seq for update in updates)
        if not is_person(audience):
            assert [update.number for update in updates] == list(range(1, life.incident.updates_sent + 1))
            seqs = [1, *(update.until_seq for update in updates)]
            assert [update.since_seq for update in updates] == seqs[: len(updates)]
    if life.incident.is_private:
        assert all(is_person(audience) for audience in told)
    if life.incident.state in OVER or _is_unread(life.incident):
        return
    assert life.due_at is not None
    assert life.due_at <= _update_at(life.incident, life.policy)


def of_what_nobody_reads_nothing_is_owed(life: History) -> None:
    """Neither an update nor a word about one, until somebody follows it: then the cadence begins."""
    for before, event, after in _moments(life):
        if isinstance(event.fact, timeline.UpdateDue | timeline.UpdateNudged | timeline.UpdateOverdue):
            assert not _is_unread(before)
        if isinstance(event.fact, timeline.Followed) and _is_unread(before):
            assert after.updated_at == event.at
        if _is_unread(after):
            assert (after.nudged_at, after.overdue_since, after.overdue_told_at) == (None, None, None)


def each_update_is_reminded_of_once_and_in_time(life: History) -> None:
    """Who has it hears it before the update, at its middle at the earliest; a bot that was away says nothing."""
    for before, event, _ in _moments(life):
        if isinstance(event.fact, timeline.UpdateNudged):
            due_at = _reminder_at(before, life.policy)
            assert due_at is not None
            assert due_at <= event.at < event.fact.due_at == _update_at(before, life.policy)
            assert (event.fact.assignee, event.fact.missed) == (before.assignee, event.at - due_at >= AWAY)
    for step in life.steps:
        due_at = _reminder_at(step.after, life.policy)
        assert step.by is not None or due_at is None or step.at < due_at


def what_is_owed_is_told_once(life: History) -> None:
    """An update of the cadence is owed by who has it; managers hear it a part of the cadence after the first."""
    percent = life.policy.updates.overdue_after
    for before, event, after in _moments(life):
        match event.fact:
            case timeline.UpdateDue(owed_by=owed_by):
                asked = percent is not None and before.state is IncidentState.ACKNOWLEDGED
                assert owed_by == (before.assignee if asked else None)
                assert after.overdue_since == ((before.overdue_since or event.at) if asked else None)
                assert after.overdue_told_at == before.overdue_told_at
            case timeline.UpdateOverdue(assignee=assignee, since=since):
                due_at = _overdue_at(before, life.policy)
                assert due_at is not None
                assert event.at >= due_at
                assert (assignee, since) == (before.assignee, before.overdue_since)
            case timeline.Unfollowed() if _is_unread(after):
                assert (after.nudged_at, after.overdue_since, after.overdue_told_at) == (None, None, None)
            case _ if after.updates_sent > before.updates_sent or after.assignee != before.assignee:
                assert (after.nudged_at, after.overdue_since, after.overdue_told_at) == (None, None, None)
            case _:
                assert (after.overdue_since, after.overdue_told_at) == (before.overdue_since, before.overdue_told_at)
    for step in life.steps:
        due_at = _overdue_at(step.after, life.policy)
        assert step.by is not None or due_at is None or step.at < due_at


def all_time_is_accounted_for(life: History) -> None:
    """Counted, paused and outside of business hours: together the wall time, to the microsecond."""
    incident, now = life.incident, life.now
    pauses = incident.pauses
    assert all(pause.start <= pause.end <= now for pause in pauses)
    assert all(earlier.end <= later.start for earlier, later in pairwise(pauses))
    calendar = life.policy.targets(incident.severity).calendar
    paused = sum((pause.end - pause.start for pause in pauses), timedelta(0))
    paused_inside = sum((counted(calendar, pause.start, pause.end) for pause in pauses), timedelta(0))
    inside = calendar.elapsed(incident.opened_at, now) if calendar else now - incident.opened_at
    outside = (now - incident.opened_at) - inside - (paused - paused_inside)
    assert counted(calendar, incident.opened_at, now, pauses) + paused + outside == now - incident.opened_at


INVARIANTS = (
    the_story_gives_the_incident,
    the_story_has_no_gap,
    what_changed_is_told_and_nothing_else_changed,
    the_facts_name_their_author,
    nothing_is_due_twice,
    each_clock_runs_out_when_it_was_counted_to,
    the_ledger_is_what_ran_out,
    what_is_skipped_has_no_channel,
    warnings_come_in_time_or_not_at_all,
    tiers_follow_one_another,
    only_after_an_outage_a_tier_has_less_time,
    what_is_over_stays_over,
    the_frozen_stays_frozen,
    a_refusal_says_who_was_faster,
    each_fact_has_its_promise,
    managers_are_told_once_per_breach,
    stakeholders_hear_at_the_cadence,
    of_what_nobody_reads_nothing_is_owed,
    each_update_is_reminded_of_once_and_in_time,
    what_is_owed_is_told_once,
    all_time_is_accounted_for,
)


def _moments(life: History) -> Iterator[tuple[Incident, TimelineEvent, Incident]]:
    """Each fact after the first with the incident before and after it."""
    first, *events = life.events
    replay = reborn(History(policy=life.policy, opened=replace(life.opened, events=(first,))))
    before = replay.incident
    for event in events:
        replay.add(event)
        after = replay.incident
        yield before, event, after
        before = after


def _told(policy: Policy, occasion: Occasion, number: int, incident: Incident) -> set[str]:
    """Whom the rules name, asked of them once more."""
    escalation = policy.services[incident.routed_to]
    of_tier = {each.slack_id for each in escalation.tiers[incident.tier - 1].managers}
    told = set(of_tier) if occasion is Occasion.BREACH else set()
    for rule in escalation.manager_rules:
        if rule.occasion is occasion and rule.number == number and incident.severity in rule.severities:
            told |= {each.slack_id for each in rule.tell} | (of_tier if rule.tier_managers else set())
    return told


def _is_unread(incident: Incident) -> bool:
    return incident.is_private and not incident.followers


def _every(incident: Incident, policy: Policy) -> timedelta:
    """The cadence, after the last update."""
    targets = policy.targets(incident.severity)
    slower = targets.slower_updates
    if slower and counted(targets.calendar, incident.opened_at, incident.updated_at) >= slower.after:
        return slower.every
    return targets.update_every


def _update_at(incident: Incident, policy: Policy) -> datetime:
    return reached_at(policy.targets(incident.severity).calendar, incident.updated_at, _every(incident, policy))


def _reminder_at(incident: Incident, policy: Policy) -> datetime | None:
    """None when there is nobody to remind, or it was done."""
    before, has_it = policy.updates.nudge_before, incident.state is IncidentState.ACKNOWLEDGED
    if before is None or not has_it or incident.nudged_at is not None or _is_unread(incident):
        return None
    every = _every(incident, policy)
    at = reached_at(policy.targets(incident.severity).calendar, incident.updated_at, max(every - before, every / 2))
    assert incident.acknowledged_at is not None
    return max(at, incident.acknowledged_at)


def _overdue_at(incident: Incident, policy: Policy) -> datetime | None:
    """None when nothing is owed, or managers know it."""
    percent = policy.updates.overdue_after
    if percent is None or incident.overdue_since is None or incident.overdue_told_at is not None:
        return None
    part = _every(incident, policy) * percent // 100
    return reached_at(policy.targets(incident.severity).calendar, incident.overdue_since, part)


def _in_charge(policy: Policy, incident: Incident) -> set[str]:
    """Of the tier or else of the policy, but nobody is told of themselves."""
    escalation = policy.services[incident.routed_to]
    of_tier = {each.slack_id for each in escalation.tiers[incident.tier - 1].managers} - {incident.assignee}
    return of_tier or {each.slack_id for each in escalation.managers} - {incident.assignee}
