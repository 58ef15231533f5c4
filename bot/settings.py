"""Settings from the environment and `.env`, read once by the wiring."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.catalogue import ENGLISH

HTTP_BIND = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):([0-9]{1,5})")
HTTP_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
HIGHEST_PORT = 65_535
FALLBACK_URL = re.compile(
    r"((?P<names>[A-Za-z0-9][\w-]*(,[A-Za-z0-9][\w-]*)*)=)?(?P<url>[a-z][a-z0-9+.-]*://\S+)", re.I
)
DATABASE_URL = re.compile(
    r"sqlite:///[^?]+"
    r"|postgresql://([^@/\s]*@)?(\[[0-9a-fA-F:.]+\]|[\w.-]*)(:[0-9]{1,5})?/[^/?\s]+(\?\S*)?"
)


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one sentence that says which and what to do."""


class _Common(BaseSettings):
    """What the bot and the commands beside it need alike. Secrets never show in a repr or a log."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: Annotated[str, Field(validation_alias=AliasChoices("TIERLINE_DATABASE_URL"), repr=False)] = (
        "sqlite:///tierline.sqlite3"
    )
    policy_file: Annotated[Path, Field(validation_alias=AliasChoices("TIERLINE_POLICY_FILE"))] = Path("policy.yml")
    slack_api_url: Annotated[
        str,
        StringConstraints(pattern=r"^https?://.+/$"),
        Field(validation_alias=AliasChoices("TIERLINE_SLACK_API_URL")),
    ] = "https://slack.com/api/"
    fallback_urls: Annotated[SecretStr | None, Field(validation_alias=AliasChoices("TIERLINE_FALLBACK_URLS"))] = None
    clock_url: Annotated[
        str | None,
        StringConstraints(pattern=r"^wss?://.+$"),
        Field(validation_alias=AliasChoices("TIERLINE_CLOCK_URL")),
    ] = None
    audit_key: Annotated[
        Annotated[SecretStr, Field(min_length=16)] | None, Field(validation_alias=AliasChoices("TIERLINE_AUDIT_KEY"))
    ] = None
    language: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$"),
        Field(validation_alias=AliasChoices("TIERLINE_LANGUAGE")),
    ] = ENGLISH
    keep_days: Annotated[int, Field(validation_alias=AliasChoices("TIERLINE_KEEP_DAYS"), ge=0, le=36_500)] = 400

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: str) -> str:
        if not DATABASE_URL.fullmatch(url):
            raise ValueError(
                "TIERLINE_DATABASE_URL must be like sqlite:///tierline.sqlite3"
                " or postgresql://user:password@host:5432/tierline."
            )
        return url

    @field_validator("fallback_urls")
    @classmethod
    def _hold_addresses(cls, urls: SecretStr | None) -> SecretStr | None:
        if urls is not None:
            for place, written in enumerate(urls.get_secret_value().split(), start=1):
                if not FALLBACK_URL.fullmatch(written):
                    raise ValueError(
                        f"TIERLINE_FALLBACK_URLS has a wrong value: address {place} is not like"
                        " mailto://user:password@example.com or name=json://example.com/hook."
                    )
        return urls

    @property
    def fallback_addresses(self) -> tuple[tuple[frozenset[str], str], ...]:
        """Other ways than Slack to reach people: the names by which a policy can choose one, and its url."""
        written = self.fallback_urls.get_secret_value().split() if self.fallback_urls is not None else ()
        found = (FALLBACK_URL.fullmatch(each) for each in written)
        return tuple(
            (frozenset(filter(None, (match["names"] or "").split(","))), match["url"]) for match in found if match
        )

    @property
    def notifiers(self) -> frozenset[str]:
        """The names by which a policy can choose among them."""
        return frozenset(name for names, _ in self.fallback_addresses for name in names)

    @property
    def keep(self) -> timedelta | None:
        """How long an incident is kept once it is over; None for ever."""
        return timedelta(days=self.keep_days) if self.keep_days else None

    @property
    def sealing_key(self) -> bytes | None:
        """What seals the stories, None without one."""
        return None if self.audit_key is None else self.audit_key.get_secret_value().encode()


class ToolSettings(_Common):
    """What the commands need that look things up while the bot runs, or without it; only some ask Slack."""

    slack_bot_token: Annotated[SecretStr | None, Field(validation_alias=AliasChoices("SLACK_BOT_TOKEN"))] = None

    @field_validator("slack_bot_token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            _prefixed(token, "xoxb-", "SLACK_BOT_TOKEN")
        return token


class Settings(_Common):
    """What one bot needs to run."""

    slack_bot_token: Annotated[SecretStr, Field(validation_alias=AliasChoices("SLACK_BOT_TOKEN"))]
    slack_app_token: Annotated[SecretStr | None, Field(validation_alias=AliasChoices("SLACK_APP_TOKEN"))] = None
    slack_signing_secret: Annotated[SecretStr | None, Field(validation_alias=AliasChoices("SLACK_SIGNING_SECRET"))] = (
        None
    )
    mode: Annotated[Literal["socket", "http"], Field(validation_alias=AliasChoices("TIERLINE_MODE"))] = "socket"
    http_bind: Annotated[str, Field(validation_alias=AliasChoices("TIERLINE_HTTP_BIND"))] = "127.0.0.1:3000"
    ops_bind: Annotated[str | None, Field(validation_alias=AliasChoices("TIERLINE_OPS_BIND"))] = None
    log_format: Annotated[Literal["console", "json"], Field(validation_alias=AliasChoices("TIERLINE_LOG_FORMAT"))] = (
        "console"
    )
    parachute: Annotated[bool, Field(validation_alias=AliasChoices("TIERLINE_PARACHUTE"))] = False
    heartbeat_url: Annotated[SecretStr | None, Field(validation_alias=AliasChoices("TIERLINE_HEARTBEAT_URL"))] = None

    @model_validator(mode="after")
    def _mode_has_its_secret(self) -> "Settings":
        _prefixed(self.slack_bot_token, "xoxb-", "SLACK_BOT_TOKEN")
        if self.mode == "socket":
            if self.slack_app_token is None:
                raise ValueError(
                    "SLACK_APP_TOKEN is not set: Socket Mode needs an app-level token with connections:write;"
                    " create one under Basic Information, or set TIERLINE_MODE=http."
                )
            _prefixed(self.slack_app_token, "xapp-", "SLACK_APP_TOKEN")
        elif self.slack_signing_secret is None or not self.slack_signing_secret.get_secret_value().strip():
            raise ValueError(
                "SLACK_SIGNING_SECRET is not set: HTTP mode checks every request with it;"
                " copy it from Basic Information."
            )
        return self

    @field_validator("http_bind")
    @classmethod
    def _names_a_port(cls, bind: str) -> str:
        if not _is_bind(bind):
            raise ValueError("TIERLINE_HTTP_BIND has a wrong value: write host:port, for example 127.0.0.1:3000.")
        return bind

    @field_validator("ops_bind")
    @classmethod
    def _names_another_port(cls, bind: str | None) -> str | None:
        if bind is not None and not _is_bind(bind):
            raise ValueError("TIERLINE_OPS_BIND has a wrong value: write host:port, for example 127.0.0.1:9090.")
        return bind

    @field_validator("heartbeat_url")
    @classmethod
    def _can_be_called(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not HTTP_URL.fullmatch(url.get_secret_value()):
            raise ValueError("TIERLINE_HEARTBEAT_URL has a wrong value: write an http:// or https:// URL.")
        return url

    @property
    def http_host(self) -> str:
        return self.http_bind.rpartition(":")[0].strip("[]")

    @property
    def http_port(self) -> int:
        return int(self.http_bind.rpartition(":")[2])

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not show in any log."""
        held = (
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.audit_key,
            self.heartbeat_url,
        )
        urls = (url for _, url in self.fallback_addresses)
        return (*(secret.get_secret_value() for secret in held if secret is not None), *urls)


_ENVIRONMENT_NAMES = {name: str(field.validation_alias.choices[0]) for name, field in Settings.model_fields.items()
                      if isinstance(field.validation_alias, AliasChoices)}  # fmt: skip

_HOW = {
    "TIERLINE_MODE": "use socket or http.",
    "TIERLINE_LOG_FORMAT": "use console or json.",
    "TIERLINE_SLACK_API_URL": "write a URL that ends in a slash, for example https://slack.com/api/.",
    "TIERLINE_AUDIT_KEY": "write at least 16 characters that nobody can guess.",
    "TIERLINE_PARACHUTE": "use true or false.",
    "TIERLINE_KEEP_DAYS": "write a number of days, or 0 to keep everything.",
    "TIERLINE_CLOCK_URL": "write a ws:// URL; only the playground has one.",
    "SLACK_BOT_TOKEN": "set it to the bot token (xoxb-…) from OAuth & Permissions.",
}


def read_settings(mode: str | None = None) -> Settings:
    """`mode` overrides the environment. Raises `SettingsError` with one sentence."""
    try:
        return Settings.model_validate({} if mode is None else {"TIERLINE_MODE": mode})
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def read_tool_settings() -> ToolSettings:
    """Raises `SettingsError` with one sentence."""
    try:
        return ToolSettings()
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    if problem["type"] == "value_error":
        wrong = problem["ctx"]["error"]
        # Reading the file is part of the validation.
        unreadable = f"the file .env cannot be read ({wrong}): write NAME=value lines in UTF-8."
        return unreadable if isinstance(wrong, UnicodeError) else str(wrong)
    place = str(problem["loc"][0]) if problem["loc"] else "a setting"
    name = _ENVIRONMENT_NAMES.get(place, place)
    said = "is not set" if problem["type"] == "missing" else "has a wrong value"
    return f"{name} {said}: {_HOW.get(name, 'see the configuration table in README.md.')}"


def _is_bind(text: str) -> bool:
    match = HTTP_BIND.fullmatch(text)
    return match is not None and int(match.group(2)) <= HIGHEST_PORT


def _prefixed(secret: SecretStr, prefix: str, name: str) -> None:
    if not re.fullmatch(rf"{prefix}[\w-]+", secret.get_secret_value(), re.ASCII):
        raise ValueError(
            f"{name} must start with {prefix} and hold letters, digits and dashes;"
            " copy it again from the app's settings in Slack."
        )
