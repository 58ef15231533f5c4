"""What each of Slack's outcomes means for a promise: the state machine of delivery, without the delivering.

pending --claim--> sending --delivered--> sent
   ^                  |--limited, unreached--> pending, later
   |                  |--in doubt, or the lease ran out--> unknown
   |--not found-------------- read back <------- unknown --found--> sent
sending --refused--> failed          pending --no longer true--> suppressed
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

POST_TIMEOUT = timedelta(seconds=8)
"""After this a post is given up by us; Slack may still have stored it."""

LEASE = timedelta(seconds=12)
"""How long a claimed promise belongs to its sender; longer than `POST_TIMEOUT`: a live sender is not fenced off."""

QUIET = timedelta(seconds=15)
"""A request given up on may still land at Slack; only after this is the channel read back."""

SWEEPS = (timedelta(seconds=60), timedelta(minutes=5))
"""How long after the delivery of what was tried more than once the channel is looked at for a second copy."""

STALE = timedelta(minutes=1)
"""What has waited for so long is left out when something later tells it too: Slack was away."""

LONGEST_BACKOFF = timedelta(seconds=30)

POST_EVERY = timedelta(seconds=1)
"""Slack: about one chat.postMessage a second and channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How often a method may be called in a workspace within a minute."""

    method: str
    calls: int


WINDOW = timedelta(minutes=1)
"""Slack's limits are "per minute"."""

POSTS = Budget(method="chat.postMessage", calls=540)
"""Slack: "several hundred messages per minute" in a workspace; a tenth is left for answers to people."""

EDITS = Budget(method="chat.update", calls=45)
DELETIONS = Budget(method="chat.delete", calls=45)
READS = Budget(method="conversations.history", calls=45)
THREAD_READS = Budget(method="conversations.replies", calls=45)
"""Slack: tier 3, 50 a minute; a few are left for others."""

HOMES = Budget(method="views.publish", calls=90)
"""Slack: tier 4, "100+ per minute"; a few are left for who opens the tab."""


class PromiseState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


UNSETTLED = (PromiseState.PENDING, PromiseState.SENDING, PromiseState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Slack has it; `ts` is the message's id within its channel."""

    ts: str


@dataclass(frozen=True, slots=True)
class Limited:
    """Refused for pace: nothing was stored, and the method rests for `wait`."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Unreached:
    """Nothing reached Slack, so it is safe to try again."""

    reason: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Slack may or may not have stored it: it must be looked for before it is posted again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack said no and will say no again; `error` is Slack's own word."""

    error: str


Outcome = Delivered | Limited | Unreached | InDoubt | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class NextState:
    """Where the promise stands now and, when it is not settled, at what instant it is taken up again."""

    state: PromiseState
    deliver_at: datetime | None = None
    message_ts: str | None = None
    error: str | None = None


def after(outcome: Outcome, *, attempts: int, now: datetime) -> NextState:
    """`attempts` counts the tries so far, this one included."""
    match outcome:
        case Delivered(ts=ts):
            return NextState(state=PromiseState.SENT, message_ts=ts)
        case Limited(wait=wait):
            return NextState(state=PromiseState.PENDING, deliver_at=now + wait, error="ratelimited")
        case Unreached(reason=reason):
            return NextState(state=PromiseState.PENDING, deliver_at=now + backoff(attempts), error=reason)
        case InDoubt(reason=reason):
            return NextState(state=PromiseState.UNKNOWN, deliver_at=now + QUIET, error=reason)
        case Refused(error=error):
            return NextState(state=PromiseState.FAILED, error=error)
        case _:
            assert_never(outcome)


def cut_short(*, posting: bool, in_doubt: bool, now: datetime) -> NextState:
    """The sender stops in the middle: `posting` when its post was on its way, `in_doubt` when an earlier one was."""
    reason = "the sender stopped"
    if posting:
        return after(InDoubt(reason), attempts=1, now=now)
    state = PromiseState.UNKNOWN if in_doubt else PromiseState.PENDING
    return NextState(state=state, deliver_at=now, error=reason)


def why(outcome: Outcome) -> str:
    """In a word why it was not delivered; empty when it was."""
    match outcome:
        case Refused(error=word) | Unreached(reason=word) | InDoubt(reason=word):
            return word
        case Delivered() | Limited():
            return ""
        case _:
            assert_never(outcome)


def next_post_at(answer: Outcome, *, started: datetime, ended: datetime) -> datetime:
    """When the channel takes another post after one that was under way from `started` to `ended`.

    The `ts` of a message is the instant at which Slack stored it. It is believed if it lies within the call: otherwise
    Slack's clock is not ours, and the message may have been stored as late as the answer came.
    """
    stored = _instant_of(answer.ts) if isinstance(answer, Delivered) else None
    return (stored if stored is not None and started <= stored <= ended else ended) + POST_EVERY


def _instant_of(ts: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError):
        return None


def backoff(attempts: int) -> timedelta:
    """1, 2, 4 … seconds, at most half a minute: a page must not sleep through Slack's return."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 10)), LONGEST_BACKOFF)
