"""Answers to a person who asked or acted: lists, one incident in full, help, and what was done."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.escalation import response_due_at
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.timeline import TimelineEvent
from bot.slack.blocks import story as told
from bot.slack.blocks.card import description, flags, summary, whole_title
from bot.slack.blocks.layout import context, divider, fields, header, message, section, sentence
from bot.slack.blocks.mrkdwn import channel, cut, duration, escape, one_line, time_of, user
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import (
    MARK,
    STATE,
    about,
    count,
    deadlines,
    headline,
    holder,
    name,
    on_breach,
    opening,
    resolution,
    sentence_case,
    standing,
    tier_count,
    tier_of,
    tier_place,
    title,
)

ROWS_SHOWN = 20
STORY_SHOWN = 2_800
NAMES_SHOWN = 10
TYPED_SHOWN = 2_500


def incident_list(incidents: Sequence[Incident], *, total: int) -> Rendered:
    """The first of `total` incidents, in the order given."""
    if not incidents:
        return sentence("No incident matches. `/incident` opens one.")
    shown = incidents[:ROWS_SHOWN]
    heading = f"*{count(total, 'incident')}*"
    rows: list[Block] = [section(row(incident, when=f"opened {time_of(incident.opened_at)}")) for incident in shown]
    more = [context(f"{total - len(shown)} more are not shown.")] if total > len(shown) else []
    text = "\n".join([heading.strip("*"), *(f"{incident.key}: {title(incident, 100)}" for incident in shown)])
    return message(text, [section(heading), *rows, *more])


def row(incident: Incident, *, when: str) -> str:
    """One incident in two lines; `when` ends the second."""
    held = f", with {user(incident.assignee)}" if incident.assignee is not None else ""
    breached = ", ⏰ breached" if incident.breach_count else ""
    return (
        f"{MARK[incident.state]} *{incident.key}* {title(incident, 120)}\n"
        f"{STATE[incident.state]}{held}{breached}. {incident.severity}, {name(incident.service)}, "
        f"tier {incident.tier}, {when}"
    )


def incident_detail(incident: Incident, policy: Policy, story: Sequence[TimelineEvent], now: datetime) -> Rendered:
    """All that is known of one incident, with its story."""
    heading = [header(headline(incident)), *whole_title(incident)]
    facts = fields(
        [
            ("State", STATE[incident.state]),
            ("Who has it", holder(incident)),
            ("Tier", tier_count(incident, policy)),
            ("Channel", channel(tier_of(incident, policy).channel)),
            ("Service", name(incident.service)),
            ("Opened", opening(incident)),
            *([] if incident.is_over else [("Open for", duration(now - incident.opened_at))]),
            *deadlines(incident, policy),
        ]
    )
    over = [section(resolution(incident)), *summary(incident)] if incident.is_over else []
    lines = told.lines(story, incident, policy, limit=STORY_SHOWN)
    past = [divider(), section(f"*What happened*\n{lines}")] if lines else []
    state = resolution(incident) if incident.is_over else standing(incident, policy)
    return message(
        f"{about(incident)} {state}",
        [*heading, facts, *description(incident), *over, *flags(incident, policy), *past],
    )


def help_text(policy: Policy) -> Rendered:
    """What can be typed, with this policy's own severities and services."""
    severity, service = next(iter(policy.severities)), next(iter(policy.services))
    lines = [
        "`/incident` opens a form.",
        f"`/incident open {severity} {name(service)}: what is wrong` opens an incident and pages the first tier.",
        "`/incident list` shows what is open.",
        "`/incident show INC-1` shows one incident and its story.",
        "`/incident ack INC-1` takes it.",
        "`/incident escalate INC-1 why` passes it to the next tier.",
        "`/incident resolve INC-1 what it was` ends it.",
    ]
    known = f"Severities: {_names(policy.severities)}.\nServices: {_names(policy.services)}."
    return message("\n".join([*lines, known]), [section("\n".join(lines)), context(known)])


def opened(incident: Incident, policy: Policy) -> Rendered:
    """To the person who opened it."""
    due = response_due_at(incident, policy)
    otherwise = "" if due is None else f"If nobody acknowledges by {time_of(due)}, {on_breach(incident, policy)}."
    paged = f"{sentence_case(tier_place(tier_of(incident, policy)))} is paged."
    return sentence(f"{incident.key} is open: {title(incident)}\n{paged} {otherwise}".strip())


def not_understood(problem: str, typed: str) -> Rendered:
    """What is wrong in plain words, and what was typed to copy and mend, so that nothing typed is lost."""
    words = cut(escape(one_line(typed)), TYPED_SHOWN)
    return sentence(f"{escape(problem)}\nYou wrote: /incident {words}" if words else escape(problem))


def acknowledged(incident: Incident) -> Rendered:
    """To the person who has it now."""
    return sentence(
        f"You have {incident.key}: {title(incident)}\nWhen it is over: `/incident resolve {incident.key} what it was`"
    )


def escalated(incident: Incident, policy: Policy) -> Rendered:
    """To the person who passed it on."""
    where = tier_place(tier_of(incident, policy))
    due = response_due_at(incident, policy)
    answer = "" if due is None else f" They have until {time_of(due)} to acknowledge."
    return sentence(f"{incident.key} is now at {where}.{answer}")


def resolved(incident: Incident) -> Rendered:
    """To the person who ended it."""
    return sentence(f"{incident.key}: {title(incident)}\n{resolution(incident)}")


def _names(names: Iterable[str]) -> str:
    called = [name(each) for each in names]
    shown = called[:NAMES_SHOWN]
    more = f" and {len(called) - len(shown)} more" if len(called) > len(shown) else ""
    return f"{', '.join(shown)}{more}"
