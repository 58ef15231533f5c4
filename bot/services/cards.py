"""Keeping cards current: each shows the newest version of its incident, whatever happened in between."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import (
    EDITS,
    LEASE,
    QUIET,
    Delivered,
    InDoubt,
    Limited,
    Outcome,
    Refused,
    Unreached,
    backoff,
)
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.timeline import DeliveryFailed
from bot.services.errands import Errands
from bot.services.on_call import OnCallBook
from bot.services.policies import PolicyBook
from bot.services.signal import News, Signal
from bot.slack.blocks.message import render_card
from bot.slack.blocks.rendered import Rendered
from storage import cards, incidents, outbox, pace
from storage.cards import Card
from storage.database import Database

log = structlog.get_logger()

EDIT_SAME_CARD_EVERY = timedelta(seconds=1)
SOON = timedelta(milliseconds=50)


class Editor(Protocol):
    """What card keeping needs of Slack."""

    async def edit(self, channel: ChannelId, ts: str, message: Rendered, *, key: str) -> Outcome: ...


class CardKeeper:
    """Edits stale cards within Slack's pace. An edit whose outcome is in doubt is simply done again.

    It is done once more when the quiet period is over: what was given up on may land after what came later.
    """

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        on_call: OnCallBook,
        slack: Editor,
        clock: Clock,
        errands: Errands,
        changed: Signal,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._on_call = on_call
        self._slack = slack
        self._clock = clock
        self._errands = errands
        self._changed = changed

    async def __call__(self) -> datetime | None:
        """Starts the edits that may be made now; returns when to look again, None when every card is current."""
        now = self._clock.now()
        next_at = await self._next_edit_at()
        if next_at is None or next_at > now:
            return next_at
        claimed, more_at = await self._claim(now)
        for card in claimed:
            self._errands.start(self._edit(card, leased_until=now + LEASE))
        next_at = await self._next_edit_at()
        return max(next_at, more_at) if next_at is not None else None

    async def _claim(self, now: datetime) -> tuple[Sequence[Card], datetime]:
        """The cards to edit now, and when more may be edited."""
        async with self._database.write() as tx:
            allowed = await pace.allowance(tx, self._workspace_id, EDITS, now=now)
            if not allowed.calls:
                return (), max(allowed.more_at, now + SOON)
            claimed = await cards.claim_stale(tx, self._workspace_id, now=now, limit=allowed.calls)
            if claimed:
                await pace.count(tx, self._workspace_id, EDITS, allowed, len(claimed), now=now)
            return claimed, now

    async def _next_edit_at(self) -> datetime | None:
        async with self._database.read() as tx:
            return await cards.next_edit_at(tx, self._workspace_id)

    async def _edit(self, card: Card, *, leased_until: datetime) -> None:
        try:
            async with self._database.read() as tx:
                incident = (await incidents.by_ids(tx, [card.incident_id]))[card.incident_id]
                policy = await self._book.of(tx, incident.policy_version_id)
            staffed = self._on_call.roster(policy, incident.routed_to, incident.paged_at)
            message = render_card(card.slot, incident, staffed)
            if self._clock.now() >= leased_until:
                log.warning("card.lease_over", incident_id=card.incident_id, slot=card.slot)
                return  # this process slept, and somebody else has shown more than it knows
            outcome = await self._slack.edit(card.channel, card.ts, message, key=card.delivery_key)
            await self._record(card, outcome, incident.version)
        finally:
            self._changed(News.CARDS)

    async def _record(self, card: Card, outcome: Outcome, version: int) -> None:
        now = self._clock.now()
        async with self._database.write() as tx:
            match outcome:
                case Delivered() if card.in_doubt:
                    await cards.record_shown(tx, card, version=version - 1, edit_at=now + QUIET)
                case Delivered():
                    await cards.record_shown(tx, card, version=version, edit_at=now + EDIT_SAME_CARD_EVERY)
                case Limited(wait=wait):
                    await pace.rest(tx, self._workspace_id, EDITS.method, now + wait)
                    await cards.record_not_shown(tx, card, edit_at=now + wait, error=cards.LIMITED)
                case Unreached(reason=reason) | InDoubt(reason=reason):
                    await cards.record_not_shown(tx, card, edit_at=now + backoff(card.attempts), error=reason)
                case Refused(error=error):
                    log.error("card.lost", incident_id=card.incident_id, slot=card.slot, error=error)
                    fact = DeliveryFailed(promise=f"card/{card.slot}", channel=card.channel, error=error, told=None)
                    # The incident before its card, as every change does: the other way round they could deadlock.
                    await outbox.note(tx, self._workspace_id, card.incident_id, fact, now=now)
                    await cards.forget(tx, card)
