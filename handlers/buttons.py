"""The buttons of a card and of a question: a success shows in the card, a lost race is told."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.verbs import Seen
from bot.services.incidents import IncidentDesk
from bot.slack.ids import ActionId, ButtonValue
from handlers.listener import Heard, Say, beside_ack
from handlers.parsing import click_request


class Buttons:
    def __init__(self, desk: IncidentDesk) -> None:
        self._desk = desk

    async def acknowledge(self, body: Mapping[str, Any]) -> None:
        """From an old card too: whoever takes it, takes it."""
        request = click_request(body)
        await self._desk.acknowledge(request.button.number, by=request.user, cause=request.cause)

    async def escalate(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        button = request.button
        await self._desk.escalate(button.number, by=request.user, cause=request.cause, seen=_seen(button))

    async def not_mine(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        button = request.button
        await self._desk.pass_on(button.number, by=request.user, cause=request.cause, seen=_seen(button))

    async def still_on_it(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._desk.confirm_still_on_it(request.button.number, by=request.user, cause=request.cause)

    async def resume(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._desk.resume(request.button.number, by=request.user, cause=request.cause)

    async def resolve(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._desk.resolve(request.button.number, by=request.user, cause=request.cause)

    async def reopen(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._desk.reopen(request.button.number, by=request.user, cause=request.cause, reason="")


def _seen(button: ButtonValue) -> Seen:
    return Seen(tier=button.tier, cycle=button.cycle)


def register(app: AsyncApp, desk: IncidentDesk, say: Say, heard: Heard) -> None:
    buttons = Buttons(desk)
    clicked = {
        ActionId.ACKNOWLEDGE: buttons.acknowledge,
        ActionId.ESCALATE: buttons.escalate,
        ActionId.NOT_MINE: buttons.not_mine,
        ActionId.STILL_ON_IT: buttons.still_on_it,
        ActionId.RESUME: buttons.resume,
        ActionId.RESOLVE: buttons.resolve,
        ActionId.REOPEN: buttons.reopen,
    }
    for action, listen in clicked.items():
        app.action(action.value)(beside_ack(action.value, say, listen, heard))
