"""Answers to a person who asked about one incident: all of it, and its story page by page."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.catalogue import t
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.timeline import TimelineEvent
from bot.slack.blocks import buttons
from bot.slack.blocks import story as told
from bot.slack.blocks.card import description, in_text, paused, summary, whole_title
from bot.slack.blocks.explanation import paragraphs
from bot.slack.blocks.flags import alarmed, flag_lines, flags
from bot.slack.blocks.layout import context, divider, fields, header, message, plain_text, section
from bot.slack.blocks.mrkdwn import channel, duration, length
from bot.slack.blocks.navigation import from_incident, from_timeline, remembering
from bot.slack.blocks.rendered import Block, Rendered, View
from bot.slack.blocks.words import (
    STATE,
    about,
    closing_words,
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
)
from bot.slack.queries import ListQuery, Place

STORY_SHOWN = 2_800
TIMELINE_SHOWN = 6_000
ENTRIES_SHOWN = 30
"""On a page of the timeline, unless they are longer than that together."""

NEWEST = 0
"""Instead of the number of a page."""


def incident_detail(
    incident: Incident,
    policy: Policy,
    story: Sequence[TimelineEvent],
    now: datetime,
    *,
    back: ListQuery | None = None,
) -> Rendered:
    """All that is known of one incident, with its story and what can be done about it."""
    blocks = [*_told(incident, policy, story, now), *_buttons(incident, policy, back)]
    return message(_in_words(incident, policy), blocks)


def detail_view(incident: Incident, policy: Policy, story: Sequence[TimelineEvent], now: datetime) -> View:
    """The same on top of a form, only to be read."""
    return {
        "type": "modal",
        "title": plain_text(incident.key),
        "close": plain_text(t("Back")),
        "blocks": _told(incident, policy, story, now),
    }


def _told(incident: Incident, policy: Policy, story: Sequence[TimelineEvent], now: datetime) -> list[Block]:
    place = tier_of(incident, policy).channel
    facts = fields(
        [
            (t("State"), t(STATE[incident.state])),
            (t("Who has it"), holder(incident)),
            (t("Tier"), tier_count(incident, policy)),
            *([] if place is None else [(t("Channel"), channel(place))]),
            *_own_channel(incident),
            (t("Service"), name(incident.service)),
            (t("Opened"), opening(incident)),
            *([] if incident.is_over else [(t("Open for"), duration(now - incident.opened_at))]),
        ]
    )
    ahead = deadlines(incident, policy)
    lines = told.lines(story, incident, policy, limit=STORY_SHOWN)
    return [
        header(headline(incident)),
        *whole_title(incident),
        *paused(incident),
        *alarmed(incident),
        facts,
        *([fields(ahead)] if ahead else []),
        *description(incident),
        *([section(ending(incident)), *summary(incident)] if incident.is_over else []),
        *flags(incident, policy),
        *([divider(), section(t("*What happened*\n{lines}", lines=lines))] if lines else []),
    ]


def _own_channel(incident: Incident) -> list[tuple[str, str]]:
    """Beside that of its tier."""
    return [] if incident.room is None else [(t("Its own channel"), channel(incident.room))]


def _in_words(incident: Incident, policy: Policy) -> str:
    """The detail without its story for those who only hear it."""
    if incident.is_over:
        parts = [ending(incident), in_text(closing_words(incident))]
    else:
        parts = [standing(incident, policy), *in_words(deadlines(incident, policy))]
    parts.extend(in_words(_own_channel(incident)))
    return " ".join(filter(None, [about(incident), *parts, *flag_lines(incident, policy)]))


def timeline(
    incident: Incident,
    policy: Policy,
    story: Sequence[TimelineEvent],
    *,
    page: int = NEWEST,
    back: ListQuery | None = None,
) -> Rendered:
    """A page of the story, the newest one when there are not so many."""
    pages = list(_pages(told.entries(story, incident, policy)))
    shown = page if NEWEST < page <= len(pages) else len(pages)
    which = t("Page {shown} of {pages}", shown=shown, pages=len(pages)) if len(pages) > 1 else ""
    lines = pages[shown - 1]
    place = Place(number=incident.number, page=shown, back=back)
    return message(
        "\n".join([" ".join(filter(None, [t("The timeline of {about}", about=about(incident)), which])), *lines]),
        [
            header(headline(incident)),
            *paragraphs(lines),
            *([context(which)] if which else []),
            *from_timeline(place, len(pages)),
        ],
    )


def _pages(entries: Sequence[str]) -> Iterator[list[str]]:
    """Filled from the beginning, so that a page that is full stays as it is; at least one."""
    page: list[str] = []
    for entry in entries:
        if page and (len(page) == ENTRIES_SHOWN or length("\n".join([*page, entry])) > TIMELINE_SHOWN):
            yield page
            page = []
        page.append(entry)
    yield page


def _buttons(incident: Incident, policy: Policy, back: ListQuery | None) -> list[Block]:
    """What can be done about it, what else can be seen of it, and the way back."""
    place = Place(number=incident.number, back=back)
    return [*remembering(buttons.of_card(incident, policy), place), *from_incident(place)]
