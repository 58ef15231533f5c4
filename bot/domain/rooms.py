"""A channel for one incident alone: when it has one, how that is called, who is in it, and what is to be done next."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.actions import CloseRoom, OpenRoom
from bot.domain.delivery import UNSETTLED, Budget, PromiseState
from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident
from bot.domain.policy import IncidentChannel, Mention, Policy
from bot.domain.transition import Transition, perform

NAME_LIMIT: Final = 80
"""Slack's, of a channel's name."""

SUFFIX_LIMIT: Final = len("-99")
PLACES: Final = ("number", "title", "severity", "service", "date")
"""What a pattern of names can hold in braces."""

MOST_NUMBERED: Final = 5
"""Of the names of a pattern so many are tried; then one that nobody else can have chosen."""

INVITED_AT_ONCE: Final = 100
TOPIC_EVERY: Final = timedelta(minutes=1)
LOOK_EVERY: Final = timedelta(minutes=5)
"""Also without a change: shifts end, and people join user groups."""

LEASE: Final = timedelta(seconds=30)
"""How long a channel belongs to the process that looks after it: long enough for three calls of Slack."""

CREATIONS: Final = Budget(method="conversations.create", calls=18)
ARCHIVINGS: Final = Budget(method="conversations.archive", calls=18)
TOPICS: Final = Budget(method="conversations.setTopic", calls=18)
BOOKMARKS: Final = Budget(method="bookmarks.add", calls=18)
BOOKMARK_EDITS: Final = Budget(method="bookmarks.edit", calls=18)
SEARCHES: Final = Budget(method="users.conversations", calls=18)
"""Slack: tier 2, 20 a minute; a few are left for others."""

INVITATIONS: Final = Budget(method="conversations.invite", calls=45)
BOOKMARK_READS: Final = Budget(method="bookmarks.list", calls=45)
"""Slack: tier 3, 50 a minute."""

FAREWELL_LOOK: Final = timedelta(seconds=5)

_PLACE = re.compile(r"\{([^{}]*)\}")
_OPAQUE = re.compile(r"inc-\d+-[0-9a-f]{8}")
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i", "ß": "ss", "ä": "ae",
     "ö": "oe", "ü": "ue"}
)  # fmt: skip
"""Letters that are no plain letter with a mark, and those that are written with two letters instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Where a message is that shows how the incident stands."""

    channel: ChannelId
    ts: str

    @property
    def place(self) -> str:
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is known of an incident's channel. Without a `channel` it is still to be made.

    `attempts` counts how often one called `name` may have been made without our hearing of it. `invited` are all who
    ever were: who left is not called back. `bookmarked` is the place of the card that is bookmarked.
    """

    name: str
    channel: ChannelId | None = None
    created_at: datetime | None = None
    invited: tuple[UserId, ...] = ()
    topic: str = ""
    topic_set_at: datetime | None = None
    bookmark_id: str | None = None
    bookmarked: str | None = None
    archived_at: datetime | None = None
    failed_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the channel should be, as far as others know that: who is in it, its topic, the card it leads to."""

    people: Sequence[UserId]
    topic: str
    card: Card | None
    farewell: PromiseState | None = None
    """What became of the last message; None before it is promised."""


@dataclass(frozen=True, slots=True)
class Make:
    """A channel called so. `look_first`: it may be there already."""

    name: str
    private: bool
    look_first: bool


@dataclass(frozen=True, slots=True)
class Invite:
    people: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class SetTopic:
    topic: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    card: Card


@dataclass(frozen=True, slots=True)
class Close:
    """Say the last words."""


@dataclass(frozen=True, slots=True)
class Archive:
    """They are said."""


Task = Make | Invite | SetTopic | Bookmark | Close | Archive


def tasks(room: Room, incident: Incident, policy: Policy, wanted: Wanted, now: datetime) -> Sequence[Task]:
    """What is to be done now, the most important first."""
    rule = policy.incident_channel
    if rule is None or room.archived_at is not None:
        return ()
    if room.channel is None:
        in_doubt = room.attempts > 0
        private = rule.private or incident.is_private
        return (Make(room.name, private, look_first=in_doubt),) if in_doubt or not incident.is_over else ()
    closes_at = _closes_at(incident, rule)
    if closes_at is not None and closes_at <= now:
        return _closing(wanted.farewell)
    return tuple(_keeping(room, incident, wanted, now))


def look_at(room: Room, incident: Incident, policy: Policy, wanted: Wanted, now: datetime) -> datetime | None:
    """When something may be to do without another change of the incident; None when never."""
    rule = policy.incident_channel
    if rule is None or room.archived_at is not None or (room.channel is None and incident.is_over):
        return None
    instants = [now + LOOK_EVERY if not incident.is_over else None, _closes_at(incident, rule)]
    if room.topic_set_at is not None and room.topic != wanted.topic:
        instants.append(room.topic_set_at + TOPIC_EVERY)
    return max(min(instant for instant in instants if instant is not None), now + FAREWELL_LOOK)


def people_of(
    incident: Incident, tier_people: Sequence[Mention], members: Mapping[str, Collection[UserId]]
) -> Sequence[UserId]:
    """Who belongs into the channel: who has it first. `members` has those of each user group."""
    people: list[str | None] = [incident.assignee, incident.opened_by]
    for slack_id in (*(person.slack_id for person in tier_people), *incident.managers_told):
        people.extend(sorted(members[slack_id]) if slack_id in members else [slack_id])
    followers = incident.followers if incident.is_private else ()
    everybody = dict.fromkeys((*people, *followers))
    return [UserId(person) for person in everybody if person is not None and person[:1] in ("U", "W")]


def name_of(incident: Incident, rule: IncidentChannel) -> str:
    """The pattern filled in, of what Slack takes in a name; a long title is cut after a word."""
    values = {
        "number": str(incident.number),
        "severity": incident.severity.value,
        "service": slug(incident.service),
        "date": f"{incident.opened_at:%Y%m%d}",
    }
    around = _trimmed(_PLACE.sub(lambda place: values.get(place[1], ""), rule.name))
    room_for_title = NAME_LIMIT - SUFFIX_LIMIT - len(around) - len("--")
    values["title"] = _shortened(slug(incident.title), room_for_title)
    name = _trimmed(_PLACE.sub(lambda place: values.get(place[1], ""), rule.name))
    return name[: NAME_LIMIT - SUFFIX_LIMIT] or f"inc-{incident.number}"


def next_name(taken: str, incident: Incident, rule: IncidentChannel) -> str:
    """What to try when `taken` is somebody else's, or was this incident's before: `-2`, `-3`…, then a random one."""
    base = name_of(incident, rule)
    if taken == base:
        return f"{base}-2"
    number = taken.removeprefix(f"{base}-")
    if number.isdecimal() and int(number) < MOST_NUMBERED:
        return f"{base}-{int(number) + 1}"
    if not number.isdecimal() and not _OPAQUE.fullmatch(taken):
        return base  # its severity, and with that its pattern's name, is another by now
    digest = hashlib.sha256(f"{incident.workspace_id}/{incident.id}/{taken}".encode()).hexdigest()
    return f"inc-{incident.number}-{digest[:8]}"


def slug(text: str) -> str:
    """Small letters, digits and hyphens, with accents taken off; empty for a text in another script."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).lower().translate(_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def open_room(incident: Incident, policy: Policy, now: datetime, *, channel: ChannelId, card: str = "") -> Transition:
    return perform(incident, policy, (OpenRoom(channel=channel, card=card),), now)


def close_room(incident: Incident, policy: Policy, now: datetime, *, channel: ChannelId) -> Transition:
    return perform(incident, policy, (CloseRoom(channel=channel),), now)


def _closes_at(incident: Incident, rule: IncidentChannel) -> datetime | None:
    return None if incident.over_at is None else incident.over_at + rule.archive_after


def _closing(farewell: PromiseState | None) -> Sequence[Task]:
    if farewell is None:
        return (Close(),)
    return () if farewell in UNSETTLED else (Archive(),)


def _keeping(room: Room, incident: Incident, wanted: Wanted, now: datetime) -> Iterator[Task]:
    missing = [] if incident.is_over else [person for person in wanted.people if person not in room.invited]
    if missing:
        yield Invite(tuple(missing[:INVITED_AT_ONCE]))
    topic_is_due = room.topic_set_at is None or room.topic_set_at + TOPIC_EVERY <= now
    if room.topic != wanted.topic and topic_is_due:
        yield SetTopic(wanted.topic)
    if wanted.card is not None and room.bookmarked != wanted.card.place:
        yield Bookmark(wanted.card)


def _trimmed(name: str) -> str:
    """Without the hyphens that an empty place leaves behind."""
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9_-]", "", name.lower())).strip("-_")


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    whole_words, _, _ = text[: max(limit, 0) + 1].rpartition("-")
    return whole_words or text[: max(limit, 0)]
