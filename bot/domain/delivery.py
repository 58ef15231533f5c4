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


LIMIT_ERRORS = frozenset({"ratelimited", "rate_limited"})

MESSAGE_ERRORS = frozenset({
    "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "metadata_too_large", "no_text",
})  # fmt: skip
"""The message itself was refused: a bug of ours. It goes out once more as a plain short text."""

AUTH_ERRORS = frozenset({
    "account_inactive", "invalid_auth", "not_authed", "org_login_required", "token_expired", "token_revoked",
})  # fmt: skip
"""The token is not accepted now. Nothing was stored, and nothing is given up: it waits until the token works again."""

REFUSALS = MESSAGE_ERRORS | frozenset({
    "as_user_not_supported", "cannot_reply_to_message", "cant_update_message", "channel_not_found",
    "edit_window_closed", "ekm_access_denied", "expired_trigger_id", "invalid_arguments", "is_archived",
    "invalid_scheduled_message_id",
    "is_inactive", "message_not_found", "messages_tab_disabled", "method_not_supported_for_channel_type",
    "missing_scope", "no_permission", "not_allowed_token_type", "not_in_channel",
    "restricted_action", "restricted_action_non_threadable_channel", "restricted_action_read_only_channel",
    "restricted_action_thread_locked", "restricted_action_thread_only_channel", "team_access_not_granted",
    "restricted_too_many", "team_not_found", "thread_not_found", "time_in_past", "time_too_far", "too_many_attachments",
    "trigger_exchanged", "trigger_expired", "exchanged_trigger_id", "user_not_found", "user_not_in_channel",
})  # fmt: skip
"""Definite refusals: nothing was stored, and asking again changes nothing."""


def classify(error: str, *, retry_after: timedelta | None) -> Outcome:
    """The meaning of `ok: false` with this error.

    What is in no list is in doubt: a word we do not know may mean anything, and of `internal_error`, `fatal_error`,
    `service_unavailable` and `request_timeout` Slack's documentation says that the call may have partly succeeded.
    """
    if error in LIMIT_ERRORS:
        return Limited(retry_after or timedelta(seconds=30))
    if error in AUTH_ERRORS:
        return Unreached(error)
    if error in REFUSALS:
        return Refused(error)
    return InDoubt(error)
