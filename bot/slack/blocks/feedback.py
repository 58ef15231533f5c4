"""The question how well an incident was handled, its form, and thanks."""

from bot.catalogue import mark, t
from bot.domain.feedback import BEST, WORST, Feedback
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.inputs import INPUT_LIMIT, field_input, option, radio_buttons, text_input
from bot.slack.blocks.layout import actions, message, plain_text, section
from bot.slack.blocks.mrkdwn import plain
from bot.slack.blocks.rendered import Block, Rendered, View
from bot.slack.blocks.words import about, ending
from bot.slack.ids import FEEDBACK, BlockId, CallbackId, FeedbackValue, FormField

MEANING = {1: mark("Badly"), 2: mark("Not well"), 3: mark("Fairly"), 4: mark("Well"), 5: mark("Very well")}
WITHOUT_A_NAME = "without_a_name"


def feedback_question(incident: Incident, _policy: Policy) -> Rendered:
    """To one of those who were affected, directly."""
    asked = t("How well was {key} handled for you? One click, and a few words if you like.", key=incident.key)
    spoken = f"{about(incident)} {ending(incident)} {asked}"
    return message(
        spoken,
        [
            section(f"{about(incident)}\n{ending(incident)}"),
            section(f"*{asked}*"),
            actions(BlockId.FEEDBACK, [_button(incident, score) for score in range(WORST, BEST + 1)]),
        ],
    )


def feedback_form(incident: Incident, score: int, *, private_metadata: str) -> View:
    return {
        "type": "modal",
        "callback_id": CallbackId.GIVE_FEEDBACK.value,
        "title": plain_text(t("{key}: feedback", key=incident.key)),
        "submit": plain_text(t("Send")),
        "close": plain_text(t("Cancel")),
        "private_metadata": private_metadata,
        "blocks": [
            {"type": "section", "text": plain_text(plain(incident.title, 500))},
            field_input(
                FormField.SCORE,
                t("How well was it handled for you?"),
                radio_buttons([_choice(each) for each in range(BEST, WORST - 1, -1)], str(score)),
            ),
            field_input(
                FormField.COMMENT,
                t("What was good, what was missing?"),
                {**text_input("", INPUT_LIMIT, t("In your own words")), "multiline": True},
                optional=True,
            ),
            field_input(
                FormField.NAMED,
                t("Your name"),
                {"type": "checkboxes", "options": [option(WITHOUT_A_NAME, t("Leave my name out"))]},
                optional=True,
                hint=t("Then your name is not kept with these words, only that you answered."),
            ),
        ],
    }


def thanks(incident: Incident, feedback: Feedback) -> View:
    """In place of the form."""
    named = "" if feedback.given_by is not None else t(" Your name is not kept with it.")
    said = t(
        "Thank you. “{meaning}” is noted for {key}.{named}",
        meaning=t(MEANING[feedback.score]),
        key=incident.key,
        named=named,
    )
    return {
        "type": "modal",
        "title": plain_text(t("Thank you")),
        "close": plain_text(t("Close")),
        "blocks": [section(said)],
    }


def _choice(score: int) -> Block:
    return option(str(score), f"{score}: {t(MEANING[score])}")


def _button(incident: Incident, score: int) -> Block:
    return {
        "type": "button",
        "action_id": f"{FEEDBACK}{score}",
        "text": plain_text(f"{score}: {t(MEANING[score])}" if score in (WORST, BEST) else str(score)),
        "accessibility_label": t(
            "{meaning}, {score} of {best}, for {key}",
            meaning=t(MEANING[score]),
            score=score,
            best=BEST,
            key=incident.key,
        ),
        "value": FeedbackValue(number=incident.number, score=score).encode(),
    }
