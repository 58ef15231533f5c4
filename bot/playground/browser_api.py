"""What the web page asks and tells: state, acts, clock, faults; and websockets that say when something changed."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.websockets import WebSocket, WebSocketDisconnect

from . import clicks, commands, conversation, forms, pins
from .actor import Actor
from .answer import Answer
from .browser_state import AdjustableClock, clock_json, fault_json, state
from .faults import Fault
from .local_slack import LocalSlack
from .model import Json, User
from .workspace_changes import join_channel


class Said(BaseModel):
    user: str
    channel: str
    text: str
    thread_ts: str | None = None


class Clicked(BaseModel):
    user: str
    channel: str
    ts: str
    action_id: str
    block_id: str | None = None
    value: str | None = None
    selected: Any = None


class ClickedInView(BaseModel):
    user: str
    view_id: str
    action_id: str
    block_id: str | None = None
    value: str | None = None
    selected: Any = None
    values: dict[str, Any] = Field(default_factory=dict)


class Submitted(BaseModel):
    user: str
    view_id: str
    values: dict[str, Any] = Field(default_factory=dict)


class Closed(BaseModel):
    user: str
    view_id: str


class Shortcut(BaseModel):
    user: str
    callback_id: str
    channel: str | None = None
    ts: str | None = None


class Somebody(BaseModel):
    user: str


class Reacted(BaseModel):
    user: str
    channel: str
    ts: str
    name: str


class Pinned(BaseModel):
    user: str
    channel: str
    ts: str


class Placed(BaseModel):
    user: str
    channel: str


class ClockChange(BaseModel):
    speed: float | None = None
    advance_seconds: float | None = None


class NewFault(BaseModel):
    method: str
    kind: str
    times: int | None = 1
    channel: str | None = None
    delay_seconds: float | None = None
    retry_after: int | None = 1


class BrowserApi:
    """Acts that cannot be done are answered with `ok: false` and a sentence."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/state", self.state, response_model=None)
        router.add_api_route("/clock", self.clock, response_model=None)
        for path, act in (
            ("/say", self.say),
            ("/click", self.click),
            ("/click_in_view", self.click_in_view),
            ("/submit", self.submit),
            ("/close", self.close),
            ("/shortcut", self.shortcut),
            ("/home", self.home),
            ("/react", self.react),
            ("/pin", self.pin),
            ("/read", self.read),
            ("/join", self.join),
            ("/clock", self.change_clock),
            ("/fault", self.add_fault),
        ):
            router.add_api_route(path, act, methods=["POST"], response_model=None)
        router.add_api_route("/faults", self.clear_faults, methods=["DELETE"], response_model=None)
        router.add_api_websocket_route("/live", self.live)
        router.add_api_websocket_route("/clock/live", self.clock_live)
        return router

    async def state(self, user: Annotated[str | None, Query()] = None) -> Json:
        return {"ok": True} | state(self._slack, self._reader(user))

    async def clock(self) -> Json:
        return clock_json(self._slack)

    async def say(self, said: Said) -> Json:
        actor = Actor(self._slack, said.user)
        if not said.text.strip():
            return _refused("no_text")
        if not said.text.startswith("/"):
            message, _ = conversation.say(actor, said.channel, said.text, thread_ts=said.thread_ts)
            return {"ok": True, "ts": message.ts}
        if said.thread_ts is not None:
            commands.refuse_in_thread(actor, said.channel, said.text, said.thread_ts)
            return {"ok": True}
        return _answer(await commands.command(actor, said.channel, said.text))

    async def click(self, clicked: Clicked) -> Json:
        return _answer(
            await clicks.click(
                Actor(self._slack, clicked.user),
                clicked.channel,
                clicked.ts,
                clicked.action_id,
                block_id=clicked.block_id,
                value=_chosen(clicked.value, clicked.selected),
            )
        )

    async def click_in_view(self, clicked: ClickedInView) -> Json:
        return _answer(
            await clicks.click_in_view(
                Actor(self._slack, clicked.user),
                clicked.view_id,
                clicked.action_id,
                block_id=clicked.block_id,
                value=_chosen(clicked.value, clicked.selected),
                values=clicked.values,
            )
        )

    async def submit(self, submitted: Submitted) -> Json:
        actor = Actor(self._slack, submitted.user)
        return _answer(await forms.submit(actor, submitted.view_id, submitted.values))

    async def close(self, closed: Closed) -> Json:
        forms.close(Actor(self._slack, closed.user), closed.view_id)
        return {"ok": True}

    async def shortcut(self, used: Shortcut) -> Json:
        actor = Actor(self._slack, used.user)
        if used.channel is None or used.ts is None:
            return _answer(await commands.shortcut(actor, used.callback_id))
        return _answer(await commands.message_shortcut(actor, used.callback_id, used.channel, used.ts))

    async def home(self, somebody: Somebody) -> Json:
        self._slack.background.spawn(forms.open_home(Actor(self._slack, somebody.user)))
        return {"ok": True}

    async def react(self, reacted: Reacted) -> Json:
        conversation.react(Actor(self._slack, reacted.user), reacted.channel, reacted.ts, reacted.name)
        return {"ok": True}

    async def pin(self, pinned: Pinned) -> Json:
        pins.pin(Actor(self._slack, pinned.user), pinned.channel, pinned.ts)
        return {"ok": True}

    async def read(self, place: Placed) -> Json:
        conversation.mark_read(Actor(self._slack, place.user), place.channel)
        return {"ok": True}

    async def join(self, place: Placed) -> Json:
        actor = Actor(self._slack, place.user)
        channel = self._slack.workspace.channel(place.channel)
        if channel.is_private:
            return _refused("a private channel is joined by invitation")
        join_channel(self._slack, channel, actor.user.id)
        return {"ok": True}

    async def change_clock(self, change: ClockChange) -> Json:
        clock = self._slack.clock
        if not isinstance(clock, AdjustableClock):
            return _refused("this clock cannot be changed")
        try:
            if change.speed is not None:
                clock.set_speed(change.speed)
            if change.advance_seconds is not None:
                clock.advance(timedelta(seconds=change.advance_seconds))
        except (ValueError, OverflowError) as refused:
            return _refused(str(refused))
        return {"ok": True, "clock": clock_json(self._slack)}

    async def add_fault(self, wanted: NewFault) -> Json:
        try:
            fault = Fault(**wanted.model_dump())
        except ValueError as refused:
            return _refused(str(refused))
        self._slack.faults.add(fault)
        return {"ok": True, "faults": [fault_json(one, left) for one, left in self._slack.faults]}

    async def clear_faults(self) -> Json:
        self._slack.faults.clear()
        return {"ok": True}

    async def live(self, socket: WebSocket) -> None:
        await self._feed(socket, _LiveFeed(self._slack, self._reader(socket.query_params.get("user"))))

    async def clock_live(self, socket: WebSocket) -> None:
        await self._feed(socket, _ClockFeed(self._slack))

    async def _feed(self, socket: WebSocket, feed: "_LiveFeed | _ClockFeed") -> None:
        """Sends what the feed has after every change, until the other side goes."""
        await socket.accept()
        sending = self._slack.background.spawn(self._send(socket, feed))
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            sending.cancel()

    async def _send(self, socket: WebSocket, feed: "_LiveFeed | _ClockFeed") -> None:
        while True:
            rev = self._slack.changes.rev
            try:
                for news in feed.news():
                    await socket.send_json(news)
            except WebSocketDisconnect:
                return
            await self._slack.changes.after(rev)

    def _reader(self, user: str | None) -> User:
        """Whose eyes: somebody named, or the first person there is."""
        users = self._slack.workspace.users
        if user:
            return self._slack.workspace.user(user)
        return next(one for one in users.values() if not one.is_bot)


class _ClockFeed:
    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._clock_rev = -1

    def news(self) -> list[Json]:
        if self._clock_rev == self._slack.clock_rev:
            return []
        self._clock_rev = self._slack.clock_rev
        return [clock_json(self._slack)]


class _LiveFeed:
    def __init__(self, slack: LocalSlack, user: User) -> None:
        self._slack = slack
        self._user = user
        self._clock = _ClockFeed(slack)
        self._view_id: str | None = None

    def news(self) -> list[Json]:
        found: list[Json] = [{"rev": self._slack.changes.rev}]
        found += [{"clock": clock} for clock in self._clock.news()]
        modal = self._slack.workspace.modal(self._user.id)
        view_id = None if modal is None else modal.id
        if view_id is not None and view_id != self._view_id:
            found.append({"open_view": view_id})
        self._view_id = view_id
        return found


def _chosen(value: str | None, selected: Any) -> Any:
    """What was picked, as Slack's state value; a menu's option alone."""
    if selected is None:
        return value
    if isinstance(selected, dict) and selected.get("type") == "overflow":
        return selected.get("selected_option")
    return selected


def _answer(answer: Answer) -> Json:
    found: Json = {"ok": answer.ok}
    if answer.error is not None:
        found["error"] = answer.error
    if answer.errors:
        found["errors"] = dict(answer.errors)
    return found


def _refused(error: str) -> Json:
    return {"ok": False, "error": error}
