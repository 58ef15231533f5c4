"""How an incident, its state, its tier and its people are called, the same in every message."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bot.catalogue import mark, n, t
from bot.domain.clocks import expiry_due_at, repeat_due_at, resolution_due_at, response_due_at, update_due_at
from bot.domain.ids import ChannelId, UserId, is_person
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Occasion, Policy, Severity, Tier
from bot.slack.blocks.mrkdwn import channel, cut, duration, escape, length, one_line, time_of, user

NAME_LIMIT = 80
REASON_SHOWN = 300

ACKNOWLEDGE_BY = mark("Acknowledge by")
ON_HOLD_UNTIL = mark("On hold until")
OTHERWISE = mark("Otherwise")
NEXT_UPDATE = mark("Next stakeholder update")
ON_EXPIRY = mark("nobody has it any more, and this tier is paged again")

MESSAGES = {
    "page": mark("a page"),
    "breach": mark("a breach notice"),
    "exhausted": mark("the alarm"),
    "stakeholders": mark("the stakeholders' message"),
    "update": mark("a stakeholder update"),
    "warning": mark("a warning"),
    "managers": mark("a message to the managers"),
    "still": mark("the question who is still on it"),
    "review": mark("the end of a hold"),
    "assignment": mark("an assignment"),
    "follow": mark("the news that somebody follows it"),
    "room": mark("the first message of its channel"),
    "farewell": mark("the last message of its channel"),
    "origin": mark("the note where it was opened from"),
    "nudge": mark("the reminder of an update"),
    "overdue": mark("the news of an overdue update"),
}

MENTIONS_SHOWN = 2_000
"""In a block: more than a hundred people."""

MENTIONS_IN_TEXT = 500
"""Beside the blocks, where the mentions that ring are: the sentence after them must fit into a plain text too."""

WORTH_TELLING = timedelta(seconds=10)
"""Below this lateness a breach was noticed when it happened; the ledger has it exactly."""

STATE = {
    IncidentState.OPEN: mark("Open"),
    IncidentState.ACKNOWLEDGED: mark("Acknowledged"),
    IncidentState.ON_HOLD: mark("On hold"),
    IncidentState.RESOLVED: mark("Resolved"),
    IncidentState.CANCELLED: mark("Cancelled"),
}

MARK = {
    IncidentState.OPEN: "🔴",
    IncidentState.ACKNOWLEDGED: "🟡",
    IncidentState.ON_HOLD: "🔵",
    IncidentState.RESOLVED: "✅",
    IncidentState.CANCELLED: "⚪",
}

URGENCY = {
    Severity.SEV1: mark("the most urgent"),
    Severity.SEV2: mark("urgent"),
    Severity.SEV3: mark("moderate"),
    Severity.SEV4: mark("minor"),
}


PRIVATE = mark("🔒 private")


def posted_in(where: ChannelId) -> str:
    """Where a message was to go: `in #tier-1`, or `to @ben`."""
    return t("to {userid}", userid=user(UserId(where))) if is_person(where) else t("in {where}", where=channel(where))


def title(incident: Incident, limit: int = 250) -> str:
    """Escaped, on one line."""
    return cut(escape(one_line(incident.title)), limit)


def headline(incident: Incident) -> str:
    """For a header, which shows it as it is."""
    private = f"{t(PRIVATE)} · " if incident.is_private else ""
    return f"{MARK[incident.state]} {incident.key} · {incident.severity} · {private}{one_line(incident.title)}"


def name(text: str) -> str:
    """A service or a tier, as the policy calls it."""
    return cut(escape(one_line(text)), NAME_LIMIT)


def tier_of(incident: Incident, policy: Policy, number: int | None = None) -> Tier:
    """The present tier, or another one of the policy that is followed now."""
    return policy.escalation(incident.routed_to).tier(number or incident.tier)


def tier_name(tier: Tier) -> str:
    """`tier 2 (platform)`."""
    return t("tier {number} ({name})", number=tier.number, name=name(tier.name))


def tier_place(tier: Tier) -> str:
    """`tier 2 (platform) in #tier-2-platform`."""
    return (
        tier_name(tier)
        if tier.channel is None
        else t("{tier_name} in {channel}", tier_name=tier_name(tier), channel=channel(tier.channel))
    )


def place(incident: Incident, policy: Policy) -> str:
    """`tier 1 (search team) in #search-team, by the policy of search`: where it is."""
    return f"{tier_place(tier_of(incident, policy))}{route(incident)}"


def route(incident: Incident) -> str:
    """Whose policy is followed, when it is not that of the incident's own service."""
    return (
        ""
        if incident.routed_to == incident.service
        else t(", by the policy of {routed_to}", routed_to=name(incident.routed_to))
    )


def tier_count(incident: Incident, policy: Policy) -> str:
    """`1 of 4, first line`."""
    return t(
        "{tier} of {tiers}, {name}{route}",
        tier=incident.tier,
        tiers=tiers(incident, policy),
        name=name(tier_of(incident, policy).name),
        route=route(incident),
    )


def about(incident: Incident) -> str:
    """`Checkout is down (INC-7, sev1, checkout).` The first thing a notification says."""
    private = f", {t(PRIVATE)}" if incident.is_private else ""
    return f"{title(incident)} ({incident.key}, {incident.severity}, {name(incident.service)}{private})."


def message_name(promise: str) -> str:
    """What a promise is, by its key: `INC-7/page/tier:1/cycle:0` is a page, and with `/fallback` its alarm."""
    if promise.endswith("/fallback"):
        return t("an alarm")
    _, _, rest = promise.partition("/")
    return t(MESSAGES.get(rest.partition("/")[0], t("a message")))


def tiers(incident: Incident, policy: Policy) -> int:
    return len(policy.escalation(incident.routed_to).tiers)


def holder(incident: Incident) -> str:
    if incident.assignee is None:
        return t("Nobody yet") if incident.first_acknowledged_at is None else t("Nobody")
    since = (
        ""
        if incident.acknowledged_at is None
        else t(", since {acknowledged_at}", acknowledged_at=time_of(incident.acknowledged_at))
    )
    return f"{user(incident.assignee)}{since}"


def state(incident: Incident) -> str:
    """`Acknowledged: @ana, since today at 03:05`: in what state it is and who has it."""
    shown = t(STATE[incident.state])
    if incident.held_at is not None:
        since, who = time_of(incident.held_at), user(incident.holder)
        return t("{state} since {since}, with {who}", state=shown, since=since, who=who)
    if incident.assignee is None and incident.first_acknowledged_at is None:
        return t("{state}, nobody has it yet", state=shown)
    if incident.assignee is None:
        return t("{state}, nobody has it", state=shown)
    return f"{shown}: {holder(incident)}"


def standing(incident: Incident, policy: Policy) -> str:
    """`It is acknowledged at tier 1 of 4, first line, with @ana.`"""
    held = "" if incident.assignee is None else t(", with {assignee}", assignee=user(incident.assignee))
    where = t(
        "It is {state} at tier {tier}{held}.",
        state=t(STATE[incident.state]).lower(),
        tier=tier_count(incident, policy),
        held=held,
    )
    return f"{where} {pause(incident)}".strip()


def opening(incident: Incident) -> str:
    return t("By {opened_by}, {opened_at}", opened_by=user(incident.opened_by), opened_at=time_of(incident.opened_at))


def pause(incident: Incident) -> str:
    """`@ana put it on hold until today at 05:00: the vendor is asked.`, and nothing when it is not on hold."""
    if incident.held_by is None or incident.hold_until is None:
        return ""
    return t(
        "{held_by} put it on hold until {hold_until}{because}",
        held_by=user(incident.held_by),
        hold_until=time_of(incident.hold_until),
        because=because_ended(incident.hold_reason),
    )


def ending(incident: Incident) -> str:
    """`Resolved by @ana today at 04:10, after 1 hour and 10 minutes.`, and before that only the state."""
    state = t(STATE[incident.state])
    if incident.over_at is None or incident.over_by is None:
        return f"{state}."
    after = duration(incident.over_at - incident.opened_at)
    duplicate = (
        t(", as a duplicate of INC-{duplicate_of}", duplicate_of=incident.duplicate_of) if incident.duplicate_of else ""
    )
    why = because_ended(incident.cancel_reason)
    return t(
        "{state} by {over_by} {over_at}, after {after}{duplicate}{why}",
        state=state,
        over_by=user(incident.over_by),
        over_at=time_of(incident.over_at),
        after=after,
        duplicate=duplicate,
        why=why,
    )


def closing_words(incident: Incident) -> str:
    """What the person who ended it wrote, unless the sentence about the ending has it whole."""
    if incident.state is not IncidentState.CANCELLED:
        return incident.resolution
    return incident.cancel_reason if length(escape(one_line(incident.cancel_reason))) > REASON_SHOWN else ""


def because(reason: str) -> str:
    """`: it is the database`, for the end of a clause; nothing without a reason."""
    reason = cut(escape(one_line(reason)), REASON_SHOWN).rstrip(".")
    return f": {reason}" if reason else ""


def because_ended(reason: str) -> str:
    """The same for the end of a sentence."""
    return ended(because(reason))


def ended(sentence: str) -> str:
    """With a full stop, unless another mark ends it."""
    return sentence if sentence.endswith((".", "…", "!", "?")) else f"{sentence}."


def deadlines(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """What the clocks do next if nobody acts, and when, as labelled values."""
    return [*waiting(incident, policy), *resolution(incident, policy), *update(incident, policy)]


def in_words(ahead: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Deadlines for those who only hear of them. Until when it is on hold is said where it is said that it is."""
    for label, value in ahead:
        if label == t(OTHERWISE):
            yield f"{label} {value[:1].lower()}{value[1:]}."
        elif label != t(ON_HOLD_UNTIL):
            yield f"{label}: {value}."


def waiting(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """For an acknowledgement, for a sign of life, or for the end of a hold."""
    if incident.hold_until is not None:
        return [(t(ON_HOLD_UNTIL), time_of(incident.hold_until))]
    response_due = response_due_at(incident, policy)
    if response_due is not None:
        return [(t(ACKNOWLEDGE_BY), time_of(response_due)), (t(OTHERWISE), sentence_case(on_breach(incident, policy)))]
    repeat_due = repeat_due_at(incident, policy)
    if repeat_due is not None:
        return [(t("Next"), sentence_case(on_repeat(incident, policy, repeat_due)))]
    expiry_due = expiry_due_at(incident, policy)
    if expiry_due is None:
        return []
    if incident.still_asked_at is None:
        return [(t("“Still on it?” is asked"), time_of(expiry_due))]
    return [(t("Say “still on it” by"), time_of(expiry_due)), (t(OTHERWISE), sentence_case(t(ON_EXPIRY)))]


def resolution(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    due = resolution_due_at(incident, policy)
    return (
        []
        if due is None
        else [
            (
                t("Resolve by"),
                t(
                    "{due}, or {on_resolution_breach}",
                    due=time_of(due),
                    on_resolution_breach=on_resolution_breach(incident, policy),
                ),
            )
        ]
    )


def update(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    due = update_due_at(incident, policy)
    return [] if due is None else [(t(NEXT_UPDATE), time_of(due))]


def on_breach(incident: Incident, policy: Policy) -> str:
    """`it goes to tier 2 (platform) in #tier-2-platform`."""
    escalation = policy.escalation(incident.routed_to)
    following = escalation.next_tier(incident.tier)
    if following is not None:
        return t("it goes to {tier_place}", tier_place=tier_place(following))
    if escalation.repeat is None:
        return t(
            "an alarm goes to {fallback_channel} and to all managers", fallback_channel=channel(policy.fallback_channel)
        )
    pages = n("{number} more page", "{number} more pages", escalation.repeat.times)
    return t("this tier gets {pages}, {every} apart", pages=pages, every=duration(escalation.repeat.every))


def on_repeat(incident: Incident, policy: Policy, due: datetime) -> str:
    repeat = policy.escalation(incident.routed_to).repeat
    if repeat is None or incident.repeats_sent >= repeat.times:
        return t(
            "an alarm goes to {fallback_channel} and to all managers {due}",
            fallback_channel=channel(policy.fallback_channel),
            due=time_of(due),
        )
    return t(
        "this tier is paged again {due} (repeat {repeats_sent} of {times})",
        due=time_of(due),
        repeats_sent=incident.repeats_sent + 1,
        times=repeat.times,
    )


def on_resolution_breach(incident: Incident, policy: Policy) -> str:
    """`managers are told and it goes to tier 2 (platform)`."""
    escalation = policy.escalation(incident.routed_to)
    told = escalation.told(Occasion.BREACH, incident.breach_count + 1, incident.severity, incident.tier)
    following = escalation.next_tier(incident.tier) if escalation.escalate_on_resolution_breach else None
    first = t("managers are told") if told else t("it counts as breached")
    return (
        first
        if following is None
        else t("{first} and it goes to {tier_name}", first=first, tier_name=tier_name(following))
    )


def sentence_case(text: str) -> str:
    """The first letter large; the rest, which may hold ids, as it is."""
    return text[:1].upper() + text[1:]
