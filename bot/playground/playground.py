"""The local Slack as one object: starts it, stops it, and gives tests and wiring their handles on it."""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from . import clicks, commands, conversation, forms, pins, workspace_changes
from .actor import Actor
from .answer import Answer
from .delivery import ACK_WITHIN, Ack, Delivery, Envelope, HttpDelivery
from .faults import Faults
from .http_delivery import SignedHttp
from .local_slack import APP_TOKEN, BOT_TOKEN, LocalSlack
from .model import Channel, Clock, Json, Message, NotThere, View, Workspace
from .sample import sample_workspace
from .server import Server
from .socket_mode import SocketMode
from .web_page import application

SIGNING_SECRET = "playground-signing-secret"  # noqa: S105  signs requests on this machine only
PATIENCE = 120.0
"""Real seconds `wait_for` gives a fact to come true."""

Found = TypeVar("Found")


class Playground:
    """A Slack on this machine, for an app that cannot tell the difference.

    What people do (command, click, say, …) waits for the app's acknowledgement, or until Slack gives up on it; an act
    nobody could do (a button that is not there, a view that is closed) raises NotThere, a LookupError.

    `manifest`: the app's manifest, for its scopes, commands and events; without one everything is granted.
    `wall`: the machine's time in seconds, for the signatures of HTTP delivery.
    `ack_within`: how many real seconds the app has to acknowledge.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        seed: Workspace | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        delivery: Literal["socket"] | HttpDelivery = "socket",
        manifest: Mapping[str, Any] | None = None,
        rate_limits: bool = True,
        wall: Callable[[], float] | None = None,
        ack_within: float = ACK_WITHIN,
    ) -> None:
        self._local = LocalSlack(seed or sample_workspace(), clock, manifest=manifest, rate_limits=rate_limits)
        self._wall = wall
        self._ack_within = ack_within
        self._host = host
        self._local.deliver_by(self._way(delivery))
        self._server = Server(application(self._local), host=host, port=port)
        self.bot_token = BOT_TOKEN
        self.app_token = APP_TOKEN
        self.signing_secret = SIGNING_SECRET if delivery == "socket" else delivery.signing_secret

    async def __aenter__(self) -> Self:
        port = await self._server.start()
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._local.url = f"http://{host}:{port}"
        self._local.background.spawn(self._local.agenda.keep())
        on_jump = getattr(self._local.clock, "on_jump", None)
        if on_jump is not None:
            on_jump(self._local.clock_moved)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._local.faults.clear()
        self._local.agenda.clear()
        await self._local.background.close()
        await self._server.stop()
        await self._local.delivery.close()

    def _way(self, wanted: Literal["socket"] | HttpDelivery) -> Delivery:
        local = self._local
        if wanted == "socket":
            return SocketMode(local.app.id, local.ids, local.changes, ack_within=self._ack_within)
        if self._wall is None:
            raise ValueError("HTTP delivery signs with the machine's time: give `wall`")
        return SignedHttp(wanted, self._wall, ack_within=self._ack_within)

    async def deliver_by(self, delivery: Literal["socket"] | HttpDelivery) -> None:
        """Changes how the app is reached: for an app whose url is known only after the playground's."""
        await self._local.delivery.close()
        self._local.deliver_by(self._way(delivery))
        self.signing_secret = SIGNING_SECRET if delivery == "socket" else delivery.signing_secret

    @property
    def url(self) -> str:
        """The page."""
        return self._local.url

    @property
    def api_url(self) -> str:
        """The base url for a Web API client."""
        return f"{self._local.url}/api/"

    @property
    def workspace(self) -> Workspace:
        return self._local.workspace

    @property
    def faults(self) -> Faults:
        return self._local.faults

    @property
    def lost_events(self) -> list[Json]:
        """Events the app never acknowledged, given up after their retries."""
        return self._local.events.lost

    @property
    def envelopes(self) -> list[Envelope]:
        """Everything sent to the app, redeliveries included, in order."""
        return self._local.delivery.sent

    async def send_again(self, envelope: Envelope | None = None) -> Ack:
        """Delivers an envelope (by default the last one) once more, as Slack sometimes does."""
        return await self._local.delivery.send(envelope or self.envelopes[-1])

    @property
    def app_connected(self) -> bool:
        """Whether the app could be told of something now."""
        return self._local.delivery.connected

    @property
    def sockets(self) -> int:
        """How many Socket Mode connections are open."""
        return self._local.sockets.connections if self._local.sockets is not None else 0

    async def wait_for(self, predicate: Callable[[], Found], *, within: float = PATIENCE) -> Found:
        """What the predicate returns, once that is true; asked again at every change, TimeoutError if it never is."""
        try:
            async with asyncio.timeout(within):
                return await self._local.changes.wait_for(predicate)
        except TimeoutError:
            raise TimeoutError(f"still not so; the last calls were {self.workspace.calls[-5:]}") from None

    def clock_changed(self) -> None:
        """To be called after a clock without `on_jump` was moved: retries and scheduled messages may be due."""
        self._local.clock_moved()

    async def command(self, user: str, channel: str, text: str) -> Answer:
        return await commands.command(self._actor(user), channel, text)

    async def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: object = None,
        stale: bool = False,
    ) -> Answer:
        """A button or a select of a message; `stale`: also one that an edit has taken away meanwhile."""
        actor = self._actor(user)
        return await clicks.click(actor, channel, ts, action_id, block_id=block_id, value=value, stale=stale)

    async def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: object = None,
        values: Mapping[str, Any] | None = None,
    ) -> Answer:
        """A button or a select of a view; `values`: what stands in the form by now, as for `submit`."""
        actor = self._actor(user)
        return await clicks.click_in_view(actor, view_id, action_id, block_id=block_id, value=value, values=values)

    async def submit(self, user: str, view_id: str, values: Mapping[str, Any] | None = None) -> Answer:
        """Sends a form. Values: block_id → value, or block_id → {action_id: value}."""
        return await forms.submit(self._actor(user), view_id, values or {})

    async def close_view(self, user: str, view_id: str) -> None:
        forms.close(self._actor(user), view_id)

    async def suggest(self, user: str, where: Message | View, action_id: str, query: str) -> list[Json]:
        """The options the app offers for what was typed into an external select."""
        return await clicks.suggest(self._actor(user), where, action_id, query)

    async def shortcut(
        self, user: str, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> Answer:
        """A global shortcut, or a message's when channel and ts are given."""
        if channel is None or ts is None:
            return await commands.shortcut(self._actor(user), callback_id)
        return await commands.message_shortcut(self._actor(user), callback_id, channel, ts)

    async def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        message, hearing = conversation.say(self._actor(user), channel, text, thread_ts=thread_ts)
        await conversation.heard(hearing)
        return message

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """Adds the reaction, or takes it back when it was there."""
        await conversation.heard(conversation.react(self._actor(user), channel, ts, name))

    async def pin(self, user: str, channel: str, ts: str) -> None:
        """Pins the message to its channel, or takes the pin back when it was there."""
        await conversation.heard(pins.pin(self._actor(user), channel, ts))

    async def open_home(self, user: str) -> View | None:
        """Opens App Home; what it shows once the app has heard of that."""
        return await forms.open_home(self._actor(user))

    def cut_sockets(self) -> None:
        """Breaks every Socket Mode connection without a word."""
        self._socket_mode().cut()

    async def refresh_sockets(self, reason: str = "refresh_requested") -> None:
        """Tells every connection to reconnect, as Slack does every few hours (`warning`: soon)."""
        await self._socket_mode().refresh(reason)

    def silence_sockets(self) -> None:
        """The connections open now stay so, but nothing comes through any more: no envelope, no pong."""
        self._socket_mode().silence()

    def archive(self, channel: str, *, archived: bool = True) -> None:
        workspace_changes.archive(self._local, self._channel(channel), archived=archived)

    def rename(self, channel: str, name: str) -> None:
        workspace_changes.rename(self._local, self._channel(channel), name)

    def kick_bot(self, channel: str) -> None:
        workspace_changes.leave_channel(self._local, self._channel(channel), self._local.app.user_id)

    def invite_bot(self, channel: str) -> None:
        workspace_changes.join_channel(self._local, self._channel(channel), self._local.app.user_id)

    def delete_channel(self, channel: str) -> None:
        workspace_changes.delete(self._local, self._channel(channel))

    def delete_message(self, channel: str, ts: str) -> None:
        """An admin deletes a message."""
        workspace_changes.delete_message(self._local, self._channel(channel), ts)

    def revoke_token(self) -> None:
        workspace_changes.revoke_token(self._local)

    def restore_token(self) -> None:
        """The app is installed again, and its token works."""
        self._local.token_revoked = False

    def deactivate(self, user: str) -> None:
        """A person leaves the company."""
        workspace_changes.deactivate(self._local, self.workspace.user(user))

    def set_usergroup(self, handle: str, users: list[str]) -> None:
        """Who is in a user group from now on."""
        ids = [self.workspace.user(user).id for user in users]
        workspace_changes.set_usergroup(self._local, self.workspace.usergroup(handle), ids)

    def _actor(self, user: str) -> Actor:
        return Actor(self._local, user)

    def _channel(self, channel: str) -> Channel:
        return self.workspace.channel(channel)

    def _socket_mode(self) -> SocketMode:
        if self._local.sockets is None:
            raise NotThere("this playground delivers by HTTP")
        return self._local.sockets
