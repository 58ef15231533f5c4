"""Doing one task in the channel of an incident: within Slack's limits, and so that a doubt never makes two of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import QUIET, Delivered, InDoubt, Outcome, Refused
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import IncidentChannel
from bot.domain.rooms import (
    ARCHIVINGS,
    BOOKMARK_EDITS,
    BOOKMARK_READS,
    BOOKMARKS,
    CREATIONS,
    INVITATIONS,
    SEARCHES,
    TOPICS,
    Archive,
    Bookmark,
    Card,
    Invite,
    Make,
    Room,
    SetTopic,
    next_name,
)
from bot.services.room_calls import SLACK_AWAY, Done, Later, RoomCalls
from bot.slack.blocks.rooms import bookmark_title
from bot.slack.calls import SlackUnavailable
from bot.slack.channels import Link, OwnChannel
from storage import incidents
from storage.database import Database
from storage.incident_channels import Claim

log = structlog.get_logger()

MADE_BEFORE = timedelta(minutes=10)
"""Slack's clock is not ours: a channel may seem to be that much older than its incident."""

OF_ONE_PERSON = frozenset({
    "cant_invite", "cant_invite_self", "org_user_not_in_team", "ura_max_channels", "user_disabled",
    "user_is_restricted", "user_is_ultra_restricted", "user_not_found", "user_not_visible",
})  # fmt: skip
"""Somebody cannot be invited; everybody else can."""

OF_THE_NAME = frozenset({
    "invalid_name", "invalid_name_maxlength", "invalid_name_punctuation", "invalid_name_required",
    "invalid_name_specials", "name_taken",
})  # fmt: skip

IN_VAIN = frozenset({"not_found", "too_long", "too_many_bookmarks", "too_many_tabs"})
"""It cannot be shown there, and the incident goes on without."""


class Channels(Protocol):
    """What is asked of Slack."""

    async def create(self, name: str, *, private: bool) -> Outcome: ...

    async def own(self) -> Sequence[OwnChannel]: ...

    async def invite(self, channel: ChannelId, people: Sequence[UserId]) -> Outcome: ...

    async def set_topic(self, channel: ChannelId, topic: str) -> Outcome: ...

    async def bookmarks(self, channel: ChannelId) -> Sequence[Link]: ...

    async def add_bookmark(self, channel: ChannelId, title: str, address: str) -> Outcome: ...

    async def edit_bookmark(self, channel: ChannelId, bookmark_id: str, title: str, address: str) -> Outcome: ...

    async def archive(self, channel: ChannelId) -> Outcome: ...


class Links(Protocol):
    async def permalink(self, channel: ChannelId, ts: str) -> str | None:
        """None when Slack does not give one."""
        ...


class RoomTasks:
    """`bot_user` is empty while Slack has not said who the bot is."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        bot_user: UserId,
        slack: Channels,
        links: Links,
        clock: Clock,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._bot_user = bot_user
        self._slack = slack
        self._links = links
        self._clock = clock
        self._calls = RoomCalls(database, workspace_id, clock)

    async def address_of(self, card: Card | None) -> str:
        """Empty without a card, and when Slack does not give an address."""
        return "" if card is None else await self._links.permalink(card.channel, card.ts) or ""

    async def make(self, task: Make, claim: Claim, incident: Incident, rule: IncidentChannel) -> Done | Later:
        """In doubt whether it was made before it is looked for first, and adopted."""
        room = claim.room
        if task.look_first:
            found = await self._found(task.name, claim, incident)
            if found is not None:
                return found
            if incident.is_over:
                return Done(replace(room, attempts=0))
        if (later := await self._calls.may_call(CREATIONS, claim, attempt=True)) is not None:
            return later
        outcome = await self._slack.create(task.name, private=task.private)
        match outcome:
            case Delivered(ts=channel):
                return self._made(room, ChannelId(channel))
            case Refused(error="name_taken") if task.look_first:  # it may have been made in this very moment
                found = await self._found(task.name, claim, incident)
                return found or Done(replace(room, name=next_name(task.name, incident, rule), attempts=0))
            case Refused(error=error) if error in OF_THE_NAME:
                log.info("incident_channel.name_refused", incident=incident.key, error=error)
                return Done(replace(room, name=next_name(task.name, incident, rule), attempts=0))
            case InDoubt(reason=reason):
                return Later(replace(room, attempts=room.attempts + 1), self._clock.now() + QUIET, reason)
            case _:
                return await self._calls.not_done(CREATIONS, outcome, room, incident)

    async def invite(self, task: Invite, claim: Claim, channel: ChannelId, incident: Incident) -> Done | Later:
        if (later := await self._calls.may_call(INVITATIONS, claim)) is not None:
            return later
        outcome = await self._slack.invite(channel, task.people)
        match outcome:
            case Delivered():
                return Done(_with(claim.room, task.people))
            case Refused(error=error) if error in OF_ONE_PERSON and len(task.people) == 1:
                log.info("incident_channel.not_invited", incident=incident.key, user=task.people[0], error=error)
                return Done(_with(claim.room, task.people))
            case Refused(error=error) if error in OF_ONE_PERSON:
                return await self._invite_each(task, claim, channel, incident)
            case _:
                return await self._calls.not_done(INVITATIONS, outcome, claim.room, incident)

    async def _invite_each(self, task: Invite, claim: Claim, channel: ChannelId, incident: Incident) -> Done | Later:
        """One by one, as many as there is time for."""
        invited: list[UserId] = []
        for person in task.people:
            done = await self.invite(Invite((person,)), claim, channel, incident)
            if isinstance(done, Later):
                return (
                    replace(done, room=_with(done.room, invited)) if not invited else Done(_with(claim.room, invited))
                )
            invited.append(person)
        return Done(_with(claim.room, invited))

    async def set_topic(self, task: SetTopic, claim: Claim, channel: ChannelId, incident: Incident) -> Done | Later:
        if (later := await self._calls.may_call(TOPICS, claim)) is not None:
            return later
        outcome = await self._slack.set_topic(channel, task.topic)
        if isinstance(outcome, Delivered) or _is_in_vain(outcome):
            return Done(replace(claim.room, topic=task.topic, topic_set_at=self._clock.now()))
        return await self._calls.not_done(TOPICS, outcome, claim.room, incident)

    async def bookmark(self, task: Bookmark, claim: Claim, channel: ChannelId, incident: Incident) -> Done | Later:
        """One that is there already is led elsewhere; one whose making was in doubt is found again."""
        room, place = claim.room, task.card.place
        address = await self.address_of(task.card)
        if not address:
            return Later(room, self._clock.now() + SLACK_AWAY, "no permalink")
        bookmark_id = room.bookmark_id or await self._bookmark_of(incident, claim, channel)
        if isinstance(bookmark_id, Done | Later):
            return bookmark_id
        budget = BOOKMARK_EDITS if bookmark_id else BOOKMARKS
        if (later := await self._calls.may_call(budget, claim)) is not None:
            return later
        title = bookmark_title(incident)
        if bookmark_id:
            outcome = await self._slack.edit_bookmark(channel, bookmark_id, title, address)
        else:
            outcome = await self._slack.add_bookmark(channel, title, address)
        match outcome:
            case Delivered(ts=made):
                return Done(replace(room, bookmark_id=bookmark_id or made, bookmarked=place))
            case Refused() if _is_in_vain(outcome):
                return Done(replace(room, bookmark_id=None, bookmarked=place))
            case _:
                return await self._calls.not_done(budget, outcome, room, incident)

    async def archive(self, task: Archive, claim: Claim, channel: ChannelId, incident: Incident) -> Done | Later:
        if (later := await self._calls.may_call(ARCHIVINGS, claim)) is not None:
            return later
        outcome = await self._slack.archive(channel)
        if isinstance(outcome, Delivered):
            return Done(replace(claim.room, archived_at=self._clock.now()))
        return await self._calls.not_done(ARCHIVINGS, outcome, claim.room, incident)

    async def _found(self, name: str, claim: Claim, incident: Incident) -> Done | Later | None:
        """A channel of ours that is called so, and is no incident's yet; None when there is none."""
        if (later := await self._calls.may_call(SEARCHES, claim)) is not None:
            return later
        try:
            own = await self._slack.own()
        except SlackUnavailable as error:
            return await self._calls.not_done(SEARCHES, error.outcome, claim.room, incident)
        ours = [channel for channel in own if channel.name == name and self._is_ours(channel, incident)]
        async with self._database.read() as tx:
            for channel in ours:
                if await incidents.of_room(tx, self._workspace_id, channel.id) is None:
                    log.info("incident_channel.adopted", incident=incident.key, channel=channel.id)
                    return self._made(claim.room, channel.id)
        return None

    def _is_ours(self, channel: OwnChannel, incident: Incident) -> bool:
        since = incident.opened_at - MADE_BEFORE
        return channel.creator in ("", self._bot_user or channel.creator) and channel.created_at >= since

    def _made(self, room: Room, channel: ChannelId) -> Done:
        return Done(replace(room, channel=channel, created_at=self._clock.now(), attempts=0, failed_at=None))

    async def _bookmark_of(self, incident: Incident, claim: Claim, channel: ChannelId) -> str | Done | Later | None:
        if (later := await self._calls.may_call(BOOKMARK_READS, claim)) is not None:
            return later
        try:
            found = await self._slack.bookmarks(channel)
        except SlackUnavailable as error:
            return await self._calls.not_done(BOOKMARK_READS, error.outcome, claim.room, incident)
        title = bookmark_title(incident)
        return next((each.id for each in found if each.title == title), None)


def _with(room: Room, people: Sequence[UserId]) -> Room:
    return replace(room, invited=(*room.invited, *people))


def _is_in_vain(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.error in IN_VAIN
