"""Clicks in a list, in an incident that was shown and in its story: what is so now takes their place."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.services.incidents import IncidentDesk
from bot.slack.blocks.detail import incident_detail, timeline
from bot.slack.blocks.explanation import why
from bot.slack.blocks.filters import narrowed, query_of
from bot.slack.blocks.listing import incident_list
from bot.slack.blocks.navigation import place_of, with_way_back
from bot.slack.blocks.rendered import Rendered
from bot.slack.ids import ActionId
from bot.slack.queries import ListQuery, Place
from handlers.in_place import InPlace
from handlers.listener import Heard
from handlers.parsing import ClickRequest, click_request, spot_of
from handlers.payload import MalformedPayload
from handlers.questions import OnCall

Payload = Mapping[str, Any]
Read = TypeVar("Read")


class Lists:
    def __init__(self, desk: IncidentDesk, on_call: OnCall, clock: Clock) -> None:
        self._desk = desk
        self._on_call = on_call
        self._clock = clock

    async def turned(self, body: Payload) -> Rendered:
        """To the page that the button names."""
        request = click_request(body)
        return await self._page(request, _read(ListQuery.decode, request.value))

    async def narrowed(self, body: Payload) -> Rendered:
        request = click_request(body)
        action = str(body["actions"][0].get("action_id"))

        def chosen(block_id: str) -> ListQuery:
            return narrowed(query_of(block_id), action, request.value, request.user)

        return await self._page(request, _read(chosen, request.block_id))

    async def shown(self, body: Payload) -> Rendered:
        request = click_request(body)
        return await self.detail(request.place, request)

    async def told(self, body: Payload) -> Rendered:
        request = click_request(body)
        return await self.story(request.place, request)

    async def detail(self, place: Place, request: ClickRequest) -> Rendered:
        case, story = await self._for(request).show(place.number)
        return incident_detail(case.incident, case.policy, story, self._clock.now(), back=place.back)

    async def story(self, place: Place, request: ClickRequest) -> Rendered:
        """The page of it that the place names."""
        case, story = await self._for(request).show(place.number)
        return timeline(case.incident, case.policy, story, page=place.page, back=place.back)

    async def reasons(self, place: Place, request: ClickRequest) -> Rendered:
        explained = await self._for(request).explain(place.number)
        return with_way_back(why(explained, shifts_of=self._on_call.shifts_of), place)

    def _for(self, request: ClickRequest) -> IncidentDesk:
        return self._desk.seen_by(request.user, request.channel)

    async def _page(self, request: ClickRequest, query: ListQuery) -> Rendered:
        listed = await self._for(request).list_page(query.wanted, page=query.page)
        return incident_list(listed, self._desk.policy, me=request.user)


class Shown:
    """What one person sees after a button, or a choice from the menu, of an incident."""

    def __init__(self, lists: Lists, in_place: InPlace, heard: Heard) -> None:
        self._lists = lists
        self._in_place = in_place
        self._heard = heard

    async def why(self, body: Payload) -> None:
        request = click_request(body)
        self._in_place.show(spot_of(body), await self._lists.reasons(_seen_from(request), request))

    async def timeline(self, body: Payload) -> None:
        request = click_request(body)
        self._in_place.show(spot_of(body), await self._lists.story(_seen_from(request), request))

    def after(self, listen: Callable[[Payload], Awaitable[None]]) -> Callable[[Payload], Awaitable[None]]:
        """What only they see is shown as it is by now, like a card. What was done is done, should that fail."""

        async def listener(body: Payload) -> None:
            await listen(body)
            spot, request = spot_of(body), click_request(body)
            if spot.is_ephemeral:
                place = place_of(request.block_id) or Place(number=request.button.number)
                self._in_place.show_again(spot, partial(self._lists.detail, place, request), self._heard)

        return listener


def _seen_from(request: ClickRequest) -> Place:
    """Where the menu stands; below a card that is nowhere to go back to but the incident."""
    return place_of(request.block_id) or Place(number=request.chosen.number)


def _read(decode: Callable[[str], Read], value: str) -> Read:
    """Raises `MalformedPayload` for a value that is not one of ours."""
    try:
        return decode(value)
    except ValueError as error:
        raise MalformedPayload("the button's value") from error


def register(app: AsyncApp, lists: Lists, in_place: InPlace, heard: Heard) -> None:
    clicked = {
        ActionId.LIST_PREVIOUS: lists.turned,
        ActionId.LIST_NEXT: lists.turned,
        ActionId.LIST_BACK: lists.turned,
        ActionId.LIST_SEVERITY: lists.narrowed,
        ActionId.LIST_SERVICE: lists.narrowed,
        ActionId.LIST_WHICH: lists.narrowed,
        ActionId.SHOW: lists.shown,
        ActionId.TIMELINE_EARLIER: lists.told,
        ActionId.TIMELINE_LATER: lists.told,
        ActionId.TIMELINE_NEWEST: lists.told,
    }
    for action, listen in clicked.items():
        app.action(action.value)(in_place.answering(action.value, listen, heard))
