"""What people fill in becomes typed requests; what is not as Slack sends it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.ids import UserId
from bot.domain.policy import Impact, Severity, Urgency
from bot.slack.blocks.fields_about_one import Entries
from bot.slack.blocks.mrkdwn import clean
from bot.slack.ids import FeedbackValue, FormField
from handlers import causes
from handlers.begun import Begun
from handlers.carried import Carried
from handlers.payload import HIGHEST_NUMBER, MalformedPayload, Payload, part_of, text_of

Chosen = TypeVar("Chosen", Severity, Impact, Urgency)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRequest:
    """The form that opens an incident, filled in; `begun` says how it came to be.

    What was left empty is None; whether that makes an incident is the policy's to say.
    """

    user: UserId
    begun: Begun
    title: str
    severity: Severity | None
    impact: Impact | None
    urgency: Urgency | None
    service: str
    description: str
    is_private: bool = False
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutRequest:
    """A form about one incident, filled in."""

    user: UserId
    carried: Carried
    entries: Entries
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRequest:
    """What somebody thought of an incident, filled in."""

    user: UserId
    number: int
    score: int
    comment: str
    is_named: bool


def form_request(body: Payload) -> FormRequest:
    view = part_of(body, "view")
    values = part_of(part_of(view, "state"), "values")
    begun = Begun.decode(str(view.get("private_metadata") or ""))
    return FormRequest(
        user=UserId(text_of(part_of(body, "user"), "id")),
        begun=begun,
        title=_typed(values, FormField.TITLE),
        severity=_chosen(values, FormField.SEVERITY, Severity),
        impact=_chosen(values, FormField.IMPACT, Impact),
        urgency=_chosen(values, FormField.URGENCY, Urgency),
        service=_selected(values, FormField.SERVICE),
        description=_typed(values, FormField.DESCRIPTION),
        is_private=_ticked(values, FormField.PRIVATE),
        cause=begun.cause or causes.of_form(body),
    )


def about_request(body: Payload) -> AboutRequest:
    """What is not one of our fields is left out."""
    view = part_of(body, "view")
    values = part_of(part_of(view, "state"), "values")
    try:
        carried = Carried.decode(str(view.get("private_metadata") or ""))
    except ValueError as error:
        raise MalformedPayload("private_metadata") from error
    if not 0 < carried.number <= HIGHEST_NUMBER:
        raise MalformedPayload("private_metadata")
    return AboutRequest(
        user=UserId(text_of(part_of(body, "user"), "id")),
        carried=carried,
        entries={each: _only(part_of(values, each)) for each in FormField if each in values},
        cause=causes.of_form(body),
    )


def score_of(value: str) -> FeedbackValue:
    """Raises `MalformedPayload` for what is no score of ours."""
    try:
        return FeedbackValue.decode(value)
    except ValueError as error:
        raise MalformedPayload("the score") from error


def feedback_request(body: Payload) -> FeedbackRequest:
    view = part_of(body, "view")
    values = part_of(part_of(view, "state"), "values")
    number = score_of(str(view.get("private_metadata") or "")).number
    ticked = part_of(part_of(values, FormField.NAMED), FormField.NAMED).get("selected_options")
    return FeedbackRequest(
        user=UserId(text_of(part_of(body, "user"), "id")),
        number=number,
        score=score_of(f"{number}|{_selected(values, FormField.SCORE)}").score,
        comment=_typed(values, FormField.COMMENT),
        is_named=not ticked,
    )


def begun_in(body: Payload) -> Begun:
    """How the form in which somebody clicked came to be."""
    view = body.get("view")
    return Begun.decode(str(view.get("private_metadata") or "")) if isinstance(view, Mapping) else Begun()


def _typed(values: Payload, field: FormField) -> str:
    return clean(str(part_of(part_of(values, field), field).get("value") or ""))


def _ticked(values: Payload, field: FormField) -> bool:
    """Not, when the form did not ask for it: an older version opened it."""
    return field in values and bool(part_of(part_of(values, field), field).get("selected_options"))


def _selected(values: Payload, field: FormField) -> str:
    return text_of(part_of(part_of(part_of(values, field), field), "selected_option"), "value")


def _only(block: Payload) -> str:
    """What the one element of a field holds. Its name tells one showing of the form from the next."""
    (name,) = block if len(block) == 1 else (None,)
    if not isinstance(name, str):
        raise MalformedPayload("a field")
    return _held(part_of(block, name))


def _held(element: Payload) -> str:
    """What was typed, or whom or what was chosen; empty when nothing was."""
    match element:
        case {"selected_option": {"value": str(value)}} | {"selected_user": str(value)} | {"value": str(value)}:
            return clean(value)
        case _:
            return ""


def _chosen(values: Payload, field: FormField, kind: type[Chosen]) -> Chosen | None:
    """None when nothing was chosen, or the form did not ask for it."""
    if field not in values or part_of(part_of(values, field), field).get("selected_option") is None:
        return None
    try:
        return kind(_selected(values, field))
    except ValueError as error:
        raise MalformedPayload(field) from error
