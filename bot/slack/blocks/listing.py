"""Answers to a person who asked: lists, one incident in full, help."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.timeline import TimelineEvent
from bot.slack.blocks import story as told
from bot.slack.blocks.card import description, in_text, paused, summary, whole_title
from bot.slack.blocks.explanation import paragraphs
from bot.slack.blocks.flags import flag_lines, flags
from bot.slack.blocks.layout import context, divider, fields, header, message, section, sentence
from bot.slack.blocks.mrkdwn import channel, cut, duration, escape, one_line, time_of, user
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import (
    MARK,
    STATE,
    about,
    closing_words,
    count,
    deadlines,
    ending,
    headline,
    holder,
    in_words,
    name,
    opening,
    standing,
    tier_count,
    tier_of,
    title,
)

ROWS_SHOWN = 20
STORY_SHOWN = 2_800
TIMELINE_SHOWN = 20_000
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
    place = tier_of(incident, policy).channel
    facts = fields(
        [
            ("State", STATE[incident.state]),
            ("Who has it", holder(incident)),
            ("Tier", tier_count(incident, policy)),
            *([] if place is None else [("Channel", channel(place))]),
            ("Service", name(incident.service)),
            ("Opened", opening(incident)),
            *([] if incident.is_over else [("Open for", duration(now - incident.opened_at))]),
        ]
    )
    ahead = deadlines(incident, policy)
    lines = told.lines(story, incident, policy, limit=STORY_SHOWN)
    return message(
        _in_words(incident, policy),
        [
            header(headline(incident)),
            *whole_title(incident),
            *paused(incident),
            facts,
            *([fields(ahead)] if ahead else []),
            *description(incident),
            *([section(ending(incident)), *summary(incident)] if incident.is_over else []),
            *flags(incident, policy),
            *([divider(), section(f"*What happened*\n{lines}")] if lines else []),
        ],
    )


def _in_words(incident: Incident, policy: Policy) -> str:
    """The detail without its story for those who only hear it."""
    if incident.is_over:
        parts = [ending(incident), in_text(closing_words(incident))]
    else:
        parts = [standing(incident, policy), *in_words(deadlines(incident, policy))]
    return " ".join(filter(None, [about(incident), *parts, *flag_lines(incident, policy)]))


def timeline(incident: Incident, policy: Policy, story: Sequence[TimelineEvent]) -> Rendered:
    """The whole story; of a very long one the newest of it."""
    lines = told.lines(story, incident, policy, limit=TIMELINE_SHOWN)
    return message(f"The timeline of {about(incident)}", [header(headline(incident)), *paragraphs(lines.split("\n"))])


def not_understood(problem: str, typed: str) -> Rendered:
    """What is wrong in plain words, and what was typed to copy and mend, so that nothing typed is lost."""
    words = cut(escape(one_line(typed)), TYPED_SHOWN)
    return sentence(f"{escape(problem)}\nYou wrote: /incident {words}" if words else escape(problem))
