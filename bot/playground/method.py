"""What a Web API method is: its handler, its limit, the token and scope it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .arguments import Arguments
from .local_slack import LocalSlack
from .model import Json


class TokenKind(StrEnum):
    NONE = "none"
    BOT = "bot"
    APP = "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    run: Callable[[LocalSlack, Arguments], Json]
    """Changes the state and returns the answer without `ok`. Raises Refused or RateLimited."""
    per_minute: int | None = None
    scope: str | None = None
    """Scopes that depend on the channel are checked by the handler."""
    token: TokenKind = TokenKind.BOT


Methods = Mapping[str, Method]
