"""The door for signed HTTP: what is not Slack's is turned away, whatever it is, and never with a 500."""

import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import clock as machine
from bot.http import LARGEST_BODY
from bot.playground.http_delivery import signature
from tests.builders import NOW, WORKSPACE
from tests.clock import ManualClock
from tests.databases import sqlite_url
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


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
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
