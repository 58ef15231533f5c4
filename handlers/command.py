"""`/incident …`: one command, its words understood by the grammar, its answer for the person who typed it."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.catalogue import t
from bot.clock import Clock
from bot.domain.errors import UnknownTier
from bot.domain.incident import Report
from bot.domain.policy import Verb
from bot.services.incidents import IncidentDesk
from bot.slack.blocks import listing
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.blocks.mrkdwn import escape
from bot.slack.blocks.refusals import refusal_text
from bot.slack.blocks.rendered import Rendered
from bot.slack.ids import FormField
from handlers import deeds, grammar, questions
from handlers.begun import Begun
from handlers.forms import FormNotOpened, FormOpener, open_in_time
from handlers.forms_about_one import FormsAboutOne, Wish, as_typed_before
from handlers.listener import NOT_OPENED, Heard, in_ack, note
from handlers.opening import open_at_once
from handlers.parsing import CommandRequest, command_request
from handlers.questions import OnCall
from handlers.understanding import Typed, Understanding

COMMAND = "/incident"


class IncidentCommand:
    def __init__(self, desk: IncidentDesk, on_call: OnCall, slack: FormOpener, clock: Clock) -> None:
        self._desk = desk
        self._on_call = on_call
        self._slack = slack
        self._clock = clock
        self._understand = Understanding(desk, clock)
        self._forms_about_one = FormsAboutOne(desk, slack, clock)

    async def __call__(self, body: Mapping[str, Any]) -> Rendered | None:
        return await self.answer(command_request(body))

    async def answer(self, request: CommandRequest) -> Rendered | None:
        """None when a form was opened instead. Raises `NoTrigger` when one is needed and nothing opens it here."""
        match await self.understood(request):
            case grammar.OpenForm() as form:
                return await self._open_form(request, form)
            case grammar.OpenIncident() as opened:
                report = Report(
                    title=opened.title,
                    severity=opened.severity,
                    service=opened.service,
                    origin=request.origin,
                    is_private=opened.is_private,
                )
                return await open_at_once(self._for(request), self._slack, report, request, self._clock.now())
            case grammar.OpenFormAbout() as form:
                return await self._open_form_about(request, form)
            case command if isinstance(command, grammar.Deed):
                return await self._do(request, command)
            case command:
                return await questions.answer(
                    self._for(request), self._on_call, self._clock, command, typed=request.text, me=request.user
                )

    async def understood(self, request: CommandRequest) -> grammar.Command:
        return await self._understand(
            Typed(
                user=request.user,
                channel=request.channel,
                text=request.text,
                mentions=request.mentions,
                here=request.here,
            )
        )

    def _for(self, request: CommandRequest) -> IncidentDesk:
        return self._desk.seen_by(request.user, request.channel)

    async def _do(self, request: CommandRequest, deed: grammar.Deed) -> Rendered | None:
        """A place that nobody knows can be chosen from a list."""
        try:
            return await deeds.do(self._for(request), deed, deeds.Asking(by=request.user, cause=request.cause))
        except UnknownTier as refusal:
            if not isinstance(deed, grammar.EscalateTo):
                raise
            entries = {FormField.TO: deed.words, FormField.REASON: deed.words}
            form = grammar.OpenFormAbout(number=deed.number, verb=Verb.ESCALATE, typed=deed.words, entries=entries)
            return await self._open_form_about(request, form, refusal_text(refusal))

    async def _open_form_about(
        self, request: CommandRequest, form: grammar.OpenFormAbout, problem: str | None = None
    ) -> Rendered | None:
        """`problem` is mrkdwn; without it the form's own is said, which is plain text."""
        wish = Wish(
            verb=form.verb,
            number=form.number,
            by=request.user,
            channel=request.channel,
            trigger_id=request.trigger_id,
            entries=form.entries,
            problem=as_typed_before(problem or escape(form.problem or ""), form.typed),
        )
        try:
            await self._forms_about_one.open(wish)
        except FormNotOpened as error:
            note(error, "command")
            return listing.not_understood(" ".join(filter(None, (form.problem, t(NOT_OPENED)))), request.text)
        return None

    async def _open_form(self, request: CommandRequest, form: grammar.OpenForm) -> Rendered | None:
        view = open_form(
            self._desk.policy,
            draft=Draft(
                title=form.title,
                severity=form.severity,
                impact=form.impact,
                urgency=form.urgency,
                service=form.service,
                is_private=form.is_private,
            ),
            problem=form.problem,
            private_metadata=Begun(channel=request.channel, thread_ts=request.thread_ts).encode(),
        )
        try:
            await open_in_time(self._slack, request.trigger_id, view)
        except FormNotOpened as error:
            note(error, "command")
            problem = f"{form.problem} {t(NOT_OPENED)}" if form.problem else t(NOT_OPENED)
            return listing.not_understood(problem, request.text)
        return None


def register(app: AsyncApp, desk: IncidentDesk, on_call: OnCall, slack: FormOpener, clock: Clock, heard: Heard) -> None:
    app.command(COMMAND)(in_ack("command", IncidentCommand(desk, on_call, slack, clock), heard))
