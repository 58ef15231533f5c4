"""The form that opens an incident: from the shortcuts and the Home tab, and what is sent in with it."""

from collections.abc import Mapping
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp

from bot.services.incidents import IncidentDesk
from bot.slack.blocks import listing
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.ids import ActionId, CallbackId, FormField
from handlers.forms import FormOpener, Linker, link_in_time, open_in_time
from handlers.listener import Say, at_field, beside_ack
from handlers.parsing import ShortcutRequest, click_request, form_request, private_metadata, shortcut_request

TITLE_FROM_QUOTE = 150


class FormSlack(FormOpener, Linker, Protocol):
    """What the form needs of Slack."""


class Opening:
    def __init__(self, desk: IncidentDesk, slack: FormSlack, say: Say) -> None:
        self._desk = desk
        self._slack = slack
        self._say = say

    async def from_shortcut(self, body: Mapping[str, Any]) -> None:
        await self._open(shortcut_request(body), Draft())

    async def from_message(self, body: Mapping[str, Any]) -> None:
        """The message is quoted and linked, so that nobody has to copy it."""
        request = shortcut_request(body)
        link = None
        if request.channel is not None and request.message_ts is not None:
            link = await link_in_time(self._slack, request.channel, request.message_ts)
        first_line = request.quote.strip().partition("\n")[0]
        description = "\n\n".join(part for part in (request.quote.strip(), link) if part)
        await self._open(request, Draft(title=first_line[:TITLE_FROM_QUOTE], description=description))

    async def from_home(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        await self._open(ShortcutRequest(user=request.user, channel=None, trigger_id=request.trigger_id), Draft())

    async def submitted(self, body: Mapping[str, Any]) -> None:
        request = form_request(body)
        case = await self._desk.open(request.report, by=request.user)
        self._say(request.channel, request.user, listing.opened(case.incident, case.policy).text)

    async def _open(self, request: ShortcutRequest, draft: Draft) -> None:
        view = open_form(
            self._desk.policy, draft=draft, problem=None, private_metadata=private_metadata(request.channel)
        )
        await open_in_time(self._slack, request.trigger_id, view)


def register(app: AsyncApp, desk: IncidentDesk, slack: FormSlack, say: Say) -> None:
    opening = Opening(desk, slack, say)
    app.shortcut(CallbackId.SHORTCUT_OPEN.value)(beside_ack("shortcut", say, opening.from_shortcut))
    app.shortcut(CallbackId.SHORTCUT_FROM_MESSAGE.value)(beside_ack("message_shortcut", say, opening.from_message))
    app.action(ActionId.OPEN_FORM.value)(beside_ack("home_button", say, opening.from_home))
    app.view(CallbackId.OPEN_INCIDENT.value)(at_field("open_form", FormField.TITLE.value, opening.submitted))
