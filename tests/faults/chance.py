"""What a seed decides: which faults there are in its story, how often, and when; and what was seen of them."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """Everything that can fail, by where it does."""

    POST_LOST_BEFORE = "post dropped before its effect"
    POST_LOST_AFTER = "post dropped after its effect"
    POST_LANDS_IN_QUIET = "post given up that lands in the quiet period"
    POST_LANDS_LATER = "post given up that lands after the quiet period"
    POST_LIMITED = "post refused for pace"
    POST_SERVER_ERROR = "server error for a post"
    POST_UNREACHED = "no connection for a post"
    CHANNEL_ARCHIVED = "post into an archived channel"
    READ_FAILED = "read-back without an answer"
    READ_LIMITED = "read-back refused for pace"
    EDIT_FAILED = "edit without an answer"
    EDIT_LANDS_LATER = "edit given up that lands later"
    DELETE_FAILED = "deletion without an answer"
    LETTER_FAILED = "letter not taken"
    NOT_STORED = "commit refused"
    UNKNOWN_KEPT = "commit without an answer, kept"
    UNKNOWN_LOST = "commit without an answer, lost"
    CRASH_AFTER_CLAIM = "killed after a claim"
    CRASH_AFTER_POST = "killed after a post, before it was recorded"
    CRASH_BEFORE_COMMIT = "killed between decision and commit"
    CRASH_AFTER_COMMIT = "killed after a commit, before its answer"
    CRASH_AFTER_EDIT = "killed after an edit, before it was recorded"
    CRASH_IN_SWEEP = "killed after a deletion, before it was recorded"
    STOPPED = "stopped in good order during a post"
    PAUSED = "paused"
    PAUSED_AFTER_CLAIM = "paused after a claim, for longer than its lease"
    PAUSED_AFTER_POST = "paused after a post, for longer than its lease"
    SLACK_AWAY = "Slack away for minutes"
    CLOCK_FORWARD = "clock set forward"
    CLOCK_BACK = "clock set back"
    REQUEST_REPEATED = "request that comes again"


class Recovery(StrEnum):
    """How what failed was mended."""

    ADOPTED = "found by the read-back and adopted"
    POSTED_AGAIN = "not found after the quiet period and posted again"
    FENCED_OFF = "late outcome fenced off"
    NOT_POSTED_LATE = "woke too late to post"
    TAKEN_OVER = "taken over from a dead claim"
    HANDED_BACK = "handed back at a stop"
    SWEPT = "second copy swept"
    SUPPRESSED = "not said, since no longer true"
    GIVEN_UP = "refused and told elsewhere"
    LETTER_SENT = "told by a letter"
    EDITED_AGAIN = "edited again"
    ANSWERED_THE_SAME = "repeated request answered, and done once"
    LOOKED_UP = "commit without an answer looked up"


EVERYWHERE: Final[Mapping[Fault, float]] = {
    Fault.POST_LOST_BEFORE: 0.03,
    Fault.POST_LOST_AFTER: 0.03,
    Fault.POST_LANDS_IN_QUIET: 0.03,
    Fault.POST_LANDS_LATER: 0.07,
    Fault.POST_LIMITED: 0.03,
    Fault.POST_SERVER_ERROR: 0.03,
    Fault.POST_UNREACHED: 0.03,
    Fault.CHANNEL_ARCHIVED: 0.03,
    Fault.STOPPED: 0.05,
    Fault.READ_FAILED: 0.1,
    Fault.READ_LIMITED: 0.05,
    Fault.EDIT_FAILED: 0.05,
    Fault.EDIT_LANDS_LATER: 0.03,
    Fault.DELETE_FAILED: 0.4,
    Fault.LETTER_FAILED: 0.3,
    Fault.NOT_STORED: 0.005,
    Fault.UNKNOWN_KEPT: 0.005,
    Fault.UNKNOWN_LOST: 0.005,
    Fault.CRASH_AFTER_CLAIM: 0.02,
    Fault.CRASH_AFTER_POST: 0.03,
    Fault.CRASH_BEFORE_COMMIT: 0.003,
    Fault.CRASH_AFTER_COMMIT: 0.003,
    Fault.CRASH_AFTER_EDIT: 0.03,
    Fault.CRASH_IN_SWEEP: 0.4,
    Fault.PAUSED_AFTER_CLAIM: 0.02,
    Fault.PAUSED_AFTER_POST: 0.03,
    Fault.REQUEST_REPEATED: 0.3,
}
"""How likely each is at each of its places, on average."""

RARELY: Final[Mapping[Fault, int]] = {
    Fault.PAUSED: 3,
    Fault.SLACK_AWAY: 1,
    Fault.CLOCK_FORWARD: 1,
    Fault.CLOCK_BACK: 2,
}
"""Those that come over a bot, over Slack or over everybody: how often relative to one another."""


class Chance:
    """One source of chance for a whole story, so that a seed gives the same story again."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 — a story, not a secret
        self.seen: Counter[Fault] = Counter()
        self.mended: Counter[Recovery] = Counter()
        self.told: list[tuple[float, str]] = []
        self.calm = False
        """From then on nothing fails any more."""
        self.is_over = False
        """From then on nothing is told: in what order the bots are put away is left to chance of another kind."""
        # Not everything in every story: of a story in which all fails at once little is learnt.
        self._likely = {fault: often * self.random.choice((0, 1, 1, 2)) for fault, often in EVERYWHERE.items()}

    def happens(self, fault: Fault) -> bool:
        """Whether it happens here and now; then it is counted and told."""
        if self.calm or self.random.random() >= self._likely[fault]:
            return False
        self.comes(fault)
        return True

    def one_of(self, *faults: Fault) -> Fault | None:
        """The one that happens here and now, if one does."""
        return next((fault for fault in faults if self.happens(fault)), None)

    def next_trouble(self) -> Fault:
        return self.random.choices(list(RARELY), list(RARELY.values()))[0]

    def comes(self, fault: Fault, about: str = "") -> None:
        self.seen[fault] += 1
        self.tell(f"! {fault}{about and ': '}{about}")

    def mends(self, recovery: Recovery) -> None:
        self.mended[recovery] += 1

    def between(self, shortest: float, longest: float) -> float:
        """A number of seconds."""
        return self.random.uniform(shortest, longest)

    def tell(self, what: str) -> None:
        """For whoever has to find out how a story went wrong."""
        if not self.is_over:
            self.told.append((asyncio.get_running_loop().time(), what))
