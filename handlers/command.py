"""`/incident …`: one command, its words understood by the grammar, its answer for the person who typed it."""

from collections.abc import Mapping
from typing import Any, assert_never

from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.domain.incident import Report
from bot.services.incidents import IncidentDesk
from bot.slack.blocks import listing
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.blocks.rendered import Rendered
from handlers import grammar
from handlers.forms import FormNotOpened, FormOpener, open_in_time
from handlers.listener import NOT_OPENED, in_ack, note
from handlers.parsing import CommandRequest, command_request, private_metadata

COMMAND = "/incident"


class IncidentCommand:
    def __init__(self, desk: IncidentDesk, slack: FormOpener, clock: Clock) -> None:
        self._desk = desk
        self._slack = slack
        self._clock = clock

    async def __call__(self, body: Mapping[str, Any]) -> Rendered | None:
        request = command_request(body)
        command = grammar.parse(request.text, self._desk.policy.services.keys())
        match command:
            case grammar.OpenIncident(severity=severity, service=service, title=title):
                case = await self._desk.open(Report(title=title, severity=severity, service=service), by=request.user)
                return listing.opened(case.incident, case.policy)
            case grammar.OpenForm():
                return await self._open_form(request, command)
            case grammar.ListIncidents():
                found = await self._desk.list_unresolved()
                return listing.incident_list([incident for incident, _ in found.incidents], total=found.total)
            case grammar.ShowIncident(number=number):
                case, story = await self._desk.show(number)
                return listing.incident_detail(case.incident, case.policy, story, self._clock.now())
            case grammar.AcknowledgeIncident(number=number):
                case = await self._desk.acknowledge(number, by=request.user)
                return listing.acknowledged(case.incident)
            case grammar.EscalateIncident(number=number, reason=reason):
                case = await self._desk.escalate(number, by=request.user, reason=reason)
                return listing.escalated(case.incident, case.policy)
            case grammar.ResolveIncident(number=number, summary=summary):
                case = await self._desk.resolve(number, by=request.user, summary=summary)
                return listing.resolved(case.incident)
            case grammar.Help():
                return listing.help_text(self._desk.policy)
            case grammar.Unclear(problem=problem):
                return listing.not_understood(problem, request.text)
            case _:
                assert_never(command)

    async def _open_form(self, request: CommandRequest, form: grammar.OpenForm) -> Rendered | None:
        draft = Draft(title=form.title, severity=form.severity, service=form.service)
        view = open_form(
            self._desk.policy,
            draft=draft,
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


def register(app: AsyncApp, desk: IncidentDesk, slack: FormOpener, clock: Clock) -> None:
    app.command(COMMAND)(in_ack("command", IncidentCommand(desk, slack, clock)))
