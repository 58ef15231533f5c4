"""The buttons and the menu of a card and of a question: a success shows in the card, a lost race is told."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.policy import Verb
from bot.domain.verbs import Seen
from bot.services.incidents import IncidentDesk
from bot.slack.ids import ActionId, ButtonValue, MoreChoice
from handlers.forms_about_one import FormsAboutOne, Wish
from handlers.listener import Heard, Say, beside_ack
from handlers.lists import Shown
from handlers.parsing import ClickRequest, click_request

FORM_OF = {
    MoreChoice.HOLD: Verb.HOLD,
    MoreChoice.ASSIGN: Verb.ASSIGN,
    MoreChoice.SEVERITY: Verb.SEVERITY,
    MoreChoice.NOTE: Verb.NOTE,
    MoreChoice.ESCALATE: Verb.ESCALATE,
    MoreChoice.CANCEL: Verb.CANCEL,
}

OPENING_A_FORM = (ActionId.RESOLVE, ActionId.UPDATE, ActionId.MORE)
"""Nothing is done yet by them."""


class Buttons:
    def __init__(self, desk: IncidentDesk, forms: FormsAboutOne, shown: Shown) -> None:
        self._desk = desk
        self._forms = forms
        self._shown = shown

    async def acknowledge(self, body: Mapping[str, Any]) -> None:
        """From an old card too: whoever takes it, takes it."""
        request = click_request(body)
        await self._for(request).acknowledge(request.button.number, by=request.user, cause=request.cause)

    async def escalate(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        button = request.button
        await self._for(request).escalate(button.number, by=request.user, cause=request.cause, seen=_seen(button))

    async def not_mine(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        button = request.button
        await self._for(request).pass_on(button.number, by=request.user, cause=request.cause, seen=_seen(button))

    async def still_on_it(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._for(request).confirm_still_on_it(request.button.number, by=request.user, cause=request.cause)

    async def resume(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._for(request).resume(request.button.number, by=request.user, cause=request.cause)

    async def resolve(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._open(Verb.RESOLVE, request.button.number, request)

    async def update(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._open(Verb.UPDATE, request.button.number, request)

    async def more(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        chosen = request.chosen
        match chosen.choice:
            case MoreChoice.WHY:
                await self._shown.why(body)
            case MoreChoice.TIMELINE:
                await self._shown.timeline(body)
            case form:
                await self._open(FORM_OF[form], chosen.number, request)

    async def reopen(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._for(request).reopen(request.button.number, by=request.user, cause=request.cause, reason="")

    def _for(self, request: ClickRequest) -> IncidentDesk:
        return self._desk.seen_by(request.user, request.channel)

    async def _open(self, verb: Verb, number: int, request: ClickRequest) -> None:
        wish = Wish(verb=verb, number=number, by=request.user, channel=request.channel, trigger_id=request.trigger_id)
        await self._forms.open(wish)


def _seen(button: ButtonValue) -> Seen:
    return Seen(tier=button.tier, cycle=button.cycle)


def register(app: AsyncApp, buttons: Buttons, shown: Shown, say: Say, heard: Heard) -> None:
    clicked = {
        ActionId.ACKNOWLEDGE: buttons.acknowledge,
        ActionId.ESCALATE: buttons.escalate,
        ActionId.NOT_MINE: buttons.not_mine,
        ActionId.STILL_ON_IT: buttons.still_on_it,
        ActionId.RESUME: buttons.resume,
        ActionId.RESOLVE: buttons.resolve,
        ActionId.REOPEN: buttons.reopen,
        ActionId.UPDATE: buttons.update,
        ActionId.MORE: buttons.more,
    }
    for action, listen in clicked.items():
        act = listen if action in OPENING_A_FORM else shown.after(listen)
        app.action(action.value)(beside_ack(action.value, say, act, heard))
