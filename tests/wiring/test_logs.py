"""Logs: one event per line, and no secret in any of them, wherever it came from."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
import structlog

from bot.observability import _QUIETER, set_up_logs

SECRETS = {
    "bot token": "xoxb-1111-canary-AbC",
    "rotated token": "xoxe.xoxb-1-canary-refreshed",
    "user token": "xoxp-2222-canary",
    "app token": "xapp-1-A1-3333-canary",
    "response url": "https://hooks.slack.com/commands/T0/canary/path",
    "socket url": "wss://wss-primary.slack.com/link/?ticket=canary-ticket&app_id=A0",
    "database password": "postgresql://tierline:canary@db.example/tierline",
    "database password in the query": "postgresql://db.example/tierline?user=a&password=canary",
    "signing secret": "canary8f742231b10e8888abcd99yyyzzz85a5",
}


Format = Literal["console", "json"]
FORMATS: tuple[Format, ...] = ("console", "json")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whatever a test sets up for the whole process is taken back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in _QUIETER}
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)


def _field(secret: str) -> None:
    structlog.get_logger("x").info("event", url=secret)


def _event(secret: str) -> None:
    structlog.get_logger("x").warning(f"went wrong with {secret} indeed")


def _payload(secret: str) -> None:
    structlog.get_logger("x").info("event", body={"headers": [{"Authorization": f"Bearer {secret}"}], "n": 1})


def _object(secret: str) -> None:
    structlog.get_logger("x").error("event", error=ValueError("refused", secret))


def _exception(secret: str) -> None:
    try:
        _raise(secret)
    except ValueError:
        structlog.get_logger("x").exception("event")


def _given_exception(secret: str) -> None:
    try:
        _raise(secret)
    except ValueError as error:
        structlog.get_logger("x").error("event", exc_info=error)


def _chained_exception(secret: str) -> None:
    try:
        try:
            _raise(secret)
        except ValueError as error:
            raise RuntimeError("outer") from error
    except RuntimeError:
        logging.getLogger("slack_sdk").exception("a library's own")


def _library(secret: str) -> None:
    logging.getLogger("slack_sdk.web").warning("request to %s with %r", secret, {"token": secret})


def _raise(secret: str) -> None:
    headers = {"authorization": secret}  # a local variable, as a traceback with values would show it
    raise ValueError(f"refused: {secret} {len(headers)}")


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize(
    "path", [_field, _event, _payload, _object, _exception, _given_exception, _chained_exception, _library]
)
@pytest.mark.parametrize("log_format", FORMATS)
def test_no_secret_is_logged(
    capsys: pytest.CaptureFixture[str], log_format: Format, path: Callable[[str], None], secret: str
) -> None:
    set_up_logs(log_format, [SECRETS["signing secret"]])
    path(secret)
    logged = capsys.readouterr().err
    assert "[secret]" in logged, "the event itself is there"
    assert "canary" not in logged


@pytest.mark.parametrize("log_format", FORMATS)
def test_a_traceback_shows_where_and_no_values(capsys: pytest.CaptureFixture[str], log_format: Format) -> None:
    set_up_logs(log_format)
    _exception("an-ordinary-value")
    logged = capsys.readouterr().err
    assert "ValueError: refused: an-ordinary-value 1" in logged
    assert "in _raise" in logged
    assert logged.count("an-ordinary-value") == 1, "the variables of the frames are not printed"


def test_json_logs_are_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    structlog.get_logger("x").info("incident.opened", incident="INC-1", title="two\nlines “x”")
    logging.getLogger("uvicorn.error").error("a library's %s", "words")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    for entry in (ours, theirs):
        assert entry.pop("timestamp")
    assert ours == {"event": "incident.opened", "level": "info", "incident": "INC-1", "title": "two\nlines “x”"}
    assert theirs == {"event": "a library's words", "level": "error"}


@pytest.mark.parametrize("log_format", FORMATS)
def test_libraries_that_tell_too_much_are_quieter(capsys: pytest.CaptureFixture[str], log_format: Format) -> None:
    set_up_logs(log_format)
    logging.getLogger("slack_sdk").info("Sending a request - token: x")
    logging.getLogger("slack_bolt").warning("token will be ignored")
    logging.getLogger("aiosqlite").debug("executing")
    assert not capsys.readouterr().err
