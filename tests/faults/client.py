"""The client by which one bot calls the Slack in memory: the SDK's methods for messages, with all that can go wrong."""

import asyncio
from datetime import timedelta
from typing import Any, Final, NoReturn, Protocol, cast

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.delivery import POST_TIMEOUT, QUIET
from tests.faults.chance import Chance, Fault, Recovery
from tests.faults.slack import FakeSlack
from tests.faults.troubles import AGAIN, DOUBT, EVERY_CHANNEL, Troubles

PATIENCE: Final = POST_TIMEOUT.total_seconds()
IN_QUIET: Final = QUIET.total_seconds() / 2
"""The clock may be set forward meanwhile, and the history is read a moment later."""

LANDS_WITHIN: Final = 45.0
"""So long after its sender gave it up a request may still have its effect."""

ARCHIVED_FOR: Final = 40.0


class Caller(Protocol):
    """The process that calls."""

    async def calls(self) -> None:
        """Returns unless the process is dead."""
        ...

    async def hears(self, killed: Fault | None = None) -> None:
        """Returns when the answer reaches it, which may be never."""
        ...

    @property
    def has_just_slept(self) -> bool: ...

    def posts(self, key: str) -> None:
        """Whether it may is noted."""

    def is_told_to_stop(self) -> None: ...

    def sleeps(self) -> None:
        """It does, for longer than a lease."""


def client_of(caller: Caller, slack: FakeSlack, chance: Chance, troubles: Troubles) -> AsyncWebClient:
    return cast(AsyncWebClient, _Client(caller, slack, chance, troubles))


class _Client:
    def __init__(self, caller: Caller, slack: FakeSlack, chance: Chance, troubles: Troubles) -> None:
        self._caller = caller
        self._slack = slack
        self._chance = chance
        self._troubles = troubles

    async def chat_postMessage(self, **asked: Any) -> AsyncSlackResponse:  # noqa: N802 — the SDK's own name
        channel, key = asked["channel"], asked["metadata"]["event_payload"]["key"]
        self._caller.posts(key)
        await self._goes_out()
        if self._caller.has_just_slept:
            self._slack.late[key] += 1  # its lease may be about to end, and what is in doubt then lands after that
        if key in self._slack.in_doubt:
            self._chance.mends(Recovery.POSTED_AGAIN)
        self._slack.in_doubt.add(key)
        try:
            ts = await self._posted(channel, asked)
        except SlackApiError as error:
            if error.response.status_code < 500:
                self._slack.in_doubt.discard(key)
            raise
        if self._chance.happens(Fault.PAUSED_AFTER_POST):
            self._caller.sleeps()
        await self._caller.hears(Fault.CRASH_AFTER_POST)
        self._slack.in_doubt.discard(key)
        return _answer({"ok": True, "channel": channel, "ts": ts})

    async def _posted(self, channel: str, asked: dict[str, Any]) -> str:
        self._refuse_archived(channel)
        match self._chance.one_of(
            Fault.POST_LOST_BEFORE,
            Fault.POST_LOST_AFTER,
            Fault.POST_LANDS_IN_QUIET,
            Fault.POST_LANDS_LATER,
            Fault.POST_LIMITED,
            Fault.POST_SERVER_ERROR,
            Fault.POST_UNREACHED,
            Fault.CHANNEL_ARCHIVED,
            Fault.STOPPED,
        ):
            case Fault.POST_LOST_BEFORE:
                await self._silence(channel)
            case Fault.POST_LOST_AFTER:
                self._slack.store(asked)
                await self._silence(channel)
            case Fault.POST_LANDS_IN_QUIET:
                self._slack.lands_later(PATIENCE + self._chance.between(0, IN_QUIET), self._slack.store, asked)
                await self._silence(channel, PATIENCE)
            case Fault.POST_LANDS_LATER:
                later = self._chance.between(QUIET.total_seconds() + 1, LANDS_WITHIN)
                self._slack.late[asked["metadata"]["event_payload"]["key"]] += 1
                self._slack.lands_later(PATIENCE + later, self._slack.store, asked)
                await self._silence(channel, PATIENCE)
            case Fault.POST_LIMITED:
                await self._limited()
            case Fault.POST_SERVER_ERROR:
                if self._chance.random.random() < 0.5:
                    self._slack.store(asked)
                await self._server_error(channel)
            case Fault.POST_UNREACHED:
                await self._unreached(channel)
            case Fault.CHANNEL_ARCHIVED:
                self._slack.archived_until[channel] = self._slack.now() + ARCHIVED_FOR
                self._refuse_archived(channel)
            case Fault.STOPPED:
                self._caller.is_told_to_stop()
                await self._silence(channel, PATIENCE)
            case _:
                pass
        return self._slack.store(asked)

    async def chat_update(self, **asked: Any) -> AsyncSlackResponse:
        await self._goes_out()
        self._refuse_archived(asked["channel"])
        fails = self._chance.one_of(Fault.EDIT_FAILED, Fault.EDIT_LANDS_LATER)
        if fails is not None:
            self._slack.edit_failed[asked["channel"], asked["ts"]] = True
        match fails:
            case Fault.EDIT_FAILED:
                if self._chance.random.random() < 0.5:
                    self._slack.change(asked)
                await self._silence(asked["channel"])
            case Fault.EDIT_LANDS_LATER:
                self._slack.lands_later(PATIENCE + self._chance.between(0, IN_QUIET), self._slack.change, asked)
                await self._silence(asked["channel"], PATIENCE)
            case _:
                pass
        if not self._slack.change(asked):
            _refuse("message_not_found")
        if self._slack.edit_failed.pop((asked["channel"], asked["ts"]), False):
            self._chance.mends(Recovery.EDITED_AGAIN)
        await self._caller.hears(Fault.CRASH_AFTER_EDIT)
        return _answer({"ok": True, "ts": asked["ts"]})

    async def chat_delete(self, **asked: Any) -> AsyncSlackResponse:
        await self._goes_out()
        self._refuse_archived(asked["channel"])
        fails = self._chance.happens(Fault.DELETE_FAILED)
        there = not (fails and self._chance.random.random() < 0.5) and self._slack.remove(asked)
        if fails:
            await self._silence(asked["channel"])
        if not there:
            _refuse("message_not_found")
        await self._caller.hears(Fault.CRASH_IN_SWEEP)
        return _answer({"ok": True, "ts": asked["ts"]})

    async def conversations_history(self, **asked: Any) -> AsyncSlackResponse:
        return await self._read(asked, None)

    async def conversations_replies(self, **asked: Any) -> AsyncSlackResponse:
        return await self._read(asked, asked["ts"])

    async def conversations_open(self, **asked: Any) -> AsyncSlackResponse:
        """A conversation is called as its person here, so that all that is of one place has one name."""
        await self._goes_out()
        await self._caller.hears()
        return _answer({"ok": True, "channel": {"id": asked["users"]}})

    async def users_info(self, **asked: Any) -> AsyncSlackResponse:
        await self._caller.calls()
        return _answer({"ok": True, "user": {"name": asked["user"].lower()}})

    async def _read(self, asked: dict[str, Any], thread_ts: str | None) -> AsyncSlackResponse:
        """In pages of five, so that a search has to turn them."""
        await self._goes_out()
        match self._chance.one_of(Fault.READ_FAILED, Fault.READ_LIMITED):
            case Fault.READ_FAILED:
                await self._silence(asked["channel"])
            case Fault.READ_LIMITED:
                await self._limited()
            case _:
                pass
        found = self._slack.readable(asked["channel"], float(asked["oldest"]), thread_ts)
        if thread_ts is not None and not found:
            _refuse("thread_not_found")
        start = int(asked["cursor"] or 0)
        following = str(start + 5) if start + 5 < len(found) else ""
        shown = [
            {"ts": each.ts, "blocks": each.blocks, "metadata": {"event_payload": {"key": each.key}}}
            for each in found[start : start + 5]
        ]
        await self._caller.hears()
        return _answer({"ok": True, "messages": shown, "response_metadata": {"next_cursor": following}})

    async def _goes_out(self) -> None:
        await self._caller.calls()
        await asyncio.sleep(self._chance.between(0.02, 0.3))
        if self._slack.is_away:
            if self._chance.random.random() < 0.5:
                await self._unreached(EVERY_CHANNEL)
            await self._silence(EVERY_CHANNEL)

    async def _silence(self, channel: str, seconds: float | None = None) -> NoReturn:
        """No answer in time, or the line breaks before it."""
        self._troubles.note(DOUBT + AGAIN, channel)
        await asyncio.sleep(seconds or self._chance.random.choice((PATIENCE, PATIENCE, 0.1)))
        await self._caller.hears()
        raise aiohttp.ServerDisconnectedError

    async def _unreached(self, channel: str) -> NoReturn:
        self._troubles.note(AGAIN, channel)
        await self._caller.hears()
        raise aiohttp.ClientConnectorError(
            ConnectionKey("slack.test", 443, True, True, None, None, None), OSError("no route")
        )

    async def _server_error(self, channel: str) -> NoReturn:
        self._troubles.note(DOUBT, channel)
        await self._caller.hears()
        status, word = self._chance.random.choice(((500, ""), (502, ""), (503, ""), (200, "internal_error")))
        raise _refused(_answer({"ok": False, "error": word}, status=status))

    async def _limited(self) -> NoReturn:
        wait = self._chance.random.choice((1, 5, 20, None))
        self._troubles.note(timedelta(seconds=wait or 30) + AGAIN, EVERY_CHANNEL)
        await self._caller.hears()
        headers = {} if wait is None else {"Retry-After": str(wait)}
        raise _refused(_answer({"ok": False, "error": "ratelimited"}, status=429, headers=headers))

    def _refuse_archived(self, channel: str) -> None:
        if self._slack.is_archived(channel):
            _refuse("is_archived")


def _refused(answer: AsyncSlackResponse) -> SlackApiError:
    return SlackApiError("error", answer)  # type: ignore[no-untyped-call]


def _refuse(word: str) -> NoReturn:
    raise _refused(_answer({"ok": False, "error": word}))


def _answer(data: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None) -> AsyncSlackResponse:
    return AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers or {}, status_code=status
    )
