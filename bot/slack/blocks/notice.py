"""The shape of what is said beside the card: mentions, what is so and what to do, and which incident it is."""

from collections.abc import Sequence

from bot.catalogue import t
from bot.domain.clocks import repeat_due_at, response_due_at
from bot.domain.incident import Incident
from bot.domain.policy import Mention, Policy
from bot.slack.blocks.layout import message, quote, section
from bot.slack.blocks.mrkdwn import mentions, time_of, user
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import (
    MENTIONS_IN_TEXT,
    MENTIONS_SHOWN,
    about,
    headline,
    on_breach,
    on_repeat,
    sentence_case,
)


def notice(incident: Incident, people: Sequence[Mention], *sentences: str) -> Rendered:
    text = " ".join(filter(None, sentences))
    blocks = [section(f"{mentions(people, MENTIONS_SHOWN)} {text}".strip()), quote(headline(incident), 500)]
    return message(f"{mentions(people, MENTIONS_IN_TEXT)} {about(incident)} {text}".strip(), blocks)


def asking(told: Rendered, buttons: Sequence[Block]) -> Rendered:
    """The same with buttons: whoever it rings is to answer here and now."""
    return Rendered(text=told.text, blocks=[*told.blocks, *buttons])


def then(incident: Incident, policy: Policy) -> str:
    """What the clock of an incident that nobody has does next: until when, and what otherwise."""
    response_due = response_due_at(incident, policy)
    if response_due is not None:
        return t(
            "Please acknowledge by {response_due}; otherwise {on_breach}.",
            response_due=time_of(response_due),
            on_breach=on_breach(incident, policy),
        )
    repeat_due = repeat_due_at(incident, policy)
    return "" if repeat_due is None else f"{sentence_case(on_repeat(incident, policy, repeat_due))}."


def who_has_it(incident: Incident) -> str:
    if incident.assignee is None:
        return ""
    return t(
        "{assignee} has it{also} now.",
        assignee=user(incident.assignee),
        also=t(", on hold") if incident.is_on_hold else "",
    )
