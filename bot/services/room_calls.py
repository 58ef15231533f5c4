"""What Slack allows and what it answers, for the channels of incidents: paced by all processes together."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog

from bot.clock import Clock
from bot.domain.delivery import POST_TIMEOUT, Budget, Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import WorkspaceId
from bot.domain.incident import Incident
from bot.domain.rooms import Room
from storage import incident_channels, pace
from storage.database import Database
from storage.incident_channels import Claim

log = structlog.get_logger()

SLACK_AWAY = timedelta(seconds=30)
REFUSED_FOR = timedelta(hours=1)
"""What Slack refuses the bot, or a channel that is gone: somebody has to change that first."""

NOBODY_WAITS = timedelta(milliseconds=50)

GONE = frozenset({"channel_not_found", "is_archived", "method_not_supported_for_channel_type", "not_in_channel"})
"""People archived or deleted the channel, or took the bot out of it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What is known of the channel now."""

    room: Room


@dataclass(frozen=True, slots=True)
class Later:
    """Not before `at`. `blocks`: nothing else can be done with the channel until then either.

    `error` is empty when Slack was not asked. `refused` is the method that Slack does not let the bot call, for this
    channel or any other.
    """

    room: Room
    at: datetime
    error: str
    blocks: bool = False
    refused: str | None = None


class RoomCalls:
    def __init__(self, database: Database, workspace_id: WorkspaceId, clock: Clock) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._clock = clock

    async def may_call(self, budget: Budget, claim: Claim, *, attempt: bool = False) -> Later | None:
        """None when it may be called now; that is counted then, with an `attempt` to make the channel."""
        now = self._clock.now()
        if now + POST_TIMEOUT > claim.leased_until:
            return Later(claim.room, now, "no time left")
        async with self._database.write() as tx:
            allowed = await pace.allowance(tx, self._workspace_id, budget, now=now)
            if not allowed.calls:
                at = max(allowed.more_at, now + NOBODY_WAITS)
                return Later(claim.room, at, "")
            if attempt and not await incident_channels.count_attempt(tx, claim):
                return Later(claim.room, now, "somebody else looks after it")
            await pace.count(tx, self._workspace_id, budget, allowed, 1, now=now)
        return None

    async def not_done(self, budget: Budget, outcome: Outcome, room: Room, incident: Incident) -> Done | Later:
        now = self._clock.now()
        match outcome:
            case Limited(wait=wait):
                await self._rest(budget, now + wait)
                return Later(room, now + wait, "ratelimited")
            case Unreached(reason=reason) | InDoubt(reason=reason):
                return Later(room, now + SLACK_AWAY, reason, blocks=True)
            case Refused(error=error) if error in GONE:
                log.warning("incident_channel.gone", incident=incident.key, channel=room.channel, error=error)
                if incident.is_over:
                    return Done(replace(room, archived_at=now))
                return Later(replace(room, failed_at=now), now + REFUSED_FOR, error, blocks=True)
            case Refused(error=error):
                fix = "update the app from manifest.yml and install it again, or let apps do this in Slack's settings"
                log.error("incident_channel.refused", method=budget.method, error=error, incident=incident.key, fix=fix)
                await self._rest(budget, now + REFUSED_FOR)
                return Later(replace(room, failed_at=now), now + REFUSED_FOR, error, refused=budget.method)
            case Delivered():
                return Done(room)
            case _:
                assert_never(outcome)

    async def _rest(self, budget: Budget, until: datetime) -> None:
        async with self._database.write() as tx:
            await pace.rest(tx, self._workspace_id, budget.method, until)
