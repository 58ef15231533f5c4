"""Each refusal in one sentence or two: what is so, who was first, what to do."""

from collections.abc import Sequence

from bot.domain.errors import (
    AlreadyAssigned,
    AlreadyFollowing,
    AlreadyHeard,
    AlreadyPinned,
    AlreadyThere,
    IncidentAlreadyAcknowledged,
    IncidentAlreadyOver,
    IncidentMovedOn,
    IncidentNotFound,
    IncidentNotOnHold,
    IncidentNotOver,
    IncidentOnHold,
    InvalidDuplicate,
    InvalidHold,
    NoNextTier,
    NotAllowed,
    NotAskedForFeedback,
    NotFollowing,
    NothingAsked,
    NotTheirs,
    Refusal,
    SameSeverity,
    TooManyFollowers,
    UnknownTier,
)
from bot.domain.policy import Role, Verb
from bot.slack.blocks.mrkdwn import cut, duration, escape, one_line, time_of, user
from bot.slack.blocks.words import name

WORDS_LIMIT = 500
NAMES_SHOWN = 10

DOING = {
    Verb.OPEN: "open an incident",
    Verb.ACKNOWLEDGE: "acknowledge {key}",
    Verb.ESCALATE: "escalate {key}",
    Verb.ASSIGN: "assign {key}",
    Verb.HOLD: "put {key} on hold",
    Verb.RESUME: "resume {key}",
    Verb.SEVERITY: "change the severity of {key}",
    Verb.UPDATE: "tell the stakeholders of {key}",
    Verb.NOTE: "write a note about {key}",
    Verb.RESOLVE: "resolve {key}",
    Verb.REOPEN: "reopen {key}",
    Verb.CANCEL: "cancel {key}",
    Verb.FOLLOW: "follow {key}",
}

WHO = {
    Role.ASSIGNEE: "the assignee",
    Role.REPORTER: "who opened it",
    Role.TIER: "the tier's people",
    Role.MANAGERS: "managers",
    Role.ADMINS: "admins",
    Role.ANYONE: "anyone",
}
"""In the order in which they are best asked."""


def refusal_text(refusal: Refusal) -> str:
    """mrkdwn for the person who asked."""
    match refusal:
        case IncidentNotFound(key=key):
            return f"There is no {_words(key)} here. `/incident list` shows what is open."
        case NotAllowed(key=key, verb=verb, roles=roles):
            return _not_allowed(key, verb, roles)
        case UnknownTier(key=key, asked=asked, known=known):
            return _unknown_tier(key, asked, known)
        case InvalidDuplicate(key=key, of=of):
            itself = key == f"INC-{of}"
            why = "an incident is no duplicate of itself" if itself else f"there is no INC-{of} here"
            return f"{key} was not cancelled: {why}. `/incident list` shows what is open."
        case IncidentMovedOn() | NoNextTier() | AlreadyThere():
            return _of_the_tier(refusal)
        case _:
            return _of_the_state(refusal)


def _of_the_state(refusal: Refusal) -> str:
    """Somebody was faster, or there is nothing to do."""
    match refusal:
        case IncidentAlreadyAcknowledged(key=key, by=by, at=at):
            return f"{key} was already acknowledged by {user(by)} {time_of(at)}."
        case IncidentAlreadyOver(key=key, ending=ending, by=by, at=at):
            return (
                f"{key} was already {ending} by {user(by)} {time_of(at)}. "
                f"If it is not over: `/incident reopen {key} why`"
            )
        case IncidentNotOver(key=key):
            return f"{key} is not over, so there is nothing to reopen. `/incident show {key}` tells how it stands."
        case IncidentOnHold(key=key, by=by, until=until):
            return f"{user(by)} put {key} on hold until {time_of(until)}. `/incident resume {key}` goes on with it."
        case IncidentNotOnHold(key=key):
            return f"{key} is not on hold; it goes on already. `/incident show {key}` tells how it stands."
        case InvalidHold(key=key, longest=longest):
            return (
                f"{key} was not put on hold: the end of a hold lies ahead, and at most {duration(longest)} ahead. "
                f"For example: `/incident hold {key} 2h why`"
            )
        case SameSeverity(key=key, severity=severity):
            return f"{key} is {name(severity)} already. Nothing was changed."
        case AlreadyHeard(key=key):
            return f"What you thought of {key} is noted already. Thank you!"
        case NotAskedForFeedback(key=key):
            return f"Only who reported {key} and who follows it are asked about it. A note: `/incident note {key} …`"
        case AlreadyAssigned(key=key, to=to):
            return f"{user(to)} has {key} already. Nothing was changed."
        case AlreadyFollowing(key=key, who=who):
            return f"{user(who)} follows {key} already: updates reach them directly."
        case NotFollowing(key=key):
            return f"You do not follow {key}, so there is nothing to stop. To follow it: `/incident follow {key}`"
        case TooManyFollowers(key=key, limit=limit):
            return f"{limit} people follow {key} already, and no more can. `/incident show {key}` tells how it stands."
        case AlreadyPinned(key=key):
            return f"That message is in the story of {key} already: `/incident timeline {key}` shows it."
        case NothingAsked(key=key):
            return f"Nobody has {key} now: the time to answer is over. To take it: `/incident ack {key}`"
        case NotTheirs(key=key, assignee=assignee):
            return (
                f"{user(assignee)} has {key}, and only they can say so. To give it to somebody else: "
                f"`/incident assign {key} @name`"
            )
        case _:
            return _words(str(refusal))


def _of_the_tier(refusal: IncidentMovedOn | NoNextTier | AlreadyThere) -> str:
    where = f"{refusal.tier}, {name(refusal.tier_name)}, since {time_of(refusal.since)}"
    match refusal:
        case IncidentMovedOn(key=key, tier=tier, by=by):
            how = f"moved by {user(by)}" if by is not None else "moved by the clock" if tier > 1 else ""
            return (
                f"{key} is already at tier {where}{how and f' ({how})'}. "
                "Nothing was changed; please use its newest message."
            )
        case AlreadyThere(key=key):
            return f"{key} is already at tier {where}. Nothing was changed."
        case NoNextTier(key=key):
            return (
                f"{key} is already at its last tier, {where}. "
                f"Please acknowledge it, reach somebody directly, or name where to: `/incident escalate {key} to …`"
            )


def _not_allowed(key: str, verb: Verb, roles: Sequence[Role]) -> str:
    doing = DOING[verb].format(key=key)
    allowed = [who for role, who in WHO.items() if role in roles]
    if not allowed:
        return f"The policy lets nobody {doing}. Nothing was changed; an admin can change the policy."
    *others, last = allowed
    who = f"{', '.join(others)} and {last}" if others else last
    return f"Only {who} can {doing}. Nothing was changed; please ask one of them."


def _unknown_tier(key: str, asked: str, known: Sequence[str]) -> str:
    names = ", ".join(name(each) for each in known[:NAMES_SHOWN])
    more = f" and {len(known) - NAMES_SHOWN} more" if len(known) > NAMES_SHOWN else ""
    listed = f" Choose one of: {names}{more}." if names else ""
    return f"“{name(asked)}” is not a tier or a service that {key} can go to.{listed}"


def _words(text: str) -> str:
    return cut(escape(one_line(text)), WORDS_LIMIT) or "That cannot be done."
