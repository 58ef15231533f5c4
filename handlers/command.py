"""`/incident …`: one command, its words understood by the grammar, its answer for the person who typed it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.domain.incident import Report
from bot.services.explaining import zone_of_people
from bot.services.incidents import IncidentDesk
from bot.slack.blocks import answers, listing
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.blocks.rendered import Rendered
from handlers import deeds, grammar, questions
from handlers.forms import FormNotOpened, FormOpener, open_in_time
from handlers.listener import NOT_OPENED, Heard, in_ack, note
from handlers.parsing import CommandRequest, command_request, private_metadata
from handlers.questions import OnCall

COMMAND = "/incident"


class IncidentCommand:
    def __init__(self, desk: IncidentDesk, on_call: OnCall, slack: FormOpener, clock: Clock) -> None:
        self._desk = desk
        self._on_call = on_call
        self._slack = slack
        self._clock = clock

    async def __call__(self, body: Mapping[str, Any]) -> Rendered | None:
        request = command_request(body)
        match await self._understood(request):
            case grammar.OpenForm() as form:
                return await self._open_form(request, form)
            case grammar.OpenIncident(severity=severity, service=service, title=title):
                report = Report(title=title, severity=severity, service=service)
                case = await self._desk.open(report, by=request.user, cause=request.cause)
                return answers.opened(case.incident, case.policy)
            case command if isinstance(command, grammar.Deed):
                return await deeds.do(self._desk, command, deeds.Asking(by=request.user, cause=request.cause))
            case command:
                return await questions.answer(self._desk, self._on_call, self._clock, command, request.text)

    async def _understood(self, request: CommandRequest) -> grammar.Command:
        """A command that names no incident is about the one that is worked in its channel, if there is just one."""
        policy = self._desk.policy
        known = grammar.Known(
            services=policy.services.keys(),
            matrix=policy.matrix,
            mentions=request.mentions,
            now=self._clock.now(),
            zone=zone_of_people(policy),
            me=request.user,
        )
        command = grammar.parse(request.text, known)
        if not isinstance(command, grammar.Unclear) or not command.lacks_incident:
            return command
        here = await self._desk.only_one_in(request.channel)
        return command if here is None else grammar.parse(request.text, replace(known, here=here))

    async def _open_form(self, request: CommandRequest, form: grammar.OpenForm) -> Rendered | None:
        view = open_form(
            self._desk.policy,
            draft=Draft(
                title=form.title,
                severity=form.severity,
                impact=form.impact,
                urgency=form.urgency,
                service=form.service,
            ),
            problem=form.problem,
            private_metadata=private_metadata(request.channel),
        )
        try:
            await open_in_time(self._slack, request.trigger_id, view)
        except FormNotOpened as error:
            note(error, "command")
            problem = f"{form.problem} {NOT_OPENED}" if form.problem else NOT_OPENED
            return listing.not_understood(problem, request.text)
        return None


def register(app: AsyncApp, desk: IncidentDesk, on_call: OnCall, slack: FormOpener, clock: Clock, heard: Heard) -> None:
    app.command(COMMAND)(in_ack("command", IncidentCommand(desk, on_call, slack, clock), heard))
