"""What a person sees of the app's answer to an act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .delivery import Failure
from .model import Json, View

OPERATION_TIMEOUT = "operation_timeout"
DISPATCH_FAILED = "dispatch_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    ok: bool
    text: str | None = None
    blocks: Sequence[Json] = ()
    error: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with a form: block_id → sentence."""
    view: View | None = None
    """The modal the person has in front of them now."""


def failed(failure: Failure) -> Answer:
    """An act the app did not acknowledge."""
    return Answer(ok=False, error=OPERATION_TIMEOUT if failure is Failure.TIMEOUT else DISPATCH_FAILED)
