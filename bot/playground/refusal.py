"""How the Web API says no."""

from .model import Json


class Refused(Exception):
    """The call is answered with `ok: false` and this error."""

    def __init__(self, error: str, *, messages: list[str] | None = None, **extra: object) -> None:
        super().__init__(error)
        self.error = error
        self.extra: Json = dict(extra)
        if messages:
            self.extra["response_metadata"] = {"messages": messages}


class RateLimited(Exception):
    """The call is answered with 429 and `Retry-After`."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
