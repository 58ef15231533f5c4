"""Keeping promises: each message is looked at once more, posted, and recorded; after a doubt it is looked for first."""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import (
    POSTS,
    QUIET,
    READS,
    SWEEPS,
    THREAD_READS,
    Budget,
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
    next_post_at,
    why,
)
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.notice import Notice, PagesElsewhere
from bot.domain.promise import is_courtesy
from bot.domain.slack_errors import Meaning, meaning_of
from bot.domain.slot import card_slot
from bot.domain.timeline import NotSent
from bot.services.errands import Errands
from bot.services.giving_up import GivingUp
from bot.services.hand_back import hand_back
from bot.services.health import Health, Part
from bot.services.last_look import LastLook, Situation, incident_of
from bot.services.people import Names
from bot.services.signal import News, Signal
from bot.slack.blocks.quiet import people_named, quietly
from bot.slack.blocks.rendered import Rendered
from bot.slack.gateway import NotFound
from bot.slack.marks import delivery_key
from storage import cards, outbox, pace
from storage.database import Database, Transaction
from storage.outbox import Claim

log = structlog.get_logger()

CLAIMED_AT_ONCE = 50
SOON = timedelta(milliseconds=50)


class LeaseOver(Exception):
    """The promise is not ours any more."""


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
        look: LastLook,
        giving_up: GivingUp,
        slack: Poster,
        names: Names,
        clock: Clock,
        errands: Errands,
        health: Health,
        changed: Signal,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._look = look
        self._giving_up = giving_up
        self._slack = slack
        self._names = names
        self._clock = clock
        self._errands = errands
        self._health = health
        self._changed = changed
        self._posting: dict[int, datetime] = {}

    async def __call__(self) -> datetime | None:
        """Starts what may be sent now; returns when to look again, None when nothing waits."""
        now = self._clock.now()
        async with self._database.read() as tx:
            waiting = await outbox.wake_times(tx, self._workspace_id, now=now)
        if not any(at <= now for at in waiting):
            return min(waiting, default=None)
        async with self._database.write() as tx:
            await outbox.expire_leases(tx, self._workspace_id, now=now, quiet_until=now + QUIET)
            allowed = await pace.allowance(tx, self._workspace_id, POSTS, now=now)
            limit = min(allowed.calls, CLAIMED_AT_ONCE)
            claims = await outbox.claim(tx, self._workspace_id, now=now, limit=limit) if limit else ()
            if claims:
                await pace.count(tx, self._workspace_id, POSTS, allowed, len(claims), now=now)
        for claim in claims:
            self._errands.start(self._keep(claim))
        async with self._database.read() as tx:
            waiting = await outbox.wake_times(tx, self._workspace_id, now=now)
        if not limit:
            return max(allowed.more_at, now + SOON)
        if len(claims) == CLAIMED_AT_ONCE:
            return now
        # What is due but was not claimed stands behind an earlier message: once that is settled, this is woken.
        return min((at for at in waiting if at > now), default=None)

    async def _keep(self, claim: Claim) -> None:
        try:
            if claim.in_doubt_since is not None and await self._settle_doubt(claim):
                return
            situation = await self._look(claim)
            if situation.untrue_because is not None:
                await self._suppress(claim, situation.untrue_because)
                return
            await self._send(claim, situation)
        except LeaseOver:
            log.warning("delivery.lease_over", promise=claim.key, fence=claim.fence)
        except asyncio.CancelledError:
            await hand_back(self._database, claim, self._clock, posting_since=self._posting.get(claim.id))
            raise
        finally:
            self._posting.pop(claim.id, None)
            self._changed(News.MESSAGES)

    async def _settle_doubt(self, claim: Claim) -> bool:
        """Reads the channel back; whether that settles the promise for now. Not found means that it may be posted."""
        situation = await self._look(claim)
        budget = THREAD_READS if situation.thread_ts else READS
        may_read_at = await self._may_read_at(budget)
        if may_read_at is not None:
            await self._record(claim, _still_unknown(may_read_at, "waits to be looked for"), free_at=self._clock.now())
            return True
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
                await self._record(claim, after(found, attempts=claim.attempts, now=now), free_at=now)
                return True
            case Limited(wait=wait):
                await self._record(
                    claim, _still_unknown(now + wait, "ratelimited"), free_at=now, rest=(budget, now + wait)
                )
                return True
            case Unreached(reason=reason) | InDoubt(reason=reason):
                self._note_health(found)
                await self._record(claim, _still_unknown(now + backoff(claim.attempts), reason), free_at=now)
                return True
            case NotFound() | Refused():
                # A channel that cannot be read (a missing scope, say) must not swallow a page: rather twice than never.
                return False

    async def _may_read_at(self, budget: Budget) -> datetime | None:
        """None when the channel may be read back now; that is counted then."""
        now = self._clock.now()
        async with self._database.write() as tx:
            allowed = await pace.allowance(tx, self._workspace_id, budget, now=now)
            if allowed.calls:
                await pace.count(tx, self._workspace_id, budget, allowed, 1, now=now)
        return None if allowed.calls else max(allowed.more_at, now + SOON)

    async def _send(self, claim: Claim, situation: Situation) -> None:
        message = await self._quietened(situation, situation.rendered(self._clock.now()))
        # From here on, until its outcome is recorded, a stop leaves the message in doubt.
        started = self._posting[claim.id] = self._clock.now()
        outcome = await self._post(claim, message, situation)
        if isinstance(outcome, Refused) and meaning_of(outcome.error) is Meaning.MESSAGE:
            log.error("delivery.message_refused", promise=claim.key, error=outcome.error)
            message = await self._quietened(situation, situation.in_plain())
            outcome = await self._post(claim, message, situation)
        now = self._clock.now()
        log.info(
            "delivery.outcome",
            promise=claim.key,
            outcome=type(outcome).__name__,
            why=why(outcome),
            attempt=claim.attempts,
        )
        self._note_health(outcome)
        await self._record(
            claim,
            after(outcome, attempts=claim.attempts, now=now),
            said=message.text,
            shown_version=situation.shown_version,
            free_at=next_post_at(outcome, started=started, ended=now),
            rest=(POSTS, now + outcome.wait) if isinstance(outcome, Limited) else None,
        )

    def _note_health(self, outcome: object) -> None:
        """A token that Slack does not accept is the operator's; whatever else it answers, it accepts the token."""
        if isinstance(outcome, Unreached) and meaning_of(outcome.reason) is Meaning.LOCKED_OUT:
            self._health.ill(Part.SLACK, f"Slack answers {outcome.reason}: give the bot a valid SLACK_BOT_TOKEN.")
        elif not isinstance(outcome, Unreached | InDoubt):
            self._health.well(Part.SLACK)

    async def _quietened(self, situation: Situation, message: Rendered) -> Rendered:
        """Only those whom the message is meant for are notified; everybody else is named."""
        allowed = situation.ringing
        others = [user for user in people_named(message) if user not in allowed]
        return quietly(message, await self._names.of(others), ringing=allowed)

    async def _post(self, claim: Claim, message: Rendered, situation: Situation) -> Outcome:
        async def post() -> Outcome:
            if self._clock.now() >= claim.leased_until:
                raise LeaseOver  # this process slept, and somebody else has it by now
            return await self._slack.post(
                claim.channel,
                message,
                key=self._key(claim),
                thread_ts=situation.thread_ts,
                broadcast=situation.broadcast,
            )

        outcome = await post()
        if outcome != Refused("not_in_channel") or is_courtesy(claim.message):
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
            await pace.free_at(tx, self._workspace_id, [claim.channel], now)
            log.info("delivery.suppressed", promise=claim.key, reason=reason)
            if claim.incident_id is not None:
                fact = NotSent(promise=claim.key, reason=reason)
                await outbox.note(tx, claim.workspace_id, claim.incident_id, fact, now=now)

    async def _record(
        self,
        claim: Claim,
        state: NextState,
        *,
        free_at: datetime,
        said: str | None = None,
        shown_version: int = 0,
        rest: tuple[Budget, datetime] | None = None,
    ) -> None:
        """What became of it, when the channel is free again, and the pause that Slack asked for: as one."""
        now = self._clock.now()
        async with self._database.write() as tx:
            if rest is not None:
                await pace.rest(tx, self._workspace_id, rest[0].method, rest[1])
            sweep_at = now + SWEEPS[0] if state.state is PromiseState.SENT and claim.fence > 1 else None
            if not await outbox.record(tx, claim, state, said=said, now=now, sweep_at=sweep_at):
                log.warning("delivery.fenced_off", promise=claim.key, fence=claim.fence)
                return
            await pace.free_at(tx, self._workspace_id, [claim.channel], free_at)
            if state.state is PromiseState.SENT:
                await self._keep_card(tx, claim, state.message_ts or "", shown_version, now)
            elif state.state is PromiseState.FAILED:
                await self._giving_up(tx, claim, state.error or "", now)

    async def _keep_card(self, tx: Transaction, claim: Claim, ts: str, shown_version: int, now: datetime) -> None:
        slot = None if isinstance(claim.message, Notice | PagesElsewhere) else card_slot(claim.message)
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

    def _key(self, claim: Claim) -> str:
        return delivery_key(claim.workspace_id, claim.key)


def _still_unknown(deliver_at: datetime, reason: str) -> NextState:
    return NextState(state=PromiseState.UNKNOWN, deliver_at=deliver_at, error=reason)
