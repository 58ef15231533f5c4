"""The form that opens an incident: from the shortcuts and the Home tab, and what is sent in with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncApp

from bot.catalogue import mark, t
from bot.clock import Clock
from bot.domain.delivery import Outcome
from bot.domain.incident import Incident, Report
from bot.domain.policy import Policy, Severity
from bot.services.errors import StorageError
from bot.services.incidents import IncidentDesk
from bot.services.lists import Similar
from bot.slack.blocks import answers
from bot.slack.blocks.detail import detail_view
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.blocks.inputs import INPUT_LIMIT
from bot.slack.blocks.mrkdwn import cut_plain, length
from bot.slack.blocks.rendered import Rendered, View
from bot.slack.blocks.similar import opened_beside, similar_blocks
from bot.slack.ids import ActionId, CallbackId, FormField
from handlers.begun import Begun
from handlers.forms import (
    FormNotOpened,
    FormOpenedBefore,
    FormOpener,
    Linker,
    link_in_time,
    look_in_time,
    open_in_time,
    shown_in_time,
)
from handlers.listener import Again, Errors, Heard, Say, at_field, beside_ack, note
from handlers.parsing import CommandRequest, ShortcutRequest, click_request, shortcut_request
from handlers.submissions import FormRequest, begun_in, form_request

log = structlog.get_logger()

TITLE_FROM_QUOTE = 150

NO_SEVERITY = mark("Choose a severity.")
NO_SEVERITY_MATRIX = mark("Choose a severity, or both an impact and an urgency.")
HALF_OF_IT = mark("Impact and urgency make the severity together; choose both, or neither and a severity.")
DISAGREES = mark("Impact and urgency make it {made}; choose that, or leave the severity empty.")


class FormSlack(FormOpener, Linker, Protocol):
    """What the form needs of Slack."""

    async def push_view(self, trigger_id: str, view: View) -> Outcome: ...


class Opening:
    def __init__(self, desk: IncidentDesk, slack: FormSlack, clock: Clock, say: Say) -> None:
        self._desk = desk
        self._slack = slack
        self._clock = clock
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
        description = _quoted(request.quote.strip(), link or "")
        await self._open(request, Draft(title=first_line[:TITLE_FROM_QUOTE], description=description))

    async def from_home(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._open(ShortcutRequest(user=request.user, channel=None, trigger_id=request.trigger_id), Draft())

    async def submitted(self, body: Mapping[str, Any]) -> Errors | Again | None:
        """Once, what is similar and open already is shown above what was typed."""
        request = form_request(body)
        report = report_of(request, self._desk.policy)
        if not isinstance(report, Report):
            return report
        until = self._desk.deadline()
        if not request.begun.similar_shown:
            similar = await similar_open(self._desk.seen_by(request.user, request.begun.channel), report, request.cause)
            if similar.incidents and not similar.opened_before:
                return Again(self._asking(request, similar.incidents))
        case = await self._desk.open(report, by=request.user, cause=request.cause, until=until)
        self._say(request.begun.channel, request.user, answers.opened(case.incident, case.policy).text)
        return None

    async def show_similar(self, body: Mapping[str, Any]) -> None:
        """On top of the form, in which what was typed stays."""
        request = click_request(body)
        desk = self._desk.seen_by(request.user, begun_in(body).channel)
        case, story = await look_in_time(desk.show(request.place.number))
        view = detail_view(case.incident, case.policy, story, self._clock.now())
        await shown_in_time(self._slack.push_view(request.trigger_id, view))

    def _asking(self, request: FormRequest, similar: Sequence[Incident]) -> View:
        draft = Draft(
            title=request.title,
            severity=request.severity,
            impact=request.impact,
            urgency=request.urgency,
            service=request.service,
            description=request.description,
            is_private=request.is_private,
        )
        return _form_with(self._desk.policy, draft, request.begun, similar, self._clock.now())

    async def _open(self, request: ShortcutRequest, draft: Draft) -> None:
        view = open_form(
            self._desk.policy,
            draft=draft,
            problem=None,
            private_metadata=Begun(channel=request.channel, thread_ts=request.thread_ts).encode(),
        )
        await open_in_time(self._slack, request.trigger_id, view)


def _quoted(quote: str, link: str) -> str:
    """The words and where they stand: of words that do not fit the link leads to the rest."""
    below = f"\n\n{link}" if quote and link else link
    return cut_plain(quote, INPUT_LIMIT - length(below)) + below


async def open_at_once(
    desk: IncidentDesk, slack: FormOpener, report: Report, request: CommandRequest, now: datetime
) -> Rendered | None:
    """Unless something similar is open: then the form asks, filled in. What Slack does not show in time is opened."""
    until = desk.deadline()
    similar = await similar_open(desk, report, request.cause)
    if similar.incidents and not similar.opened_before and request.trigger_id is not None:
        draft = Draft(
            title=report.title,
            severity=report.severity,
            service=report.service,
            description=report.description,
            is_private=report.is_private,
        )
        begun = Begun(channel=request.channel, cause=request.cause, thread_ts=request.thread_ts)
        try:
            await open_in_time(slack, request.trigger_id, _form_with(desk.policy, draft, begun, similar.incidents, now))
        except FormOpenedBefore:
            return None
        except FormNotOpened as error:
            note(error, "command")
        else:
            return None
    case = await desk.open(report, by=request.user, cause=request.cause, until=until)
    return opened_beside(case.incident, case.policy, similar.incidents, now)


async def similar_open(desk: IncidentDesk, report: Report, cause: str | None) -> Similar:
    """Nothing when they cannot be read just now: whether the incident can be opened is what counts."""
    try:
        return await look_in_time(desk.similar(report, cause=cause))
    except (StorageError, FormNotOpened) as error:
        log.warning("similar.not_read", error=str(error))
        return Similar()


def _form_with(policy: Policy, draft: Draft, begun: Begun, similar: Sequence[Incident], now: datetime) -> View:
    """The form with what is similar on top, which it will not show again."""
    metadata = replace(begun, similar_shown=True).encode()
    blocks = similar_blocks(similar, now)
    return open_form(policy, draft=draft, problem=None, private_metadata=metadata, similar=blocks)


def report_of(request: FormRequest, policy: Policy) -> Report | Errors:
    """Raises `InvalidIncident` for an empty title."""
    severity = severity_of(request, policy)
    if not isinstance(severity, Severity):
        return severity
    return Report(
        title=request.title,
        severity=severity,
        service=request.service,
        description=request.description,
        is_private=request.is_private,
        origin=request.begun.origin,
    )


def severity_of(request: FormRequest, policy: Policy) -> Severity | Errors:
    """As it was chosen, or as impact and urgency make it; otherwise what is wrong, at the fields that mend it."""
    impact, urgency, severity = request.impact, request.urgency, request.severity
    made = policy.matrix.get((impact, urgency)) if impact is not None and urgency is not None else None
    if (impact is None) != (urgency is None):
        missing = FormField.IMPACT if impact is None else FormField.URGENCY
        return {missing.value: t(HALF_OF_IT)}
    if made is not None and severity not in (None, made):
        return {FormField.SEVERITY.value: t(DISAGREES, made=made)}
    return severity or made or {FormField.SEVERITY.value: t(NO_SEVERITY_MATRIX) if policy.matrix else t(NO_SEVERITY)}


def register(app: AsyncApp, desk: IncidentDesk, slack: FormSlack, clock: Clock, say: Say, heard: Heard) -> None:
    opening = Opening(desk, slack, clock, say)
    from_shortcut = beside_ack("shortcut", say, opening.from_shortcut, heard)
    from_message = beside_ack("message_shortcut", say, opening.from_message, heard)
    app.shortcut(CallbackId.SHORTCUT_OPEN.value)(from_shortcut)
    app.shortcut(CallbackId.SHORTCUT_FROM_MESSAGE.value)(from_message)
    app.action(ActionId.OPEN_FORM.value)(beside_ack("home_button", say, opening.from_home, heard))
    app.action(ActionId.SHOW_SIMILAR.value)(beside_ack("show_similar", say, opening.show_similar, heard))
    app.view(CallbackId.OPEN_INCIDENT.value)(at_field("open_form", FormField.TITLE.value, opening.submitted, heard))
