"""Everything that the manifest announces, with the flow that hears it: at Bolt's door, and from the inbox."""

from collections.abc import Mapping

import structlog
from slack_bolt.async_app import AsyncApp

from bot.domain.delivery import Delivered, Refused
from bot.domain.ids import ChannelId, UserId
from bot.parts import Parts
from bot.services.feedback import FeedbackBox
from bot.services.inbox import Handler, Inbox
from bot.services.people import Names
from bot.services.quota import Quota
from bot.services.whereabouts import Whereabouts
from bot.slack.blocks.rendered import Rendered
from handlers import (
    app_mentions,
    buttons,
    command,
    feedback,
    following,
    forms_about_one,
    gatekeeper,
    home,
    lists,
    opening,
    pins,
    reactions,
)
from handlers.aside import Aside
from handlers.in_place import InPlace

log = structlog.get_logger()


def event_handlers(parts: Parts) -> Mapping[str, Handler]:
    """What is done about each kind of event, from the inbox."""
    desk, slack, clock, us = parts.desk, parts.slack, parts.clock, parts.identity.bot_user_id
    whereabouts, names = Whereabouts(parts.database, parts.workspace_id), Names(parts.workspace, clock)
    aside = Aside(slack, clock, parts.errands.start, parts.metrics.request_ended)
    spoken_to = command.IncidentCommand(desk, parts.on_call, slack, clock)
    kept = pins.Pins(desk, whereabouts, slack, names, aside, us)
    return {
        **home.handlers(parts.tabs, clock),
        **pins.handlers(kept),
        **reactions.handlers(reactions.Reactions(desk, whereabouts, parts.workspace, kept, aside)),
        **app_mentions.handlers(app_mentions.AppMentions(spoken_to, whereabouts, names, aside, us)),
    }


def register_listeners(app: AsyncApp, parts: Parts, inbox: Inbox, box: FeedbackBox) -> None:
    """In the order in which Bolt tries them."""
    desk, on_call, slack, clock = parts.desk, parts.on_call, parts.slack, parts.clock
    answers, heard = Answers(parts), parts.metrics.request_ended
    say = answers.say
    quota = Quota(clock)
    gate = gatekeeper.Gatekeeper(parts.workspace_id, parts.identity.app_id, inbox, quota, say, answers.answer_at)
    gatekeeper.register_first(app, gate)
    about_one = forms_about_one.FormsAboutOne(desk, slack, clock)
    listed, in_place = lists.Lists(desk, on_call, clock), InPlace(slack, say, parts.errands.start)
    shown = lists.Shown(listed, in_place, heard)
    pressed = buttons.Buttons(desk, about_one, shown)
    buttons.register(app, pressed, shown, say, heard)  # of all that comes, what should wait the least
    forms_about_one.register(app, about_one, say, heard)
    command.register(app, desk, on_call, slack, clock, heard)
    app_mentions.register(app, command.IncidentCommand(desk, on_call, slack, clock), say, answers.show, heard)
    reactions.register(app, desk, in_place, heard)
    following.register(app, desk, in_place, heard)
    pins.register(app)
    opening.register(app, desk, slack, clock, say, heard)
    lists.register(app, listed, in_place, heard)
    feedback.register(app, box, slack, say, heard)
    home.register(app, parts.tabs, desk, slack, clock, say, heard)
    gatekeeper.register_last(app)


class Answers:
    """What is said to whoever asked, once the request itself was answered."""

    def __init__(self, parts: Parts) -> None:
        self._slack = parts.slack
        self._errands = parts.errands

    def show(self, channel: ChannelId | None, user: UserId, message: Rendered) -> None:
        self._errands.start(self._tell(channel, user, message))

    def say(self, channel: ChannelId | None, user: UserId, text: str) -> None:
        self.show(channel, user, Rendered(text=text, blocks=[]))

    def answer_at(self, address: str, text: str) -> None:
        self._errands.start(self._answer(address, text))

    async def _tell(self, channel: ChannelId | None, user: UserId, message: Rendered) -> None:
        """In the channel where it was asked, or directly where the bot cannot speak there."""
        outcome = await self._slack.tell(channel, user, message) if channel is not None else None
        if outcome is None or isinstance(outcome, Refused):
            outcome = await self._slack.tell_directly(user, message)
        if not isinstance(outcome, Delivered):
            log.warning("answer.not_delivered", user=user, channel=channel, outcome=repr(outcome))

    async def _answer(self, address: str, text: str) -> None:
        outcome = await self._slack.answer(address, text)
        if not isinstance(outcome, Delivered):
            log.warning("refusal.not_delivered", outcome=repr(outcome))
