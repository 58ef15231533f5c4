"""A claim goes back when its sender stops: whoever comes next need not wait for the lease to run out."""

import asyncio
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.delivery import InDoubt, cut_short, next_post_at
from bot.services.errors import StorageError
from storage import outbox, pace
from storage.database import Database
from storage.outbox import Claim

log = structlog.get_logger()

WITHIN_SECONDS = 1.0
"""A stop waits no longer for it; what is not handed back by then belongs to nobody until its lease is over."""


async def hand_back(database: Database, claim: Claim, clock: Clock, *, posting_since: datetime | None) -> None:
    """`posting_since` is set when its post is under way, which may still arrive. What is recorded stays as it is."""
    now = clock.now()
    state = cut_short(posting=posting_since is not None, in_doubt=claim.in_doubt_since is not None, now=now)
    free_at = now if posting_since is None else next_post_at(InDoubt(""), started=posting_since, ended=now)
    try:
        async with asyncio.timeout(WITHIN_SECONDS), database.write() as tx:
            if not await outbox.record(tx, claim, state, said=None, now=now):
                return
            await pace.free_at(tx, claim.workspace_id, [claim.channel], free_at)
    except (StorageError, TimeoutError) as error:
        log.warning("delivery.not_handed_back", promise=claim.key, error=repr(error))
    else:
        log.info("delivery.handed_back", promise=claim.key, state=state.state.value)
