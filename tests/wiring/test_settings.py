"""Settings: every one that is missing or wrong is one sentence that names it and says what to do."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-b", "SLACK_SIGNING_SECRET": "c0ffee"}
NAMES = (
    *GOOD,
    "TIERLINE_MODE",
    "TIERLINE_DATABASE_URL",
    "TIERLINE_HTTP_BIND",
    "TIERLINE_POLICY_FILE",
    "TIERLINE_SLACK_API_URL",
    "TIERLINE_CLOCK_URL",
    "TIERLINE_LOG_FORMAT",
    "TIERLINE_FALLBACK_URLS",
    "TIERLINE_PARACHUTE",
    "TIERLINE_HEARTBEAT_URL",
    "TIERLINE_KEEP_DAYS",
)
BAD_BIND = "TIERLINE_HTTP_BIND has a wrong value: write host:port, for example 127.0.0.1:3000."
BAD_DATABASE = (
    "TIERLINE_DATABASE_URL must be like sqlite:///tierline.sqlite3 or postgresql://user:password@host:5432/tierline."
)
BAD_BOT_TOKEN = (
    "SLACK_BOT_TOKEN must start with xoxb- and hold letters, digits and dashes; "
    "copy it again from the app's settings in Slack."
)
BAD_APP_TOKEN = BAD_BOT_TOKEN.replace("BOT", "APP").replace("xoxb-", "xapp-")
BAD_API_URL = (
    "TIERLINE_SLACK_API_URL has a wrong value: write a URL that ends in a slash, for example https://slack.com/api/."
)
BAD_HEARTBEAT_URL = "TIERLINE_HEARTBEAT_URL has a wrong value: write an http:// or https:// URL."
BAD_KEEP_DAYS = "TIERLINE_KEEP_DAYS has a wrong value: write a number of days, or 0 to keep everything."
NO_SECRET = "SLACK_SIGNING_SECRET is not set: HTTP mode checks every request with it; copy it from Basic Information."

WRONG = [
    (
        {"SLACK_BOT_TOKEN": ""},
        "SLACK_BOT_TOKEN is not set: set it to the bot token (xoxb-…) from OAuth & Permissions.",
    ),
    ({"SLACK_BOT_TOKEN": "xapp-1-b"}, BAD_BOT_TOKEN),
    ({"SLACK_BOT_TOKEN": "xoxb-…"}, BAD_BOT_TOKEN),
    ({"SLACK_BOT_TOKEN": "xoxb-1 a"}, BAD_BOT_TOKEN),
    ({"SLACK_BOT_TOKEN": "xoxb-1-a\n"}, BAD_BOT_TOKEN),
    (
        {"SLACK_APP_TOKEN": ""},
        "SLACK_APP_TOKEN is not set: Socket Mode needs an app-level token with connections:write;"
        " create one under Basic Information, or set TIERLINE_MODE=http.",
    ),
    ({"SLACK_APP_TOKEN": "xoxb-1-a"}, BAD_APP_TOKEN),
    ({"TIERLINE_MODE": "http", "SLACK_SIGNING_SECRET": ""}, NO_SECRET),
    ({"TIERLINE_MODE": "http", "SLACK_SIGNING_SECRET": "  "}, NO_SECRET),
    ({"TIERLINE_MODE": "sockets"}, "TIERLINE_MODE has a wrong value: use socket or http."),
    ({"TIERLINE_LOG_FORMAT": "xml"}, "TIERLINE_LOG_FORMAT has a wrong value: use console or json."),
    *(
        ({"TIERLINE_DATABASE_URL": url}, BAD_DATABASE)
        for url in (
            "tierline.sqlite3",
            "sqlite:tierline",
            "sqlite://tierline.sqlite3",
            "sqlite:///",
            "mysql://host/tierline",
            "postgresql://host",
            "postgresql://host:port/tierline",
            "postgresql://host:5432/",
        )
    ),
    *(
        ({"TIERLINE_HTTP_BIND": bind}, BAD_BIND)
        for bind in ("3000", "127.0.0.1", ":3000", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:99999", "a b:1", "h:٣")
    ),
    *(
        ({"TIERLINE_SLACK_API_URL": url}, BAD_API_URL)
        for url in ("slack.com/api/", "https://slack.com/api", "ftp://x/")
    ),
    (
        {"TIERLINE_CLOCK_URL": "http://127.0.0.1/clock"},
        "TIERLINE_CLOCK_URL has a wrong value: write a ws:// URL; only the playground has one.",
    ),
    *(
        (
            {"TIERLINE_FALLBACK_URLS": f"json://example.com {url}"},
            "TIERLINE_FALLBACK_URLS has a wrong value: address 2 is not like"
            " mailto://user:password@example.com or name=json://example.com/hook.",
        )
        for url in ("example.com", "=json://example.com", "night,=json://example.com", "night=", "mail to://x")
    ),
    ({"TIERLINE_PARACHUTE": "maybe"}, "TIERLINE_PARACHUTE has a wrong value: use true or false."),
    *(({"TIERLINE_KEEP_DAYS": days}, BAD_KEEP_DAYS) for days in ("-1", "a year", "1.5", "36501")),
    *(
        ({"TIERLINE_HEARTBEAT_URL": url}, BAD_HEARTBEAT_URL)
        for url in ("hc-ping.com/abc", "ftp://hc-ping.com/abc", "https://", "https://hc-ping.com/a b")
    ),
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of its own without `.env`, and the settings that a bot needs at least."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_a_wrong_setting_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], sentence: str
) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == sentence


def test_without_any_setting_the_first_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GOOD:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=r"^SLACK_BOT_TOKEN is not set: "):
        read_settings()


def test_what_is_not_set_has_a_default() -> None:
    settings = read_settings()
    assert (settings.mode, settings.log_format) == ("socket", "console")
    assert settings.database_url == "sqlite:///tierline.sqlite3"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 3000)
    assert settings.policy_file == Path("policy.yml")
    assert settings.clock_url is None
    assert (settings.parachute, settings.heartbeat_url, settings.keep) == (False, None, timedelta(days=400))


def test_what_is_kept_for_ever_has_no_term(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLINE_KEEP_DAYS", "0")
    assert read_settings().keep is None


def test_fallback_addresses_have_names_or_none_and_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = "managers,night=mailto://user:canary@example.com\n  json://example.com/hook?a=b,c"
    monkeypatch.setenv("TIERLINE_FALLBACK_URLS", urls)
    settings = read_settings()
    assert settings.fallback_addresses == (
        (frozenset({"managers", "night"}), "mailto://user:canary@example.com"),
        (frozenset(), "json://example.com/hook?a=b,c"),
    )
    assert settings.notifiers == {"managers", "night"}
    assert "canary" not in repr(settings)
    assert {"mailto://user:canary@example.com", "json://example.com/hook?a=b,c"} <= set(settings.secrets)


def test_the_address_of_the_heartbeat_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLINE_HEARTBEAT_URL", "https://hc-ping.com/canary")
    settings = read_settings()
    assert "canary" not in repr(settings)
    assert "https://hc-ping.com/canary" in settings.secrets


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///tierline.sqlite3",
        "sqlite:////var/lib/tier line/tierline.sqlite3",
        "postgresql://tierline:s%40cret@db.example:5432/tierline",
        "postgresql://db.example/tierline?sslmode=require",
        "postgresql://postgres@/tierline?host=/run/postgresql",
        "postgresql://[::1]:5432/tierline",
    ],
)
def test_an_address_of_a_database_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TIERLINE_DATABASE_URL", url)
    assert read_settings().database_url == url


@pytest.mark.parametrize(
    ("bind", "host", "port"),
    [("0.0.0.0:8080", "0.0.0.0", 8080), ("[::1]:3000", "::1", 3000), ("localhost:65535", "localhost", 65535)],  # noqa: S104
)
def test_an_address_to_listen_on_is_taken_apart(
    monkeypatch: pytest.MonkeyPatch, bind: str, host: str, port: int
) -> None:
    monkeypatch.setenv("TIERLINE_HTTP_BIND", bind)
    settings = read_settings()
    assert (settings.http_host, settings.http_port) == (host, port)


def test_http_needs_no_app_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    assert read_settings("http").mode == "http"


def test_the_mode_of_the_command_line_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLINE_MODE", "http")
    assert read_settings("socket").mode == "socket"
    with pytest.raises(SettingsError, match=r"^TIERLINE_MODE has a wrong value: use socket or http\.$"):
        read_settings("sockets")


def test_settings_are_read_from_a_file_and_the_environment_counts_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("TIERLINE_HTTP_BIND=127.0.0.1:1\nTIERLINE_LOG_FORMAT=json\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("TIERLINE_LOG_FORMAT", "console")
    settings = read_settings()
    assert (settings.http_port, settings.log_format) == (1, "console")


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe\n")
    with pytest.raises(
        SettingsError, match=r"^the file \.env cannot be read \(.*\): write NAME=value lines in UTF-8\.$"
    ):
        read_settings()


def test_secrets_do_not_show() -> None:
    settings = Settings.model_validate(
        GOOD | {"TIERLINE_DATABASE_URL": "postgresql://tierline:pass-word@db.example/tierline"}
    )
    for shown in (repr(settings), str(settings), f"{settings!r:>10}"):
        for secret in (*GOOD.values(), "pass-word"):
            assert secret not in shown
    assert set(settings.secrets) == set(GOOD.values())


def test_a_refused_secret_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "canary-of-a-token")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__suppress_context__, "the error below it holds what was given"
