"""The door for signed HTTP: what is not Slack's is turned away, whatever it is, and never with a 500."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import clock as machine
from bot import http, strangers
from bot.domain.wanted import EVERYTHING
from bot.http import LARGEST_BODY
from bot.playground.http_delivery import signature
from tests.builders import NOW, WORKSPACE
from tests.clock import ManualClock
from tests.databases import sqlite_url
from tests.examples import up_to
from tests.handlers.payloads import ANY_VALUE, COMMAND, spoiled
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import SIGNING_SECRET, World, world

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
LIST = urlencode({**COMMAND, "text": "list"}).encode()
NO_INCIDENT = "No incident matches. `/incident` opens one."


class Door:
    """Slack's requests and everybody else's, sent to the bot's own port."""

    def __init__(self, story: World, session: aiohttp.ClientSession) -> None:
        self.story = story
        self.session = session
        self.url = f"http://127.0.0.1:{story.bot.http_port}/slack/events"

    async def send(self, body: bytes, headers: Mapping[str, str]) -> int:
        async with self.session.post(self.url, data=body, headers=headers) as response:
            await response.read()
            return response.status

    async def signed(self, body: bytes, kind: str = FORM) -> int:
        return await self.send(body, {**sign(body), "Content-Type": kind})

    async def is_open(self) -> bool:
        """Whether a person's command is still answered."""
        answer = await self.story.command("sam", "/incident list")
        return answer.text == NO_INCIDENT


def sign(body: bytes, *, seconds: float = 0, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """`seconds` from now; negative ones are past."""
    stamp = str(int(machine.now().timestamp() + seconds))
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(secret, stamp, body)}


@asynccontextmanager
async def door(migrated_sqlite: Path) -> AsyncIterator[Door]:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "tierline.sqlite3"
        shutil.copyfile(migrated_sqlite, database)
        async with (
            world(ManualClock(NOW), sqlite_url(database), transport="http") as story,
            aiohttp.ClientSession() as session,
        ):
            yield Door(story, session)


def _with_stamp(stamp: str) -> dict[str, str]:
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(SIGNING_SECRET, stamp, LIST)}


NOT_SIGNED: dict[str, Callable[[], dict[str, str]]] = {
    "stale": lambda: sign(LIST, seconds=-302),
    "from the future": lambda: sign(LIST, seconds=63),
    "signed with another secret": lambda: sign(LIST, secret="another"),
    "signed for another body": lambda: sign(LIST + b"&text=open"),
    "without anything": dict,
    "without a signature": lambda: {"X-Slack-Request-Timestamp": sign(LIST)["X-Slack-Request-Timestamp"]},
    "without a timestamp": lambda: {"X-Slack-Signature": sign(LIST)["X-Slack-Signature"]},
    "an empty timestamp": lambda: _with_stamp(""),
    "a word for a timestamp": lambda: _with_stamp("abc"),
    "a float for a timestamp": lambda: _with_stamp("1e9"),
    "a negative timestamp": lambda: _with_stamp("-1"),
    "5000 digits": lambda: _with_stamp("1" * 5000),
    "digits of another script": lambda: sign(LIST) | {"X-Slack-Request-Timestamp": "١٢٣"},
    "a signature of another script": lambda: sign(LIST) | {"X-Slack-Signature": "v0=é"},
    "an empty signature": lambda: sign(LIST) | {"X-Slack-Signature": ""},
    "a signature without its version": lambda: sign(LIST) | {"X-Slack-Signature": sign(LIST)["X-Slack-Signature"][3:]},
}


async def test_what_slack_did_not_sign_is_turned_away(migrated_sqlite: Path, logs: LogEntries) -> None:
    async with door(migrated_sqlite) as slack:
        for name, headers in NOT_SIGNED.items():
            status = await slack.send(LIST, {**headers(), "Content-Type": FORM})
            assert status == 401, name
        for body in (b"ssl_check=1&token=x", b"", b"{", b"payload={", b"\xff\xfe", b'{"type": "url_verification"}'):
            assert await slack.send(body, {"Content-Type": FORM}) == 401
            assert await slack.send(body, {**sign(LIST), "Content-Type": FORM}) == 401
        assert len([entry for entry in logs if entry["event"] == "http.not_signed"]) == len(NOT_SIGNED) + 12
        assert await slack.signed(LIST) == 200
        assert await slack.is_open()


async def test_a_signature_counts_for_five_minutes_and_for_clocks_a_minute_ahead(migrated_sqlite: Path) -> None:
    async with door(migrated_sqlite) as slack:
        for seconds in (-297, 0, 57):
            assert await slack.send(LIST, {**sign(LIST, seconds=seconds), "Content-Type": FORM}) == 200


MALFORMED = [
    (b"", FORM),
    (b"", JSON),
    (b"{broken", JSON),
    (b"{broken", FORM),
    (b"[1, 2]", JSON),
    (b'"text"', JSON),
    (b"null", JSON),
    (b"7", JSON),
    (b"\xff\xfe\x00", JSON),
    (b"\xff\xfe\x00", FORM),
    (b'{"a": ' * 50_000, JSON),
    (b"[" * 100_000, JSON),
    (b"1" * 5_000, JSON),
    (b"payload={broken", FORM),
    (b"payload=[1]", FORM),
    (b"payload=", FORM),
    (b"payload=%7B", FORM),
    (b"payload={}", FORM),
    (urlencode({"payload": '{"type": "block_actions", "actions": []}'}).encode(), FORM),
    (urlencode({"payload": '{"user": 7}'}).encode(), FORM),
    (json.dumps({"type": "event_callback", "team_id": WORKSPACE, "event": 7}).encode(), JSON),
    (LIST, "text/plain"),
    (LIST, "multipart/form-data; boundary=x"),
    (LIST, ""),
    (LIST, JSON),
]


async def test_a_signed_body_that_is_not_slacks_is_malformed(migrated_sqlite: Path, logs: LogEntries) -> None:
    async with door(migrated_sqlite) as slack:
        for body, kind in MALFORMED:
            assert await slack.signed(body, kind) == 400, (body[:40], kind)
        assert len([entry for entry in logs if entry["event"] == "http.malformed"]) == len(MALFORMED)
        assert await slack.is_open()


async def test_too_much_is_not_read(migrated_sqlite: Path) -> None:
    body = b"text=" + b"x" * LARGEST_BODY

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    async with door(migrated_sqlite) as slack:
        assert await slack.signed(body) == 413
        async with slack.session.post(slack.url, data=in_pieces(), headers=sign(body)) as response:
            assert response.status == 413, "also when no length was declared"
        assert await slack.signed(b"payload=" + b"x" * (LARGEST_BODY - 8)) == 400, "this is just not too much"
        assert await slack.is_open()


async def test_the_same_bytes_again_open_one_incident_and_are_answered_the_same(migrated_sqlite: Path) -> None:
    body = urlencode({**COMMAND, "text": "open sev1 checkout: Checkout is down"}).encode()
    headers = {**sign(body), "Content-Type": FORM}
    async with door(migrated_sqlite) as slack:
        answers = []
        for _ in range(3):
            async with slack.session.post(slack.url, data=body, headers=headers) as response:
                answers.append((response.status, await response.text()))
        assert len(set(answers)) == 1
        assert answers[0][0] == 200
        assert (await slack.story.bot.desk.list_page(EVERYTHING, page=1)).total == 1
        await slack.story.advance(seconds=2)
        slack.story.said()


async def test_an_address_that_sends_much_that_is_not_slacks_is_turned_away_for_a_while(
    migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "AT_ONCE", 3)
    monkeypatch.setattr(strangers, "A_SECOND", 0)
    async with door(migrated_sqlite) as slack:
        assert [await slack.signed(LIST) for _ in range(5)] == [200] * 5, "what Slack signed costs nothing"
        forged = {**sign(LIST, secret="another"), "Content-Type": FORM}
        assert [await slack.send(LIST, forged) for _ in range(5)] == [401] * 3 + [429] * 2
        assert await slack.signed(LIST) == 429, "it is not even read"
        monkeypatch.setattr(strangers, "A_SECOND", 1_000_000)
        assert await slack.signed(LIST) == 200
        assert await slack.is_open()


class Line:
    """A bare connection, for what no client sends."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self) -> bytes:
        """All that comes until the other side hangs up."""
        return await self._reader.read()

    async def head(self) -> bytes:
        return await self._reader.readuntil(b"\r\n\r\n")


@asynccontextmanager
async def a_line(slack: Door) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", slack.story.bot.http_port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


BEGINNING = b"POST /slack/events HTTP/1.1\r\nHost: bot\r\n"


@pytest.mark.parametrize("begun", [b"", b"POST", BEGINNING, BEGINNING + b"X-Slow: ye"])
async def test_who_does_not_finish_the_headers_is_hung_up_on(
    migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    async with door(migrated_sqlite) as slack:
        with monkeypatch.context() as hasty:
            hasty.setattr(strangers, "HEADERS_WITHIN_SECONDS", 0.05)
            async with a_line(slack) as line:
                await line.send(begun)
                assert await line.answer() == b""
        assert await slack.is_open()


async def test_the_second_request_of_a_connection_has_no_more_time(
    migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with door(migrated_sqlite) as slack, a_line(slack) as line:
        await line.send(BEGINNING + b"Content-Length: 0\r\n\r\n")
        assert (await line.head()).startswith(b"HTTP/1.1 401")
        monkeypatch.setattr(strangers, "HEADERS_WITHIN_SECONDS", 0.05)
        await line.send(BEGINNING)
        assert b"HTTP" not in await line.answer(), "and it hangs up"


async def test_what_was_sent_behind_a_request_has_no_more_time(migrated_sqlite: Path) -> None:
    async with door(migrated_sqlite) as slack, a_line(slack) as line:
        await line.send(BEGINNING + b"Content-Length: 0\r\n\r\n" + BEGINNING)
        answer = await line.answer()
        assert (answer.startswith(b"HTTP/1.1 401"), answer.count(b"HTTP/1.1")) == (True, 1)


@pytest.mark.parametrize("length", [b"Content-Length: 900\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_a_body_that_never_ends_is_given_up(
    migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch, length: bytes, logs: LogEntries
) -> None:
    async with door(migrated_sqlite) as slack:
        with monkeypatch.context() as hasty:
            hasty.setattr(http, "BODY_WITHIN_SECONDS", 0.05)
            async with a_line(slack) as line:
                await line.send(BEGINNING + length + b"\r\n" + b"5\r\ntext=\r\n")
                answer = await line.answer()
        assert answer.startswith(b"HTTP/1.1 408"), "and it hangs up"
        assert "http.too_slow" in {entry["event"] for entry in logs}
        assert await slack.is_open()


async def test_who_hangs_up_in_the_middle_leaves_nothing_behind(
    migrated_sqlite: Path, logs: LogEntries, caplog: pytest.LogCaptureFixture
) -> None:
    async with door(migrated_sqlite) as slack:
        for _ in range(3):
            async with a_line(slack) as line:
                await line.send(BEGINNING + b"Content-Length: 900\r\n\r\ntext=")
        assert await slack.is_open()
    assert not [entry for entry in logs if entry["log_level"] == "error"]
    assert "Exception in ASGI application" not in caplog.text


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (BEGINNING + b"Content-Length: x\r\n\r\n", b"400"),
        (BEGINNING + b"Content-Length: -1\r\n\r\n", b"400"),
        (BEGINNING + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (BEGINNING + b"X-Long: " + b"x" * 100_000, b"400"),
        (BEGINNING + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n", b"401"),
        (BEGINNING + b"Content-Type: \xff\xfe\r\nContent-Length: 0\r\n\r\n", b"401"),
    ],
)
async def test_what_is_hardly_http_is_malformed_and_no_fault_of_ours(
    migrated_sqlite: Path, raw: bytes, status: bytes
) -> None:
    async with door(migrated_sqlite) as slack, a_line(slack) as line:
        await line.send(raw)
        assert (await line.head()).split(b" ")[1] == status
        assert await slack.is_open()


async def test_more_connections_than_can_be_kept_are_refused(
    migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MOST_CONNECTIONS", 3)
    async with door(migrated_sqlite) as slack, a_line(slack) as one, a_line(slack) as two, a_line(slack) as three:
        for line in (one, two):
            await line.send(BEGINNING)
        await three.send(BEGINNING + b"Content-Length: 0\r\n\r\n")
        assert (await three.head()).startswith(b"HTTP/1.1 503")


async def test_only_slacks_way_leads_in(migrated_sqlite: Path) -> None:
    async with door(migrated_sqlite) as slack:
        for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS"):
            async with slack.session.request(method, slack.url) as response:
                assert response.status == 405, method
        for path in ("/", "/slack", "/slack/events/x", "/docs", "/openapi.json", "/redoc"):
            url = slack.url.replace("/slack/events", path)
            async with slack.session.post(url, data=LIST, headers=sign(LIST)) as response:
                assert response.status == 404, path


async def test_slack_can_check_the_address(migrated_sqlite: Path) -> None:
    challenge = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV"}).encode()
    async with door(migrated_sqlite) as slack:
        async with slack.session.post(
            slack.url, data=challenge, headers={**sign(challenge), "Content-Type": JSON}
        ) as response:
            assert (response.status, await response.json()) == (200, {"challenge": "3eZbrw1aBm2rZgRNFdxV"})
        assert await slack.signed(b"ssl_check=1&token=x") == 200


BODY = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(str.encode),
    st.one_of(spoiled(), ANY_VALUE).map(json.dumps).map(str.encode),
    spoiled().map(lambda body: urlencode({"payload": json.dumps(body)}).encode()),
    st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=4).map(lambda body: urlencode(body).encode()),
)
KIND = st.sampled_from([FORM, JSON, f"{JSON}; charset=utf-8", "text/plain", ""])


@settings(max_examples=up_to(4), suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(requests=st.lists(st.tuples(BODY, KIND, st.booleans()), min_size=50, max_size=50))
async def test_whatever_comes_is_answered_and_never_with_a_500(
    migrated_sqlite: Path, requests: list[tuple[bytes, str, bool]]
) -> None:
    async with door(migrated_sqlite) as slack:
        for body, kind, is_signed in requests:
            headers = sign(body if is_signed else LIST)
            status = await slack.send(body, {**headers, "Content-Type": kind})
            assert status in ((200, 400) if is_signed else (401,)), (body, kind)
        answer = await slack.story.command("sam", "/incident help")
        assert answer.ok
        slack.story.said()
