"""Beside the engine: does everything move that should? Once a minute, and a sign of life is given only if so.

It asks the database, not the loops: what they believe of themselves is no proof. While Slack is away promises wait
for it, and after a minute the audit says so: nobody is paged, and whoever expects the sign of life is to find out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import aiohttp
import structlog

from bot.clock import Clock
from bot.domain.delivery import EDITS, WINDOW
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import WorkspaceId
from bot.services.health import Health, Part
from bot.services.policies import PolicyBook
from storage import audit
from storage.audit import StaleCard, StoredIncident, WaitingPage
from storage.database import Database, Transaction
from storage.errors import StorageError

log = structlog.get_logger()

EVERY = timedelta(minutes=1)
SLACK = timedelta(seconds=60)
"""Later than this is not explained by a busy machine."""

A_POST = timedelta(seconds=1.5)
"""What a post in a channel takes: the second that Slack wants between two, and the way there and back."""

LISTED = 10
"""A finding names at most so many."""

PAGE = 100
PAGES = 5
"""In each audit so many incidents have their next evaluation computed anew, in turn."""

MOST_CARDS = 1_000
PATIENCE = aiohttp.ClientTimeout(total=5)


class Check(StrEnum):
    OVERDUE = "overdue"
    FORGOTTEN = "forgotten"
    WRONG_INSTANT = "wrong_instant"
    LATE_PAGES = "late_pages"
    ABANDONED = "abandoned"
    STALE_CARDS = "stale_cards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What stands still. `says` is a sentence for the operator, `concerns` names the first of those it is about."""

    check: Check
    says: str
    concerns: tuple[str, ...] = ()


class Listener(Protocol):
    """Who hears that the bot is well, and raises the alarm when nothing is heard."""

    async def hear(self) -> None: ...


class Nobody:
    """Without an address there is nobody to tell."""

    async def hear(self) -> None:
        """Nothing happens."""


class Url:
    """An address to call, as healthchecks.io gives one. Whoever knows it could silence the alarm: it is never shown."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def hear(self) -> None:
        """A call that fails is only logged: silence is what it would have been without it."""
        try:
            async with self._session.get(self._url, timeout=PATIENCE) as response:
                if not response.ok:
                    log.warning("heartbeat.refused", status=response.status)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            log.warning("heartbeat.failed", error=type(error).__name__)


class Auditor:
    """Says what it finds to `health`, and after an audit without a finding tells `listener` if all else is well."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        clock: Clock,
        health: Health,
        listener: Listener,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._clock = clock
        self._health = health
        self._listener = listener
        self._next_at: datetime | None = None
        self._after = 0
        self._stale = _StaleCards()

    async def __call__(self) -> datetime:
        """Returns when the next audit is due. Asked before that, it does nothing.

        After a start or an absence the loops have a minute to catch up.
        """
        now = self._clock.now()
        every = EVERY * self._speed(now)
        if self._next_at is None or now - self._next_at >= every:
            self._next_at = now + every
        elif now >= self._next_at:
            self._next_at = now + every
            await self._audit(now)
        return self._next_at

    def _forgiven(self, now: datetime) -> timedelta:
        return SLACK * self._speed(now)

    def _speed(self, now: datetime) -> float:
        """How fast the clock runs: what a busy machine is forgiven is its own time, also in a hurried playground."""
        real = self._clock.real_delay(now + EVERY)
        return max(EVERY / real, 1.0) if real else 1.0

    async def _audit(self, now: datetime) -> None:
        try:
            findings = await self.findings(now)
        except StorageError as error:
            self._health.ill(Part.AUDIT, f"The audit cannot read the database ({error}).")
            return
        for finding in findings:
            log.error("audit.finding", check=finding.check.value, says=finding.says, concerns=finding.concerns)
        if findings:
            more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
            self._health.ill(Part.AUDIT, findings[0].says + more)
            return
        self._health.well(Part.AUDIT)
        if self._health.ready:
            await self._listener.hear()

    async def findings(self, now: datetime) -> Sequence[Finding]:
        """Everything that is wrong at this instant, the worst first; empty when everything moves."""
        return [
            finding
            for found in (
                await self._overdue(now),
                await self._late_pages(now),
                await self._forgotten(),
                await self._abandoned(now),
                await self._wrong_instants(),
                await self._stale_cards(now),
            )
            for finding in found
        ]

    async def _overdue(self, now: datetime) -> Sequence[Finding]:
        async with self._database.read() as tx:
            keys = await audit.overdue(tx, self._workspace_id, before=now - self._forgiven(now), limit=LISTED)
        return _finding(
            Check.OVERDUE, keys, "The clocks of {} ran out more than a minute ago, and nothing was decided."
        )

    async def _forgotten(self) -> Sequence[Finding]:
        async with self._database.read() as tx:
            stored = await audit.forgotten(tx, self._workspace_id, limit=PAGE)  # some are rightly left to people
            keys = [one.incident.key for one in stored if not await self._is_right(tx, one)]
        return _finding(Check.FORGOTTEN, keys, "Nothing will look at {} again, though it is not over.")

    async def _wrong_instants(self) -> Sequence[Finding]:
        wrong: list[str] = []
        for _ in range(PAGES):
            async with self._database.read() as tx:
                stored = await audit.unresolved_after(tx, self._workspace_id, self._after, limit=PAGE)
                wrong += [
                    one.incident.key
                    for one in stored
                    if one.next_evaluation_at is not None and not await self._is_right(tx, one)
                ]
            self._after = stored[-1].incident.number if len(stored) == PAGE else 0
            if not self._after:
                break
        return _finding(Check.WRONG_INSTANT, wrong, "By the rules {} would be looked at at another time than stored.")

    async def _is_right(self, tx: Transaction, stored: StoredIncident) -> bool:
        """An incident that the rules cannot say anything about is not: nothing would ever be decided."""
        try:
            policy = await self._book.of(tx, stored.incident.policy_version_id)
            return next_evaluation_at(stored.incident, policy) == stored.next_evaluation_at
        except StorageError:
            raise
        except Exception:
            log.exception("audit.incident_failed", incident=stored.incident.key)
            return False

    async def _late_pages(self, now: datetime) -> Sequence[Finding]:
        slack = self._forgiven(now)
        async with self._database.read() as tx:
            old = await audit.waiting_pages(tx, self._workspace_id, before=now - slack, limit=MOST_CARDS)
            if not old:
                return ()
            late = [page for page in old if now - page.promised_at > slack + page.ahead * A_POST]
            posted = await audit.posted_since(tx, self._workspace_id, old[0].promised_at) if late else {}
        late = [
            page
            for page in late
            if now - page.promised_at > slack + (page.ahead + posted.get(page.channel, 0)) * A_POST
        ]
        since = f" The first waits since {late[0].promised_at:%H:%M} UTC{_error(late[0])}." if late else ""
        keys = [page.key for page in late]
        return _finding(Check.LATE_PAGES, keys, "Pages are not on their way: {}." + since)

    async def _abandoned(self, now: datetime) -> Sequence[Finding]:
        async with self._database.read() as tx:
            keys = await audit.abandoned(tx, self._workspace_id, before=now - self._forgiven(now), limit=LISTED)
        return _finding(Check.ABANDONED, keys, "A sender vanished, and nothing took up again what it sent: {}.")

    async def _stale_cards(self, now: datetime) -> Sequence[Finding]:
        async with self._database.read() as tx:
            stale = await audit.stale_cards(tx, self._workspace_id, now=now, limit=MOST_CARDS)
        stuck = self._stale.stuck(stale, now, 2 * self._forgiven(now))
        if not stuck:
            return ()
        says = f"{stuck} cards show an old state for longer than Slack's pace explains."
        return (Finding(check=Check.STALE_CARDS, says=says),)


class _StaleCards:
    """Since when each card shows what it shows: that no row tells."""

    def __init__(self) -> None:
        self._seen: dict[StaleCard, tuple[datetime, int]] = {}

    def stuck(self, stale: Sequence[StaleCard], now: datetime, slack: timedelta) -> int:
        """How many have been stale for longer than all that are, or were when they became so, take to edit."""
        self._seen = {card: self._seen.get(card, (now, len(stale))) for card in stale}
        return sum(
            now - since > slack + WINDOW * max(waiting, len(stale)) / EDITS.calls
            for since, waiting in self._seen.values()
        )


def _finding(check: Check, keys: Sequence[str], says: str) -> Sequence[Finding]:
    if not keys:
        return ()
    named = ", ".join(keys[:LISTED]) + (" and others" if len(keys) > LISTED else "")
    return (Finding(check=check, says=says.format(named), concerns=tuple(keys[:LISTED])),)


def _error(page: WaitingPage) -> str:
    return f"; the last answer was {page.error}" if page.error else ""
