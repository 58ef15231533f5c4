"""The form that opens an incident: from the shortcuts and the Home tab, and what is sent in with it."""

from collections.abc import Mapping
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp

from bot.domain.incident import Report
from bot.domain.policy import Policy, Severity
from bot.services.incidents import IncidentDesk
from bot.slack.blocks import answers
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.ids import ActionId, CallbackId, FormField
from handlers.forms import FormOpener, Linker, link_in_time, open_in_time
from handlers.listener import Errors, Heard, Say, at_field, beside_ack
from handlers.parsing import (
    FormRequest,
    ShortcutRequest,
    click_request,
    form_request,
    private_metadata,
    shortcut_request,
)

TITLE_FROM_QUOTE = 150

NO_SEVERITY = "Choose a severity."
NO_SEVERITY_MATRIX = "Choose a severity, or both an impact and an urgency."
HALF_OF_IT = "Impact and urgency make the severity together; choose both, or neither and a severity."
DISAGREES = "Impact and urgency make it {made}; choose that, or leave the severity empty."


class FormSlack(FormOpener, Linker, Protocol):
    """What the form needs of Slack."""


class Opening:
    def __init__(self, desk: IncidentDesk, slack: FormSlack, say: Say) -> None:
        self._desk = desk
        self._slack = slack
        self._say = say

    async def from_shortcut(self, body: Mapping[str, Any]) -> None:
        await self._open(shortcut_request(body), Draft())

    async def from_message(self, body: Mapping[str, Any]) -> None:
        """The message is quoted and linked, so that nobody has to copy it."""
        request = shortcut_request(body)
        link = None
        if request.channel is not None and request.message_ts is not None:
            link = await link_in_time(self._slack, request.channel, request.message_ts)
        first_line = request.quote.strip().partition("\n")[0]
        description = "\n\n".join(part for part in (request.quote.strip(), link) if part)
        await self._open(request, Draft(title=first_line[:TITLE_FROM_QUOTE], description=description))

    async def from_home(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._open(ShortcutRequest(user=request.user, channel=None, trigger_id=request.trigger_id), Draft())

    async def submitted(self, body: Mapping[str, Any]) -> Errors | None:
        request = form_request(body)
        report = report_of(request, self._desk.policy)
        if not isinstance(report, Report):
            return report
        case = await self._desk.open(report, by=request.user, cause=request.cause)
        self._say(request.channel, request.user, answers.opened(case.incident, case.policy).text)
        return None

    async def _open(self, request: ShortcutRequest, draft: Draft) -> None:
        view = open_form(
            self._desk.policy, draft=draft, problem=None, private_metadata=private_metadata(request.channel)
        )
        await open_in_time(self._slack, request.trigger_id, view)


def report_of(request: FormRequest, policy: Policy) -> Report | Errors:
    """Raises `InvalidIncident` for an empty title."""
    severity = severity_of(request, policy)
    if not isinstance(severity, Severity):
        return severity
    return Report(title=request.title, severity=severity, service=request.service, description=request.description)


def severity_of(request: FormRequest, policy: Policy) -> Severity | Errors:
    """As it was chosen, or as impact and urgency make it; otherwise what is wrong, at the fields that mend it."""
    impact, urgency, severity = request.impact, request.urgency, request.severity
    made = policy.matrix.get((impact, urgency)) if impact is not None and urgency is not None else None
    if (impact is None) != (urgency is None):
        missing = FormField.IMPACT if impact is None else FormField.URGENCY
        return {missing.value: HALF_OF_IT}
    if made is not None and severity not in (None, made):
        return {FormField.SEVERITY.value: DISAGREES.format(made=made)}
    return severity or made or {FormField.SEVERITY.value: NO_SEVERITY_MATRIX if policy.matrix else NO_SEVERITY}


def register(app: AsyncApp, desk: IncidentDesk, slack: FormSlack, say: Say, heard: Heard) -> None:
    opening = Opening(desk, slack, say)
    from_shortcut = beside_ack("shortcut", say, opening.from_shortcut, heard)
    from_message = beside_ack("message_shortcut", say, opening.from_message, heard)
    app.shortcut(CallbackId.SHORTCUT_OPEN.value)(from_shortcut)
    app.shortcut(CallbackId.SHORTCUT_FROM_MESSAGE.value)(from_message)
    app.action(ActionId.OPEN_FORM.value)(beside_ack("home_button", say, opening.from_home, heard))
    app.view(CallbackId.OPEN_INCIDENT.value)(at_field("open_form", FormField.TITLE.value, opening.submitted, heard))
