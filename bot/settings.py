"""Settings from the environment and `.env`, read once by the wiring."""

import re
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

HTTP_BIND = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):([0-9]{1,5})")
HIGHEST_PORT = 65_535
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
    clock_url: Annotated[
        str | None,
        StringConstraints(pattern=r"^wss?://.+$"),
        Field(validation_alias=AliasChoices("TIERLINE_CLOCK_URL")),
    ] = None

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: str) -> str:
        if not DATABASE_URL.fullmatch(url):
            raise ValueError(
                "TIERLINE_DATABASE_URL must be like sqlite:///tierline.sqlite3"
                " or postgresql://user:password@host:5432/tierline."
            )
        return url


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
    log_format: Annotated[Literal["console", "json"], Field(validation_alias=AliasChoices("TIERLINE_LOG_FORMAT"))] = (
        "console"
    )

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
        match = HTTP_BIND.fullmatch(bind)
        if match is None or int(match.group(2)) > HIGHEST_PORT:
            raise ValueError("TIERLINE_HTTP_BIND has a wrong value: write host:port, for example 127.0.0.1:3000.")
        return bind

    @property
    def http_host(self) -> str:
        return self.http_bind.rpartition(":")[0].strip("[]")

    @property
    def http_port(self) -> int:
        return int(self.http_bind.rpartition(":")[2])

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not show in any log."""
        held = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret)
        return tuple(secret.get_secret_value() for secret in held if secret is not None)


_ENVIRONMENT_NAMES = {name: str(field.validation_alias.choices[0]) for name, field in Settings.model_fields.items()
                      if isinstance(field.validation_alias, AliasChoices)}  # fmt: skip

_HOW = {
    "TIERLINE_MODE": "use socket or http.",
    "TIERLINE_LOG_FORMAT": "use console or json.",
    "TIERLINE_SLACK_API_URL": "write a URL that ends in a slash, for example https://slack.com/api/.",
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


def _prefixed(secret: SecretStr, prefix: str, name: str) -> None:
    if not re.fullmatch(rf"{prefix}[\w-]+", secret.get_secret_value(), re.ASCII):
        raise ValueError(
            f"{name} must start with {prefix} and hold letters, digits and dashes;"
            " copy it again from the app's settings in Slack."
        )
