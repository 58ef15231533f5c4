"""The form that opens an incident, empty or filled in with what is already known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.catalogue import t
from bot.domain.incident import TITLE_LIMIT
from bot.domain.policy import Impact, Policy, Severity, Urgency
from bot.slack.blocks.inputs import INPUT_LIMIT, checkbox, field_input, option, select, severity_options, text_input
from bot.slack.blocks.layout import plain_text
from bot.slack.blocks.mrkdwn import clean, cut_plain, length, one_line, plain
from bot.slack.blocks.rendered import Block, View
from bot.slack.ids import BlockId, CallbackId, FormField

PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known of an incident that is not open yet. What the policy does not know is left for the person."""

    title: str = ""
    severity: Severity | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    service: str | None = None
    description: str = ""
    is_private: bool = False


def open_form(
    policy: Policy,
    *,
    draft: Draft,
    problem: str | None,
    private_metadata: str,
    similar: Sequence[Block] = (),
) -> View:
    """`problem` says in plain words why the form is shown; `private_metadata` comes back with the answer.

    With `similar` incidents on top, it is asked whether it is one of them.
    """
    title, description = _title_and_description(draft)
    return {
        "type": "modal",
        "callback_id": CallbackId.OPEN_INCIDENT.value,
        "title": plain_text(t("Open incident")),
        "submit": plain_text(t("Open anyway") if similar else t("Open")),
        "close": plain_text(t("Cancel")),
        "private_metadata": private_metadata,
        "blocks": [
            *([_problem(problem)] if problem else []),
            *similar,
            field_input(
                FormField.TITLE, t("What is wrong?"), text_input(title, TITLE_LIMIT, t("Checkout shows a blank page"))
            ),
            *_how_bad(policy, draft),
            field_input(
                FormField.SERVICE, t("Service"), select(_services(policy), draft.service, t("Choose a service"))
            ),
            field_input(
                FormField.DESCRIPTION,
                t("What do you know so far?"),
                {**text_input(description, INPUT_LIMIT, t("Since when, who is affected, links")), "multiline": True},
                optional=True,
            ),
            field_input(
                FormField.PRIVATE,
                t("Who is it for?"),
                checkbox(
                    option(PRIVATE, t("🔒 Private: only for its tiers and those who follow it")),
                    ticked=draft.is_private,
                ),
                optional=True,
            ),
        ],
    }


def _how_bad(policy: Policy, draft: Draft) -> list[Block]:
    """The severity or, where the policy says what they make, the impact and the urgency."""
    severity = field_input(
        FormField.SEVERITY,
        t("Severity"),
        select(severity_options(policy), draft.severity, t("Choose a severity")),
        optional=bool(policy.matrix),
    )
    if not policy.matrix:
        return [severity]
    return [
        {**severity, "hint": plain_text(t("Or leave it empty, and choose an impact and an urgency."))},
        field_input(
            FormField.IMPACT,
            t("Impact"),
            select(_words(Impact), draft.impact, t("How much is affected?")),
            optional=True,
        ),
        field_input(
            FormField.URGENCY,
            t("Urgency"),
            select(_words(Urgency), draft.urgency, t("How soon must it be mended?")),
            optional=True,
        ),
    ]


def _title_and_description(draft: Draft) -> tuple[str, str]:
    """A title that the field cannot hold is shortened, and the description then begins with all of it."""
    title, description = one_line(draft.title), clean(draft.description)
    if length(title) > TITLE_LIMIT:
        title, description = cut_plain(title, TITLE_LIMIT), f"{title}\n\n{description}".strip()
    return title, cut_plain(description, INPUT_LIMIT)


def _problem(problem: str) -> Block:
    return {
        "type": "section",
        "block_id": BlockId.FORM_PROBLEM.value,
        "text": plain_text(f"⚠️ {plain(problem, 500)}"),
    }


def _words(kind: Iterable[Impact | Urgency]) -> list[Block]:
    return [option(word, word.capitalize()) for word in kind]


def _services(policy: Policy) -> list[Block]:
    return [option(service, service) for service in policy.services]
