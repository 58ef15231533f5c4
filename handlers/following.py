"""The buttons by which somebody follows an incident, or does not any more: only they are told what is so now."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.services.incidents import IncidentDesk
from bot.slack.blocks.following import followed, unfollowed
from bot.slack.blocks.rendered import Rendered
from bot.slack.ids import ActionId
from handlers.in_place import InPlace
from handlers.listener import Heard
from handlers.parsing import ClickRequest, click_request


class Following:
    def __init__(self, desk: IncidentDesk) -> None:
        self._desk = desk

    async def follow(self, body: Mapping[str, Any]) -> Rendered:
        request = click_request(body)
        desk, user = self._for(request), request.user
        case = await desk.follow(request.button.number, by=user, who=user, cause=request.cause)
        return followed(case.incident, case.policy)

    async def unfollow(self, body: Mapping[str, Any]) -> Rendered:
        request = click_request(body)
        case = await self._for(request).unfollow(request.button.number, by=request.user, cause=request.cause)
        return unfollowed(case.incident, case.policy)

    def _for(self, request: ClickRequest) -> IncidentDesk:
        return self._desk.seen_by(request.user, request.channel)


def register(app: AsyncApp, desk: IncidentDesk, in_place: InPlace, heard: Heard) -> None:
    following = Following(desk)
    for action, listen in ((ActionId.FOLLOW, following.follow), (ActionId.UNFOLLOW, following.unfollow)):
        app.action(action.value)(in_place.answering(action.value, listen, heard))
