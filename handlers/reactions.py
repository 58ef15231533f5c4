"""Emoji on a card: one acknowledges, one asks whether it is resolved. On a message in its thread 📌 keeps that."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp

from bot.domain.errors import IncidentNotFound
from bot.domain.ids import UserId
from bot.domain.policy import PINNING
from bot.domain.verbs import refuse_if_over
from bot.services.inbox import Handler
from bot.services.incidents import IncidentDesk
from bot.services.whereabouts import Whereabouts
from bot.slack.blocks import answers, asides
from bot.slack.blocks.rendered import Rendered
from bot.slack.calls import SlackUnavailable
from bot.slack.ids import ActionId
from handlers.aside import Aside, Happened, well_formed
from handlers.events import Pin, Reaction, reaction_of
from handlers.in_place import InPlace
from handlers.listener import Ack, Heard
from handlers.parsing import click_request
from handlers.pins import Pins

ADDED = "reaction_added"


class People(Protocol):
    async def is_person(self, user: UserId) -> bool: ...


class Reactions:
    """What is taken back changes nothing: who acknowledged has it."""

    def __init__(self, desk: IncidentDesk, whereabouts: Whereabouts, people: People, pins: Pins, aside: Aside) -> None:
        self._desk = desk
        self._whereabouts = whereabouts
        self._people = people
        self._pins = pins
        self._aside = aside

    async def added(self, body: Mapping[str, Any], received_at: datetime) -> None:
        reaction = well_formed(partial(reaction_of, body))
        if reaction is None:
            return
        about = await self._whereabouts.card_at(reaction.channel, reaction.ts)
        if about is not None and not about.for_stakeholders:
            await self._on_card(about.number, reaction)
        elif about is None and reaction.emoji == PINNING:
            await self._pins.keep(Pin(user=reaction.user, channel=reaction.channel, ts=reaction.ts, at=reaction.at))

    async def _on_card(self, number: int, reaction: Reaction) -> None:
        """Asides go to the channel: below a card to which nobody has replied nobody would see them."""
        try:
            case = await self._desk.seen_by(reaction.user, reaction.channel).look(number)
        except IncidentNotFound:
            return  # it became private after it had left this channel
        meant = case.policy.reactions
        happened = Happened(by=reaction.user, channel=reaction.channel, at=reaction.at)
        act: Callable[[], Awaitable[Rendered | None]]
        if reaction.emoji == meant.acknowledge:
            act = partial(self._acknowledged, number, reaction, happened)
        elif reaction.emoji == meant.resolve and not self._aside.is_late(happened):
            act = partial(self._asked, number, reaction)
        else:
            return
        if await self._is_person(reaction.user):
            await self._aside.answering(ADDED, happened, act)

    async def _acknowledged(self, number: int, reaction: Reaction, happened: Happened) -> Rendered | None:
        """It shows in the card. Late it counts too, for it was said; but who said it may not expect it any more."""
        desk = self._desk.seen_by(reaction.user, reaction.channel)
        case = await desk.acknowledge(number, by=reaction.user, cause=reaction.cause)
        if not self._aside.is_late(happened):
            return None
        return asides.acknowledged_late(case.incident, case.policy, reaction.at)

    async def _asked(self, number: int, reaction: Reaction) -> Rendered:
        """Raises `IncidentAlreadyOver`. Whether they may resolve it is looked at when they click."""
        case = await self._desk.seen_by(reaction.user, reaction.channel).look(number)
        refuse_if_over(case.incident)
        return asides.resolve_question(case.incident)

    async def _is_person(self, user: UserId) -> bool:
        """An app that marks every message takes nothing upon itself. Whom Slack does not tell apart is believed."""
        try:
            return await self._people.is_person(user)
        except SlackUnavailable as error:
            if error.is_away:
                raise
            return True


class ResolveNow:
    """The button of that question."""

    def __init__(self, desk: IncidentDesk) -> None:
        self._desk = desk

    async def __call__(self, body: Mapping[str, Any]) -> Rendered:
        request = click_request(body)
        desk = self._desk.seen_by(request.user, request.channel)
        case = await desk.resolve(request.button.number, by=request.user, cause=request.cause)
        return answers.resolved(case.incident, case.policy)


def handlers(reactions: Reactions) -> Mapping[str, Handler]:
    """What is done about events, from the inbox."""
    return {ADDED: reactions.added}


def register(app: AsyncApp, desk: IncidentDesk, in_place: InPlace, heard: Heard) -> None:
    """Events are acknowledged at once: the gatekeeper has stored them."""

    async def taken(ack: Ack) -> None:
        await ack()

    app.event(ADDED)(taken)
    resolve_now = in_place.answering(ActionId.RESOLVE_NOW.value, ResolveNow(desk), heard)
    app.action(ActionId.RESOLVE_NOW.value)(resolve_now)
