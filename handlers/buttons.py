"""The buttons of a card: acknowledge, escalate, resolve. A success shows in the card, a lost race is told."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.transition import Seen
from bot.services.incidents import IncidentDesk
from bot.slack.ids import ActionId
from handlers.listener import Say, beside_ack
from handlers.parsing import click_request


class Buttons:
    def __init__(self, desk: IncidentDesk) -> None:
        self._desk = desk

    async def acknowledge(self, body: Mapping[str, Any]) -> None:
        """From an old card too: whoever takes it, takes it."""
        request = click_request(body)
        await self._desk.acknowledge(request.button.number, by=request.user)

    async def escalate(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        button = request.button
        seen = Seen(tier=button.tier, cycle=button.cycle)
        await self._desk.escalate(button.number, by=request.user, seen=seen)

    async def resolve(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._desk.resolve(request.button.number, by=request.user)


def register(app: AsyncApp, desk: IncidentDesk, say: Say) -> None:
    buttons = Buttons(desk)
    app.action(ActionId.ACKNOWLEDGE.value)(beside_ack("acknowledge", say, buttons.acknowledge))
    app.action(ActionId.ESCALATE.value)(beside_ack("escalate", say, buttons.escalate))
    app.action(ActionId.RESOLVE.value)(beside_ack("resolve", say, buttons.resolve))
