"""What cannot be posted where it belongs: somebody is told, in the fallback channel and by another way than Slack."""

from datetime import datetime

import structlog

from bot.domain.ids import ChannelId, is_person
from bot.domain.message import Message
from bot.domain.notice import Notice, PagesElsewhere
from bot.domain.promise import Lane, Promise, instead_of, is_courtesy
from bot.domain.timeline import DeliveryFailed
from bot.services.elsewhere import Elsewhere
from bot.services.last_look import incident_of
from bot.services.policies import PolicyBook
from storage import outbox
from storage.database import Transaction
from storage.outbox import Claim

log = structlog.get_logger()


class GivingUp:
    """In the transaction that records the refusal: it is told, or it never happened."""

    def __init__(self, book: PolicyBook, elsewhere: Elsewhere) -> None:
        self._book = book
        self._elsewhere = elsewhere

    async def __call__(self, tx: Transaction, claim: Claim, error: str, now: datetime) -> None:
        """What should have rung goes to the fallback channel, unless that is what failed."""
        message = claim.message
        if isinstance(message, PagesElsewhere):
            raise TypeError(f"{claim.key} was not refused by Slack")
        if isinstance(message, Notice):
            fallback = self._book.current.policy.fallback_channel
            await self._tell(tx, claim, fallback if claim.channel != fallback else None, message, error, now)
            return
        incident = await incident_of(tx, claim, lock=True)
        fallback = (await self._book.of(tx, incident.policy_version_id)).fallback_channel
        instead = instead_of(claim.key, message, claim.channel, error, incident)
        told = fallback if instead is not None and claim.channel != fallback else None
        fact = DeliveryFailed(promise=claim.key, channel=claim.channel, error=error, told=told)
        await outbox.note(tx, claim.workspace_id, incident.id, fact, now=now)
        await self._tell(tx, claim, told, instead, error, now)

    async def _tell(
        self,
        tx: Transaction,
        claim: Claim,
        told: ChannelId | None,
        message: Message | Notice | None,
        error: str,
        now: datetime,
    ) -> None:
        note = log.info if is_courtesy(claim.message) else log.error
        note("delivery.given_up", promise=claim.key, channel=claim.channel, error=error, told=told)
        if told is not None and message is not None:
            promise = Promise(
                key=f"{claim.key}/fallback", lane=Lane.PAGE, channel=told, deliver_at=now, message=message
            )
            await outbox.promise(tx, claim.workspace_id, claim.incident_id, promise)
        if claim.lane is Lane.PAGE and not is_person(claim.channel):
            await self._elsewhere.promise_refused(tx, claim, error, now)
