"""What was typed to be shown: lists, one incident, why it is where it is, and the policy."""

from collections.abc import Sequence
from typing import Protocol, assert_never

from bot.catalogue import t
from bot.clock import Clock
from bot.domain.ids import UserId
from bot.domain.on_call import FeedStatus, Shift, ShiftsOf
from bot.domain.policy import Policy
from bot.services.explaining import Plan, zone_of
from bot.services.explaining import simulated as simulate
from bot.services.incidents import IncidentDesk
from bot.services.spoken_time import NotAnInstant, read_instant
from bot.slack.blocks import listing
from bot.slack.blocks.detail import incident_detail, timeline
from bot.slack.blocks.explanation import why
from bot.slack.blocks.help import help_text
from bot.slack.blocks.navigation import with_way_back
from bot.slack.blocks.on_duty import on_call_now
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.simulation import policy_shown, simulated
from bot.slack.queries import Place
from handlers import grammar


class OnCall(Protocol):
    """Who is on call by the calendars kept elsewhere, and how old that knowledge is."""

    def shifts_of(self, url: str) -> Sequence[Shift]: ...

    def status(self) -> Sequence[FeedStatus]: ...


async def answer(
    desk: IncidentDesk, on_call: OnCall, clock: Clock, question: grammar.Question, *, typed: str, me: UserId
) -> Rendered:
    """Raises what the desk raises. `typed` is the whole command, by `me`."""
    match question:
        case grammar.ListIncidents(wanted=wanted):
            return listing.incident_list(await desk.list_page(wanted, page=1), desk.policy, me=me)
        case grammar.ShowIncident(number=number):
            case, story = await desk.show(number)
            return incident_detail(case.incident, case.policy, story, clock.now())
        case grammar.TellStory(number=number):
            case, story = await desk.show(number)
            return timeline(case.incident, case.policy, story)
        case grammar.ExplainIncident(number=number):
            explained = why(await desk.explain(number), shifts_of=on_call.shifts_of)
            return with_way_back(explained, Place(number=number))
        case grammar.ShowPolicy():
            return policy_shown(desk.policy, feeds=on_call.status(), now=clock.now())
        case grammar.ShowOnCall(service=service):
            return on_call_now(desk.policy, service, clock.now(), on_call.shifts_of)
        case grammar.SimulatePolicy():
            return _simulated(desk.policy, on_call.shifts_of, clock, question, typed)
        case grammar.Help():
            return help_text(desk.policy)
        case grammar.Unclear(problem=problem):
            return listing.not_understood(problem, typed)
        case _:
            assert_never(question)


def _simulated(
    policy: Policy, shifts_of: ShiftsOf, clock: Clock, asked: grammar.SimulatePolicy, typed: str
) -> Rendered:
    """A time without a zone is one of those who work by the severity's hours."""
    zone = zone_of(policy, asked.severity)
    try:
        at = read_instant(asked.at, now=clock.now(), zone=zone)
    except NotAnInstant as error:
        return listing.not_understood(str(error), typed)
    plan = Plan(severity=asked.severity, service=asked.service, at=at)
    title = t(
        "{severity} {service}, opened {astimezone:%a %Y-%m-%d %H:%M} {key}",
        severity=asked.severity,
        service=asked.service,
        astimezone=at.astimezone(zone),
        key=zone.key,
    )
    return simulated(simulate(plan, policy), policy, title=title, shifts_of=shifts_of)
