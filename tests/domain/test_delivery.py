"""What each of Slack's outcomes means for a promise."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.delivery import (
    LEASE,
    POST_TIMEOUT,
    QUIET,
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
    cut_short,
    next_post_at,
    why,
)
from tests.builders import NOW


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
    ("posting", "in_doubt", "state"),
    [
        (False, False, NextState(state=PromiseState.PENDING, deliver_at=NOW, error="the sender stopped")),
        (False, True, NextState(state=PromiseState.UNKNOWN, deliver_at=NOW, error="the sender stopped")),
        (True, False, NextState(state=PromiseState.UNKNOWN, deliver_at=NOW + QUIET, error="the sender stopped")),
        (True, True, NextState(state=PromiseState.UNKNOWN, deliver_at=NOW + QUIET, error="the sender stopped")),
    ],
)
def test_what_a_stop_leaves_of_a_promise(posting: bool, in_doubt: bool, state: NextState) -> None:
    assert cut_short(posting=posting, in_doubt=in_doubt, now=NOW) == state


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Delivered("1.0"), ""),
        (Limited(seconds(1)), ""),
        (Unreached("token_revoked"), "token_revoked"),
        (InDoubt("a_word_of_tomorrow"), "a_word_of_tomorrow"),
        (Refused("is_archived"), "is_archived"),
    ],
)
def test_an_outcome_says_why(outcome: Outcome, word: str) -> None:
    assert why(outcome) == word


def test_a_live_sender_is_not_fenced_off_and_a_late_post_has_landed_before_it_is_looked_for() -> None:
    assert POST_TIMEOUT < LEASE < QUIET


def test_an_unknown_outcome_is_an_error() -> None:
    unknown: Any = object()

    with pytest.raises(AssertionError):
        after(unknown, attempts=1, now=NOW)
    with pytest.raises(AssertionError):
        why(unknown)


@pytest.mark.parametrize(
    ("answer", "free_at"),
    [
        (Delivered(f"{(NOW + timedelta(seconds=1)).timestamp():.6f}"), 2),
        (Delivered(f"{(NOW - timedelta(seconds=1)).timestamp():.6f}"), 4),
        (Delivered(f"{(NOW + timedelta(seconds=9)).timestamp():.6f}"), 4),
        (Delivered("no instant"), 4),
        (InDoubt("timeout"), 4),
    ],
)
def test_the_next_post_is_a_second_after_slack_stored_the_last_or_after_its_answer(
    answer: Outcome, free_at: float
) -> None:
    ended = NOW + timedelta(seconds=3)
    assert next_post_at(answer, started=NOW, ended=ended) == NOW + timedelta(seconds=free_at)
