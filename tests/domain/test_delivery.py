"""What each of Slack's outcomes means for a promise."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.delivery import (
    AUTH_ERRORS,
    LEASE,
    LIMIT_ERRORS,
    MESSAGE_ERRORS,
    POST_TIMEOUT,
    QUIET,
    REFUSALS,
    UNSETTLED,
    Delivered,
    InDoubt,
    Limited,
    NextState,
    Outcome,
    PromiseState,
    Refused,
    Unreached,
    after,
    backoff,
    classify,
)
from tests.builders import NOW

IN_DOUBT_ERRORS = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize(
    ("outcome", "attempts", "state"),
    [
        (Delivered("1.000001"), 1, NextState(state=PromiseState.SENT, message_ts="1.000001")),
        (
            Limited(seconds(7)),
            9,
            NextState(state=PromiseState.PENDING, deliver_at=NOW + seconds(7), error="ratelimited"),
        ),
        (
            Unreached("connection refused"),
            1,
            NextState(state=PromiseState.PENDING, deliver_at=NOW + seconds(1), error="connection refused"),
        ),
        (
            Unreached("connection refused"),
            4,
            NextState(state=PromiseState.PENDING, deliver_at=NOW + seconds(8), error="connection refused"),
        ),
        (
            InDoubt("timeout"),
            1,
            NextState(state=PromiseState.UNKNOWN, deliver_at=NOW + seconds(15), error="timeout"),
        ),
        (Refused("is_archived"), 1, NextState(state=PromiseState.FAILED, error="is_archived")),
    ],
)
def test_what_becomes_of_a_promise(outcome: Outcome, attempts: int, state: NextState) -> None:
    assert after(outcome, attempts=attempts, now=NOW) == state


def test_an_unsettled_promise_always_knows_when_it_is_taken_up_again() -> None:
    outcomes: tuple[Outcome, ...] = (
        Delivered("1.000001"),
        Limited(seconds(1)),
        Unreached("away"),
        InDoubt("timeout"),
        Refused("is_archived"),
    )
    for outcome in outcomes:
        state = after(outcome, attempts=1, now=NOW)
        assert (state.deliver_at is not None) is (state.state in UNSETTLED)


@pytest.mark.parametrize(
    ("attempts", "wait"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30), (1_000_000, 30)]
)
def test_the_wait_doubles_up_to_half_a_minute(attempts: int, wait: int) -> None:
    assert backoff(attempts) == seconds(wait)


@pytest.mark.parametrize(
    ("error", "retry_after", "outcome"),
    [
        ("ratelimited", seconds(3), Limited(seconds(3))),
        ("rate_limited", None, Limited(seconds(30))),
        ("is_archived", None, Refused("is_archived")),
        ("channel_not_found", seconds(3), Refused("channel_not_found")),
        ("not_in_channel", None, Refused("not_in_channel")),
        ("invalid_blocks", None, Refused("invalid_blocks")),
        ("token_revoked", None, Unreached("token_revoked")),
        ("invalid_auth", None, Unreached("invalid_auth")),
        ("internal_error", None, InDoubt("internal_error")),
        ("fatal_error", None, InDoubt("fatal_error")),
        ("a_word_of_tomorrow", None, InDoubt("a_word_of_tomorrow")),
        ("", None, InDoubt("")),
    ],
)
def test_the_meaning_of_an_error(error: str, retry_after: timedelta | None, outcome: Outcome) -> None:
    assert classify(error, retry_after=retry_after) == outcome


def test_no_error_has_two_meanings() -> None:
    kinds = (IN_DOUBT_ERRORS, LIMIT_ERRORS, AUTH_ERRORS, REFUSALS)

    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))
    assert MESSAGE_ERRORS < REFUSALS
    assert all(isinstance(classify(error, retry_after=None), InDoubt) for error in IN_DOUBT_ERRORS)


def test_a_live_sender_is_not_fenced_off_and_a_late_post_has_landed_before_it_is_looked_for() -> None:
    assert POST_TIMEOUT < LEASE < QUIET


def test_an_unknown_outcome_is_an_error() -> None:
    unknown: Any = object()

    with pytest.raises(AssertionError):
        after(unknown, attempts=1, now=NOW)
