"""When Slack is silent or refuses, people hear of pages by another way: promised in the database, sent by `Notifier`.

It is told at least once, because there is nothing by which to look up what an earlier try did.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import Delivered, NextState, Outcome, PromiseState, after
from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.notice import CatchUpPages, ChannelsRefused, PagesElsewhere, StartUpReport
from bot.domain.policy import Policy
from bot.domain.privacy import veiled
from bot.domain.promise import ELSEWHERE, Lane, Promise
from bot.domain.timeline import ToldElsewhere
from bot.domain.truth import untrue_because
from bot.notifier import Address
from bot.services.errands import Errands
from bot.services.health import Health, Part
from bot.services.policies import PolicyBook
from bot.services.signal import News, Signal
from bot.slack.blocks.elsewhere import letter
from storage import elsewhere, incidents, outbox, pace
from storage.database import Database, Transaction
from storage.elsewhere import Page
from storage.outbox import Claim, Way

log = structlog.get_logger()

TOLD_AT_ONCE = 500
CLAIMED_AT_ONCE = 20
LOOK_AGAIN = timedelta(seconds=1)

LEASE = timedelta(seconds=60)
"""Longer than the notifier's patience: a live sender is not fenced off."""


class OtherWay(Protocol):
    """What this needs of a way to reach people that is not Slack."""

    def chosen(self, name: str | None) -> Sequence[Address]: ...

    def way_of(self, address_id: str) -> str: ...

    async def send(self, address_id: str, *, subject: str, body: str) -> Outcome: ...


class Elsewhere:
    """Promises letters for pages that wait too long or were refused, and sends them."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        notifier: OtherWay,
        clock: Clock,
        errands: Errands,
        health: Health,
        changed: Signal,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._notifier = notifier
        self._clock = clock
        self._errands = errands
        self._health = health
        self._changed = changed

    async def __call__(self) -> datetime | None:
        """Promises what is due to be told, starts what may be sent; returns when to look again."""
        if not self._notifier.chosen(None):
            return None
        promised_at = await self._promise_unconfirmed()
        sent_at = await self._send_due()
        return min((at for at in (promised_at, sent_at) if at is not None), default=None)

    async def promise_refused(self, tx: Transaction, claim: Claim, error: str, now: datetime) -> None:
        """In the transaction that records that Slack refused the page."""
        policy = self._book.current.policy
        if claim.incident_id is not None:
            incident = (await incidents.by_ids(tx, [claim.incident_id]))[claim.incident_id]
            policy = await self._book.of(tx, incident.policy_version_id)
        await self._promise(tx, policy.fallback_notifier, [claim.key], error, now)

    async def _promise_unconfirmed(self) -> datetime | None:
        """When the next page has waited too long; None when none waits."""
        async with self._database.read() as tx:
            earliest = await elsewhere.earliest_untold(tx, self._workspace_id)
        if earliest is None:
            return None
        now = self._clock.now()
        # Slack is known to be away, or not to accept the token: that is not over by itself in a minute.
        lost = Part.SLACK in self._health.problems
        policies = (self._book.current.policy, *self._book.known)
        patience = timedelta(0) if lost else min(policy.fallback_after for policy in policies)
        if earliest + patience > now:
            return earliest + patience
        async with self._database.write() as tx:
            pages = await elsewhere.untold(tx, self._workspace_id, promised_until=now - patience, limit=TOLD_AT_ONCE)
            overdue = [
                (page, policy)
                for page, policy in await self._with_policies(tx, pages)
                if lost or page.promised_at + policy.fallback_after <= now
            ]
            await elsewhere.told(tx, [page.id for page, _ in overdue], now=now)
            for notifier in dict.fromkeys(policy.fallback_notifier for _, policy in overdue):
                keys = [page.key for page, policy in overdue if policy.fallback_notifier == notifier]
                await self._promise(tx, notifier, keys, "", now)
        return now + LOOK_AGAIN

    async def _with_policies(self, tx: Transaction, pages: Sequence[Page]) -> Sequence[tuple[Page, Policy]]:
        """Each with the policy that its incident was opened under."""
        known = await incidents.by_ids(tx, [page.incident_id for page in pages if page.incident_id is not None])
        return [
            (
                page,
                self._book.current.policy
                if page.incident_id is None
                else await self._book.of(tx, known[page.incident_id].policy_version_id),
            )
            for page in pages
        ]

    async def _promise(
        self, tx: Transaction, notifier: str | None, keys: Sequence[str], error: str, now: datetime
    ) -> None:
        # A page that was told as unconfirmed may be refused later: that is another cause.
        cause = f"{keys[0]}/refused" if error else keys[0]
        for address in self._notifier.chosen(notifier):
            promise = Promise(
                key=f"{ELSEWHERE}{address.id}/{cause}",
                lane=Lane.PAGE,
                channel=ChannelId(f"{ELSEWHERE}{address.id}"),
                deliver_at=now,
                message=PagesElsewhere(promises=tuple(keys), error=error),
            )
            await outbox.promise(tx, self._workspace_id, None, promise)

    async def _send_due(self) -> datetime | None:
        now = self._clock.now()
        async with self._database.read() as tx:
            waiting = await outbox.wake_times(tx, self._workspace_id, now=now, way=Way.ELSEWHERE)
        if not any(at <= now for at in waiting):
            return min(waiting, default=None)
        async with self._database.write() as tx:
            # What a sender that vanished had in its hands cannot be looked for: it is sent again at once.
            await outbox.expire_leases(tx, self._workspace_id, now=now, quiet_until=now, way=Way.ELSEWHERE)
            claims = await outbox.claim(
                tx, self._workspace_id, now=now, limit=CLAIMED_AT_ONCE, way=Way.ELSEWHERE, lease=LEASE
            )
        for claim in claims:
            self._errands.start(self._send(claim))
        return min((at for at in waiting if at > now), default=None)

    async def _send(self, claim: Claim) -> None:
        if not isinstance(claim.message, PagesElsewhere):
            raise TypeError(f"{claim.key} does not go elsewhere")
        try:
            async with self._database.read() as tx:
                pages = await elsewhere.by_keys(tx, self._workspace_id, claim.message.promises)
                waiting = await self._still_waiting(tx, pages)
            now = self._clock.now()
            if not waiting:
                state = NextState(state=PromiseState.SUPPRESSED, error="Slack confirmed them, or nobody waits any more")
                await self._record(claim, state, (), now)
                return
            written = letter([each[1:] for each in waiting], error=claim.message.error, now=now)
            address = claim.channel.removeprefix(ELSEWHERE)
            outcome = await self._notifier.send(address, subject=written.subject, body=written.body)
            log.info("elsewhere.outcome", outcome=repr(outcome), pages=len(waiting), attempt=claim.attempts)
            now = self._clock.now()
            if isinstance(outcome, Delivered):
                outcome = replace(outcome, ts=f"{now.timestamp():.6f}")
            await self._record(claim, after(outcome, attempts=claim.attempts, now=now), waiting, now)
        finally:
            self._changed(News.MESSAGES)

    async def _still_waiting(self, tx: Transaction, pages: Sequence[Page]) -> Sequence[tuple[str, Incident, Policy]]:
        """The incidents of the pages that are still true and that Slack has not confirmed, each once."""
        unconfirmed = [page for page in pages if page.state is not PromiseState.SENT]
        known = await incidents.by_ids(tx, [each for page in unconfirmed for each in _incidents_of(page)])
        found: dict[IncidentId, tuple[str, Incident, Policy]] = {}
        for page in unconfirmed:
            for incident in (known[each] for each in _incidents_of(page)):
                if _is_true(page, incident):
                    policy = await self._book.of(tx, incident.policy_version_id)
                    found.setdefault(incident.id, (page.key, veiled(incident), policy))
        return list(found.values())

    async def _record(
        self, claim: Claim, state: NextState, waiting: Sequence[tuple[str, Incident, Policy]], now: datetime
    ) -> None:
        async with self._database.write() as tx:
            if not await outbox.record(tx, claim, state, said=None, now=now):
                return
            await pace.free_at(tx, self._workspace_id, [claim.channel], now)
            if state.state is PromiseState.SENT:
                way = self._notifier.way_of(claim.channel.removeprefix(ELSEWHERE))
                for key, incident, _ in sorted(waiting, key=lambda each: each[1].id):
                    await outbox.note(tx, self._workspace_id, incident.id, ToldElsewhere(promise=key, by=way), now=now)
            elif state.state is PromiseState.FAILED:
                log.error("elsewhere.given_up", promise=claim.key, error=state.error)


def _incidents_of(page: Page) -> Sequence[IncidentId]:
    if isinstance(page.message, CatchUpPages):
        return page.message.incidents
    return () if page.incident_id is None else (page.incident_id,)


def _is_true(page: Page, incident: Incident) -> bool:
    match page.message:
        case CatchUpPages():
            return incident.is_open
        case StartUpReport() | ChannelsRefused() | PagesElsewhere():
            return False
        case message:
            return untrue_because(message, incident) is None
