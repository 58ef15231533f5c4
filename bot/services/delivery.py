"""Keeping promises: each message is looked at once more, posted, and recorded; after a doubt it is looked for first."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import (
    MESSAGE_ERRORS,
    QUIET,
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
)
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.promise import Lane, Message, Notice, Promise, card_slot, instead_of
from bot.domain.timeline import DeliveryFailed, NotSent
from bot.services.errands import Errands
from bot.services.last_look import LastLook, OnCallRoster, Situation, incident_of
from bot.services.pace import Pace
from bot.services.people import Names
from bot.services.policies import PolicyBook
from bot.services.signal import Signal
from bot.slack.blocks.quiet import people_named, quietly
from bot.slack.blocks.rendered import Rendered
from bot.slack.gateway import NotFound, delivery_key
from storage import cards, outbox
from storage.database import Database, Transaction
from storage.outbox import Claim

log = structlog.get_logger()

CLAIMED_AT_ONCE = 50
LOOK_AGAIN = timedelta(seconds=1)


class Poster(Protocol):
    """What delivery needs of Slack."""

    async def post(
        self,
        channel: ChannelId,
        message: Rendered,
        *,
        key: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Outcome: ...

    async def find(
        self, channel: ChannelId, *, key: str, since: datetime, thread_ts: str | None
    ) -> NotFound | Outcome: ...

    async def join(self, channel: ChannelId) -> Outcome: ...


class Delivery:
    """Claims what is due and sends it; one message at a time per channel, the most urgent first."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        on_call: OnCallRoster,
        slack: Poster,
        names: Names,
        clock: Clock,
        pace: Pace,
        errands: Errands,
        changed: Signal,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._slack = slack
        self._names = names
        self._look = LastLook(database, book, on_call)
        self._clock = clock
        self._pace = pace
        self._errands = errands
        self._changed = changed

    async def __call__(self) -> datetime | None:
        """Starts what may be sent now; returns when to look again, None when nothing waits."""
        async with self._database.read() as tx:
            waiting = await outbox.wake_times(tx, self._workspace_id)
        now = self._clock.now()
        claims: Sequence[Claim] = ()
        if self._pace.may_post(now) and any(at <= now for at in waiting.values()):
            async with self._database.write() as tx:
                await outbox.expire_leases(tx, self._workspace_id, now=now, quiet_until=now + QUIET)
                claims = await outbox.claim(
                    tx, self._workspace_id, now=now, resting=self._pace.resting(now), limit=CLAIMED_AT_ONCE
                )
            for claim in claims:
                self._pace.post_started(claim.channel)
                self._errands.start(self._keep(claim))
            async with self._database.read() as tx:
                waiting = await outbox.wake_times(tx, self._workspace_id)
        # What is due but was not claimed stands behind an earlier message that is not settled yet.
        blocked_until = now if len(claims) == CLAIMED_AT_ONCE else now + LOOK_AGAIN
        return min(self._next_looks(waiting, now, blocked_until), default=None)

    def _next_looks(
        self, waiting: Mapping[ChannelId, datetime], now: datetime, blocked_until: datetime
    ) -> Iterator[datetime]:
        for channel, due_at in waiting.items():
            free_at = self._pace.free_at(channel, now)
            if free_at is not None:
                look_at = max(due_at, free_at)
                yield look_at if look_at > now else blocked_until

    async def _keep(self, claim: Claim) -> None:
        posted = False
        try:
            if claim.in_doubt_since is not None and await self._settle_doubt(claim):
                return
            situation = await self._look(claim)
            if situation.untrue_because is not None:
                await self._suppress(claim, situation.untrue_because)
                return
            posted = True
            await self._send(claim, situation)
        finally:
            self._pace.post_ended(claim.channel, self._clock.now(), posted=posted)
            self._changed()

    async def _settle_doubt(self, claim: Claim) -> bool:
        """Reads the channel back; whether that settles the promise for now. Not found means that it may be posted."""
        situation = await self._look(claim)
        found = await self._slack.find(
            claim.channel,
            key=self._key(claim),
            since=claim.first_attempt_at,
            thread_ts=situation.thread_ts,
        )
        now = self._clock.now()
        match found:
            case Delivered(ts=ts):
                log.info("delivery.adopted", promise=claim.key, ts=ts)
                await self._record(claim, after(found, attempts=claim.attempts, now=now), said=None, shown_version=0)
                return True
            case Limited(wait=wait):
                await self._record(claim, _still_unknown(now + wait, "ratelimited"))
                return True
            case Unreached(reason=reason) | InDoubt(reason=reason):
                await self._record(claim, _still_unknown(now + backoff(claim.attempts), reason))
                return True
            case NotFound() | Refused():
                # A channel that cannot be read (a missing scope, say) must not swallow a page: rather twice than never.
                return False

    async def _send(self, claim: Claim, situation: Situation) -> None:
        message = await self._quietened(situation, situation.rendered(self._clock.now()))
        outcome = await self._post(claim, message, situation)
        if isinstance(outcome, Refused) and outcome.error in MESSAGE_ERRORS:
            log.error("delivery.message_refused", promise=claim.key, error=outcome.error)
            message = await self._quietened(situation, situation.in_plain())
            outcome = await self._post(claim, message, situation)
        now = self._clock.now()
        if isinstance(outcome, Limited):
            self._pace.posts_rest(now + outcome.wait)
        log.info("delivery.outcome", promise=claim.key, outcome=type(outcome).__name__, attempt=claim.attempts)
        await self._record(
            claim,
            after(outcome, attempts=claim.attempts, now=now),
            said=message.text,
            shown_version=situation.shown_version,
        )

    async def _quietened(self, situation: Situation, message: Rendered) -> Rendered:
        """Only those whom the message is meant for are notified; everybody else is named."""
        allowed = situation.ringing
        others = [user for user in people_named(message) if user not in allowed]
        return quietly(message, await self._names.of(others), ringing=allowed)

    async def _post(self, claim: Claim, message: Rendered, situation: Situation) -> Outcome:
        async def post() -> Outcome:
            return await self._slack.post(
                claim.channel,
                message,
                key=self._key(claim),
                thread_ts=situation.thread_ts,
                broadcast=situation.broadcast,
            )

        outcome = await post()
        if outcome != Refused("not_in_channel"):
            return outcome
        match await self._slack.join(claim.channel):
            case Delivered():
                return await post()
            case Refused():
                return outcome
            case Limited() as later:
                return later
            case Unreached(reason=reason) | InDoubt(reason=reason):
                return Unreached(reason)  # the post itself was refused, so nothing is in doubt

    async def _suppress(self, claim: Claim, reason: str) -> None:
        now = self._clock.now()
        async with self._database.write() as tx:
            suppressed = NextState(state=PromiseState.SUPPRESSED, error=reason)
            if not await outbox.record(tx, claim, suppressed, said=None, now=now):
                return
            log.info("delivery.suppressed", promise=claim.key, reason=reason)
            if claim.incident_id is not None:
                fact = NotSent(promise=claim.key, reason=reason)
                await outbox.note(tx, claim.workspace_id, claim.incident_id, fact, now=now)

    async def _record(self, claim: Claim, state: NextState, *, said: str | None = None, shown_version: int = 0) -> None:
        now = self._clock.now()
        async with self._database.write() as tx:
            if not await outbox.record(tx, claim, state, said=said, now=now):
                log.warning("delivery.fenced_off", promise=claim.key, fence=claim.fence)
                return
            if state.state is PromiseState.SENT:
                await self._keep_card(tx, claim, state.message_ts or "", shown_version, now)
            elif state.state is PromiseState.FAILED:
                await self._give_up(tx, claim, state.error or "", now)

    async def _keep_card(self, tx: Transaction, claim: Claim, ts: str, shown_version: int, now: datetime) -> None:
        slot = None if isinstance(claim.message, Notice) else card_slot(claim.message)
        if slot is None:
            return
        # Locked, so that a change that commits meanwhile is seen here or sees this card.
        incident = await incident_of(tx, claim, lock=True)
        await cards.add(
            tx,
            claim.workspace_id,
            incident.id,
            slot=slot,
            channel=claim.channel,
            ts=ts,
            delivery_key=self._key(claim),
            shown_version=shown_version,
            wanted_version=incident.version,
            now=now,
        )

    async def _give_up(self, tx: Transaction, claim: Claim, error: str, now: datetime) -> None:
        """Somebody is told: what should have rung goes to the fallback channel, unless that is what failed."""
        if isinstance(claim.message, Notice):
            await self._give_up_notice(tx, claim, claim.message, error, now)
            return
        incident = await incident_of(tx, claim, lock=True)
        fallback = (await self._book.of(tx, incident.policy_version_id)).fallback_channel
        message = instead_of(claim.key, claim.message, claim.channel, error, incident)
        told = fallback if message is not None and claim.channel != fallback else None
        log.error("delivery.given_up", promise=claim.key, channel=claim.channel, error=error, told=told)
        fact = DeliveryFailed(promise=claim.key, channel=claim.channel, error=error, told=told)
        await outbox.note(tx, claim.workspace_id, incident.id, fact, now=now)
        if told is not None and message is not None:
            await outbox.promise(tx, claim.workspace_id, incident.id, _fallback(claim, told, message, now))

    async def _give_up_notice(self, tx: Transaction, claim: Claim, notice: Notice, error: str, now: datetime) -> None:
        """The pages that it rang for are silent, so it has to ring elsewhere."""
        fallback = self._book.current.policy.fallback_channel
        told = fallback if claim.channel != fallback else None
        log.error("delivery.given_up", promise=claim.key, channel=claim.channel, error=error, told=told)
        if told is not None:
            await outbox.promise(tx, claim.workspace_id, None, _fallback(claim, told, notice, now))

    def _key(self, claim: Claim) -> str:
        return delivery_key(claim.workspace_id, claim.key)


def _fallback(claim: Claim, channel: ChannelId, message: Message | Notice, now: datetime) -> Promise:
    return Promise(key=f"{claim.key}/fallback", lane=Lane.PAGE, channel=channel, deliver_at=now, message=message)


def _still_unknown(deliver_at: datetime, reason: str) -> NextState:
    return NextState(state=PromiseState.UNKNOWN, deliver_at=deliver_at, error=reason)
