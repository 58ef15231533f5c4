"""What one person alone reads after they reacted to a card, spoke to the bot in a thread, or pinned a message."""

from dataclasses import replace
from datetime import datetime

from bot.catalogue import mark, t
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks import answers, buttons
from bot.slack.blocks.layout import actions, context, message, plain_text, section, sentence
from bot.slack.blocks.mrkdwn import cut, escape, one_line, time_of
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import title
from bot.slack.ids import ActionId, BlockId

TYPED_SHOWN = 500
WITH_A_FORM = mark("A form asks for the rest; from here it opens by this button.")


def resolve_question(incident: Incident) -> Rendered:
    """To who reacted with the emoji for it: a slip of the finger ends nothing."""
    text = t(
        "Is {key} over ({incident})? The emoji alone does not resolve it; the button does.",
        key=incident.key,
        incident=title(incident),
    )
    return message(text, [section(text), *buttons.of_resolve_question(incident)])


def pinned(incident: Incident) -> Rendered:
    """To who pinned a message, or marked it."""
    return sentence(t("Noted in the story of {key}: `/incident timeline {key}` shows it.", key=incident.key))


def acknowledged_late(incident: Incident, policy: Policy, at: datetime) -> Rendered:
    """To who reacted while the bot was away."""
    return said_late(answers.acknowledged(incident, policy), at)


def said_late(answer: Rendered, at: datetime) -> Rendered:
    """What was asked for was done, but not when it was asked for."""
    late = t("You did that {at}; Tierline was away and came to it only now.", at=time_of(at))
    return replace(answer, text=f"{answer.text}\n{late}", blocks=[*answer.blocks, context(late)])


def too_late(typed: str, at: datetime) -> Rendered:
    """To who wrote something while the bot was away: what it was meant for may have changed, so nothing was done."""
    words = cut(escape(one_line(typed)), TYPED_SHOWN)
    return sentence(
        t(
            "You wrote {at}: “{words}”. Tierline was away and came to it only now, so nothing was done. "
            "If it is still meant, please write it again.",
            at=time_of(at),
            words=words,
        )
    )


def form_offered(problem: str, value: str) -> Rendered:
    """`problem` is mrkdwn: why a form is needed, if there is a reason. `value` comes back with the click."""
    text = f"{problem} {t(WITH_A_FORM)}".strip()
    return message(text, [section(text), actions(BlockId.OFFERED_FORM, [_open_the_form(value)])])


def _open_the_form(value: str) -> Block:
    return {
        "type": "button",
        "action_id": ActionId.OFFERED_FORM.value,
        "text": plain_text(t("Open the form")),
        "style": "primary",
        "value": value,
    }
