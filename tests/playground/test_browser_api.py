"""The page's own API: what it shows one person, and what that person can do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.playground import Playground, SpeedClock
from tests.playground.parties import (
    ANA,
    BEN,
    FIRST_LINE,
    Connect,
    Json,
    actions,
    button,
    field,
    modal,
    option,
    section,
    select,
    text_input,
)


class Browser:
    def __init__(self, slack: Playground, session: aiohttp.ClientSession) -> None:
        self._url = slack.url
        self._session = session

    async def state(self, user: str = ANA) -> Json:
        async with self._session.get(f"{self._url}/playground/state", params={"user": user}) as response:
            found: Json = await response.json()
            return found

    async def channel(self, id_: str, user: str = ANA) -> Json:
        [found] = [one for one in (await self.state(user))["channels"] if one["id"] == id_]
        return dict(found)

    async def post(self, path: str, **body: Any) -> Json:
        async with self._session.post(f"{self._url}/playground/{path}", json=body) as response:
            found: Json = await response.json()
            return found


@pytest.fixture
def browser(slack: Playground, session: aiohttp.ClientSession) -> Browser:
    return Browser(slack, session)


@pytest.fixture
async def form(app: AsyncApp, connect: Connect) -> Callable[[], list[Json]]:
    """An app with a command that opens a form; what was sent in."""
    sent: list[Json] = []

    @app.command("/incident")
    async def incident(ack: Any, command: Any, client: Any) -> None:
        await ack("Opening…")
        chooser = select("severity", "sev1", "sev2")
        view = modal(field("title", text_input()), actions(button("refresh"), chooser))
        await client.views_open(trigger_id=command["trigger_id"], view=view)

    @app.action("refresh")
    async def refresh(ack: Any, body: Any) -> None:
        await ack()
        sent.append(body)

    @app.action("severity")
    async def severity(ack: Any, body: Any) -> None:
        await ack()
        sent.append(body)

    @app.view("form")
    async def submitted(ack: Any, view: Any) -> None:
        sent.append(view)
        if view["state"]["values"]["title"]["text"]["value"] == "no":
            await ack(response_action="errors", errors={"title": "Say more."})
        else:
            await ack()

    await connect()
    return lambda: sent


async def test_the_state_is_the_workspace_through_ones_own_eyes(slack: Playground, browser: Browser) -> None:
    state = await browser.state()

    assert (state["team"]["name"], state["me"]["name"]) == ("Acme", "ana")
    assert state["bot"] == {"connected": False, "user_id": "U0TIERBOT", "name": "Tierline"}
    assert state["clock"]["adjustable"] is False
    names = {one["name"]: one for one in state["channels"]}
    assert "security-private" not in names
    assert (names["general"]["bot_is_member"], names["tier-1-support"]["bot_is_member"]) == (False, True)
    assert "security-private" in {one["name"] for one in (await browser.state("grace"))["channels"]}
    assert (await browser.state(""))["me"]["id"] == ANA


async def test_somebody_unknown_is_a_sentence(browser: Browser) -> None:
    assert await browser.state("nobody") == {"ok": False, "error": "no user 'nobody' in the workspace"}


async def test_what_one_says_others_read(slack: Playground, browser: Browser) -> None:
    said = await browser.post("say", user=BEN, channel=FIRST_LINE, text="@ana it is down")
    await browser.post("say", user=BEN, channel=FIRST_LINE, text="in a thread", thread_ts=said["ts"])

    channel = await browser.channel(FIRST_LINE)
    assert channel["unread"] == {"count": 1, "mentions": 1}
    root, reply = channel["messages"]
    assert (root["text"], root["reply_count"], root["bot"]) == ("<@U0ANA00001> it is down", 1, False)
    assert (reply["thread_ts"], reply["ephemeral"]) == (root["ts"], False)

    await browser.post("read", user=ANA, channel=FIRST_LINE)
    assert (await browser.channel(FIRST_LINE))["unread"] == {"count": 0, "mentions": 0}


async def test_ephemeral_messages_are_for_their_reader(
    slack: Playground, browser: Browser, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel=FIRST_LINE, user=ANA, text="psst")
    assert [one["ephemeral"] for one in (await browser.channel(FIRST_LINE, ANA))["messages"]] == [True]
    assert (await browser.channel(FIRST_LINE, BEN))["messages"] == []


async def test_a_failing_command_is_shown_to_its_author(browser: Browser) -> None:
    answer = await browser.post("say", user=ANA, channel=FIRST_LINE, text="/incident")
    assert answer == {"ok": False, "error": "dispatch_failed"}
    [told] = (await browser.channel(FIRST_LINE))["messages"]
    assert (told["user"], told["text"]) == ("USLACKBOT", '/incident failed with the error "dispatch_failed"')


async def test_commands_do_not_work_in_threads(slack: Playground, browser: Browser) -> None:
    said = await browser.post("say", user=ANA, channel=FIRST_LINE, text="x")
    await browser.post("say", user=ANA, channel=FIRST_LINE, text="/incident", thread_ts=said["ts"])
    [told] = slack.workspace.channel(FIRST_LINE).ephemerals
    assert told.text == "/incident is not supported in threads. Sorry!"
    assert slack.envelopes == []


async def test_a_form_is_filled_in_refused_and_sent(
    slack: Playground, browser: Browser, form: Callable[[], list[Json]]
) -> None:
    assert await browser.post("say", user=ANA, channel=FIRST_LINE, text="/incident") == {"ok": True}
    await slack.wait_for(lambda: slack.workspace.modal("ana"))
    view = (await browser.state())["view"]
    assert (view["callback_id"], (await browser.state(BEN))["view"]) == ("form", None)

    def title(text: str) -> Json:
        return {"title": {"text": {"type": "plain_text_input", "value": text}}}

    await browser.post(
        "click_in_view",
        user=ANA,
        view_id=view["id"],
        block_id="acts",
        action_id="severity",
        selected={"type": "static_select", "selected_option": option("sev2")},
        values=title("half a wo"),
    )
    told = form()[-1]
    assert told["actions"][0]["selected_option"] == option("sev2")
    assert told["view"]["state"]["values"]["title"]["text"]["value"] == "half a wo"

    refused = await browser.post("submit", user=ANA, view_id=view["id"], values=title("no"))
    assert refused == {"ok": False, "errors": {"title": "Say more."}}
    assert await browser.post("submit", user=ANA, view_id=view["id"], values=title("it is down")) == {"ok": True}
    assert (await browser.state())["view"] is None
    gone = await browser.post("submit", user=ANA, view_id=view["id"], values={})
    assert gone["ok"] is False


async def test_a_button_is_pressed_on_the_page(
    slack: Playground, browser: Browser, app: AsyncApp, connect: Connect, client: AsyncWebClient
) -> None:
    @app.action("ack")
    async def acknowledged(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.chat_update(channel=FIRST_LINE, ts=body["message"]["ts"], text=body["actions"][0]["value"])

    await connect()
    ts = (await client.chat_postMessage(channel=FIRST_LINE, text="x", blocks=[section("x"), actions(button("ack"))]))[
        "ts"
    ]
    click = {"user": ANA, "channel": FIRST_LINE, "ts": ts, "block_id": "acts", "action_id": "ack", "value": "INC-1"}
    assert await browser.post("click", **click) == {"ok": True}
    assert (await browser.channel(FIRST_LINE))["messages"][0]["text"] == "INC-1"
    assert "no 'ack'" in (await browser.post("click", **click))["error"]


async def test_reactions_come_and_go(slack: Playground, browser: Browser) -> None:
    said = await browser.post("say", user=ANA, channel=FIRST_LINE, text="x")
    reaction = {"user": BEN, "channel": FIRST_LINE, "ts": said["ts"], "name": "eyes"}
    await browser.post("react", **reaction)
    shown = (await browser.channel(FIRST_LINE))["messages"][0]["reactions"]
    assert shown == [{"name": "eyes", "users": [BEN]}]
    await browser.post("react", **reaction)
    assert (await browser.channel(FIRST_LINE))["messages"][0]["reactions"] == []


async def test_faults_are_armed_and_cleared_on_the_page(
    slack: Playground, browser: Browser, session: aiohttp.ClientSession
) -> None:
    added = await browser.post("fault", method="chat.postMessage", kind="drop_after", times=2)
    assert [(one["kind"], one["times"]) for one in added["faults"]] == [("drop_after", 2)]
    assert (await browser.post("fault", method="chat.postMessage", kind="explode"))["ok"] is False
    async with session.delete(f"{slack.url}/playground/faults") as response:
        assert await response.json() == {"ok": True}
    assert (await browser.state())["faults"] == []


async def test_a_clock_moved_by_hand_in_a_test_is_not_for_the_page(browser: Browser) -> None:
    assert (await browser.post("clock", speed=60))["ok"] is False


class Seconds:
    """A stand-in for the machine's monotonic time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def sped(session: aiohttp.ClientSession) -> AsyncIterator[tuple[Playground, Browser, Seconds]]:
    seconds = Seconds()
    clock = SpeedClock(seconds, datetime(2026, 3, 2, 9, 0, tzinfo=UTC), speed=60)
    async with Playground(clock) as slack:
        yield slack, Browser(slack, session), seconds


async def test_the_clock_is_sped_up_and_moved_and_everybody_hears_of_it(
    sped: tuple[Playground, Browser, Seconds], session: aiohttp.ClientSession
) -> None:
    slack, browser, seconds = sped
    async with session.ws_connect(f"{slack.url}/playground/clock/live") as socket:
        assert await socket.receive_json() == {"now": "2026-03-02T09:00:00+00:00", "speed": 60.0}
        seconds.now = 1
        await browser.post("clock", speed=10)
        assert await socket.receive_json() == {"now": "2026-03-02T09:01:00+00:00", "speed": 10.0}
        answer = await browser.post("clock", advance_seconds=600)
        assert answer == {"ok": True, "clock": {"now": "2026-03-02T09:11:00+00:00", "speed": 10.0}}
        assert await socket.receive_json() == answer["clock"]

    assert (await browser.state())["clock"]["adjustable"] is True
    assert (await browser.post("clock", speed=-1))["ok"] is False
    assert (await browser.post("clock", advance_seconds=-1))["ok"] is False


async def test_on_a_fast_clock_people_still_have_their_three_seconds(
    sped: tuple[Playground, Browser, Seconds], session: aiohttp.ClientSession
) -> None:
    slack, _, seconds = sped
    await slack.shortcut("ana", "open")
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
    seconds.now = 2.9
    await client.views_open(trigger_id=slack.envelopes[-1].payload["trigger_id"], view=modal(section("x")))


async def test_the_page_hears_of_changes_and_of_its_own_forms(
    slack: Playground, browser: Browser, session: aiohttp.ClientSession, form: Callable[[], list[Json]]
) -> None:
    async with session.ws_connect(f"{slack.url}/playground/live?user={ANA}") as socket:

        async def until(key: str) -> Json:
            while True:
                news: Json = await socket.receive_json()
                if key in news:
                    return news

        first = (await until("rev"))["rev"]
        await until("clock")
        await slack.command("ana", FIRST_LINE, "/incident")
        assert (await until("open_view"))["open_view"] == await _modal_id(slack)
        assert (await until("rev"))["rev"] > first


async def _modal_id(slack: Playground) -> str:
    view = await slack.wait_for(lambda: slack.workspace.modal("ana"))
    assert view is not None
    return view.id


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:1"}, 200),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
async def test_strangers_are_kept_out(
    slack: Playground, session: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    async with session.get(f"{slack.url}/playground/clock", headers=headers) as response:
        assert response.status == status


async def test_a_strangers_page_cannot_listen(slack: Playground, session: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(f"{slack.url}/playground/live", origin="https://evil.example")


async def test_the_page_is_served(slack: Playground, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{slack.url}/") as response:
        assert (response.status, response.content_type) == (200, "text/html")
    async with session.get(f"{slack.url}/page/index.html") as response:
        assert response.status == 200
    async with session.get(URL(f"{slack.url}/page/%2e%2e/playground.py", encoded=True)) as response:
        assert response.status == 404


async def test_open_pages_do_not_hold_up_the_end(clock: Any, session: aiohttp.ClientSession) -> None:
    async with Playground(clock) as slack:
        socket = await session.ws_connect(f"{slack.url}/playground/live?user={ANA}")
        await socket.receive_json()
    async with asyncio.timeout(60):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert socket.closed
