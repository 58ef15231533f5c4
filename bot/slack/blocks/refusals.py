"""Each refusal in one sentence or two: what is so, who was first, what to do."""

from collections.abc import Sequence

from bot.catalogue import mark, t
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
    NobodyToTakeIt,
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
    Verb.OPEN: mark("open an incident"),
    Verb.ACKNOWLEDGE: mark("acknowledge {key}"),
    Verb.ESCALATE: mark("escalate {key}"),
    Verb.ASSIGN: mark("assign {key}"),
    Verb.HOLD: mark("put {key} on hold"),
    Verb.RESUME: mark("resume {key}"),
    Verb.SEVERITY: mark("change the severity of {key}"),
    Verb.UPDATE: mark("tell the stakeholders of {key}"),
    Verb.NOTE: mark("write a note about {key}"),
    Verb.RESOLVE: mark("resolve {key}"),
    Verb.REOPEN: mark("reopen {key}"),
    Verb.CANCEL: mark("cancel {key}"),
    Verb.FOLLOW: mark("follow {key}"),
}

WHO = {
    Role.ASSIGNEE: mark("the assignee"),
    Role.REPORTER: mark("whoever opened it"),
    Role.TIER: mark("the tier's people"),
    Role.MANAGERS: mark("managers"),
    Role.ADMINS: mark("admins"),
    Role.ANYONE: mark("anyone"),
}
"""In the order in which they are best asked."""


def refusal_text(refusal: Refusal) -> str:
    """mrkdwn for the person who asked."""
    match refusal:
        case IncidentNotFound(key=key):
            return t("There is no {words} here. `/incident list` shows what is open.", words=_words(key))
        case NotAllowed(key=key, verb=verb, roles=roles):
            return _not_allowed(key, verb, roles)
        case UnknownTier(key=key, asked=asked, known=known):
            return _unknown_tier(key, asked, known)
        case InvalidDuplicate(key=key, of=of):
            itself = key == f"INC-{of}"
            why = t("an incident is no duplicate of itself") if itself else t("there is no INC-{of} here", of=of)
            return t("{key} was not cancelled: {why}. `/incident list` shows what is open.", key=key, why=why)
        case IncidentMovedOn() | NoNextTier() | AlreadyThere():
            return _of_the_tier(refusal)
        case _:
            return _of_the_state(refusal)


def _of_the_state(refusal: Refusal) -> str:
    """Somebody was faster, or there is nothing to do."""
    match refusal:
        case IncidentAlreadyAcknowledged(key=key, by=by, at=at):
            return t("{key} was already acknowledged by {by} {at}.", key=key, by=user(by), at=time_of(at))
        case IncidentAlreadyOver(key=key, ending=ending, by=by, at=at):
            return t(
                "{key} was already {ending} by {by} {at}. If it is not over: `/incident reopen {key} why`",
                key=key,
                ending=ending,
                by=user(by),
                at=time_of(at),
            )
        case IncidentNotOver(key=key):
            return t(
                "{key} is not over, so there is nothing to reopen. `/incident show {key}` tells how it stands.", key=key
            )
        case IncidentOnHold(key=key, by=by, until=until):
            return t(
                "{by} put {key} on hold until {until}. `/incident resume {key}` goes on with it.",
                by=user(by),
                key=key,
                until=time_of(until),
            )
        case IncidentNotOnHold(key=key):
            return t("{key} is not on hold; it goes on already. `/incident show {key}` tells how it stands.", key=key)
        case InvalidHold(key=key, longest=longest):
            return t(
                "{key} was not put on hold: the end of a hold lies ahead, and at most {longest} ahead. For "
                "example: `/incident hold {key} 2h why`",
                key=key,
                longest=duration(longest),
            )
        case SameSeverity(key=key, severity=severity):
            return t("{key} is {severity} already. Nothing was changed.", key=key, severity=name(severity))
        case AlreadyHeard(key=key):
            return t("What you thought of {key} is noted already. Thank you!", key=key)
        case NotAskedForFeedback(key=key):
            return t(
                "Only those who reported {key} or follow it are asked about it. To write a note: "
                "`/incident note {key} …`",
                key=key,
            )
        case AlreadyAssigned(key=key, to=to):
            return t("{to} has {key} already. Nothing was changed.", to=user(to), key=key)
        case AlreadyFollowing(key=key, who=who):
            return t("{who} follows {key} already: updates reach them directly.", who=user(who), key=key)
        case NobodyToTakeIt(key=key, who=who):
            return t("{who} is this bot; {key} needs a person. Nothing was changed.", who=user(who), key=key)
        case NotFollowing(key=key):
            return t(
                "You do not follow {key}, so there is nothing to stop. To follow it: `/incident follow {key}`", key=key
            )
        case TooManyFollowers(key=key, limit=limit):
            return t(
                "{limit} people follow {key} already, and no more can. `/incident show {key}` tells how it stands.",
                limit=limit,
                key=key,
            )
        case AlreadyPinned(key=key):
            return t("That message is in the story of {key} already: `/incident timeline {key}` shows it.", key=key)
        case NothingAsked(key=key):
            return t("Nobody has {key} now: the time to answer is over. To take it: `/incident ack {key}`", key=key)
        case NotTheirs(key=key, assignee=assignee):
            return t(
                "{assignee} has {key}, and only they can say so. To give it to somebody else: `/incident "
                "assign {key} @name`",
                assignee=user(assignee),
                key=key,
            )
        case _:
            return _words(t(str(refusal)))


def _of_the_tier(refusal: IncidentMovedOn | NoNextTier | AlreadyThere) -> str:
    where = t(
        "{tier}, {tier_name}, since {since}",
        tier=refusal.tier,
        tier_name=name(refusal.tier_name),
        since=time_of(refusal.since),
    )
    match refusal:
        case IncidentMovedOn(key=key, tier=tier, by=by):
            how = t("moved by {by}", by=user(by)) if by is not None else t("moved by the clock") if tier > 1 else ""
            return t(
                "{key} is already at tier {where}{how}. Nothing was changed; please use its newest message.",
                key=key,
                where=where,
                how=how and f" ({how})",
            )
        case AlreadyThere(key=key):
            return t("{key} is already at tier {where}. Nothing was changed.", key=key, where=where)
        case NoNextTier(key=key):
            return t(
                "{key} is already at its last tier, {where}. Please acknowledge it, reach somebody directly, "
                "or name where to: `/incident escalate {key} to …`",
                key=key,
                where=where,
            )


def _not_allowed(key: str, verb: Verb, roles: Sequence[Role]) -> str:
    doing = t(DOING[verb], key=key)
    allowed = [t(who) for role, who in WHO.items() if role in roles]
    if not allowed:
        return t("The policy lets nobody {doing}. Nothing was changed; an admin can change the policy.", doing=doing)
    *others, last = allowed
    who = t("{listed} and {last}", listed=", ".join(others), last=last) if others else last
    return t("Only {who} can {doing}. Nothing was changed; please ask one of them.", who=who, doing=doing)


def _unknown_tier(key: str, asked: str, known: Sequence[str]) -> str:
    names = ", ".join(name(each) for each in known[:NAMES_SHOWN])
    more = t(" and {known} more", known=len(known) - NAMES_SHOWN) if len(known) > NAMES_SHOWN else ""
    listed = t(" Choose one of: {names}{more}.", names=names, more=more) if names else ""
    return t(
        "“{asked}” is not a tier or a service that {key} can go to.{listed}", asked=name(asked), key=key, listed=listed
    )


def _words(text: str) -> str:
    return cut(escape(one_line(text)), WORDS_LIMIT) or t("That cannot be done.")
