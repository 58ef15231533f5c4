"""Settings from the environment and `.env`, read once by the wiring."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HTTP_BIND = r"^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$"


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one sentence that says which and what to do."""


class Settings(BaseSettings):
    """What one bot needs to run. Secrets never show in a repr or a log."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    slack_bot_token: Annotated[SecretStr, Field(validation_alias=AliasChoices("SLACK_BOT_TOKEN"))]
    slack_app_token: Annotated[SecretStr | None, Field(validation_alias=AliasChoices("SLACK_APP_TOKEN"))] = None
    slack_signing_secret: Annotated[SecretStr | None, Field(validation_alias=AliasChoices("SLACK_SIGNING_SECRET"))] = (
        None
    )
    mode: Annotated[Literal["socket", "http"], Field(validation_alias=AliasChoices("TIERLINE_MODE"))] = "socket"
    database_url: Annotated[str, Field(validation_alias=AliasChoices("TIERLINE_DATABASE_URL"))] = (
        "sqlite:///tierline.sqlite3"
    )
    http_bind: Annotated[
        str, StringConstraints(pattern=HTTP_BIND), Field(validation_alias=AliasChoices("TIERLINE_HTTP_BIND"))
    ] = "127.0.0.1:3000"
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
        elif self.slack_signing_secret is None:
            raise ValueError(
                "SLACK_SIGNING_SECRET is not set: HTTP mode checks every request with it;"
                " copy it from Basic Information."
            )
        if not self.database_url.startswith(("sqlite:", "postgresql:")):
            raise ValueError(
                "TIERLINE_DATABASE_URL must start with sqlite:/// or postgresql://,"
                " for example sqlite:///tierline.sqlite3."
            )
        return self

    @property
    def http_host(self) -> str:
        return self.http_bind.rpartition(":")[0].strip("[]")

    @property
    def http_port(self) -> int:
        return int(self.http_bind.rpartition(":")[2])


_ENVIRONMENT_NAMES = {name: str(field.validation_alias.choices[0]) for name, field in Settings.model_fields.items()
                      if isinstance(field.validation_alias, AliasChoices)}  # fmt: skip

_HOW = {
    "TIERLINE_MODE": "use socket or http.",
    "TIERLINE_LOG_FORMAT": "use console or json.",
    "TIERLINE_HTTP_BIND": "write host:port, for example 127.0.0.1:3000.",
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


def _sentence(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    place = str(problem["loc"][0]) if problem["loc"] else "a setting"
    name = _ENVIRONMENT_NAMES.get(place, place)
    said = "is not set" if problem["type"] == "missing" else "has a wrong value"
    return f"{name} {said}: {_HOW.get(name, 'see the configuration table in README.md.')}"


def _prefixed(secret: SecretStr, prefix: str, name: str) -> None:
    if not secret.get_secret_value().startswith(prefix):
        raise ValueError(f"{name} must start with {prefix}; copy it again from the app's settings in Slack.")
