"""Refusals: what a person asked for cannot be done, and nothing was changed. The blocks put them in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.ids import UserId
from bot.domain.policy import Role, Verb


class Refusal(Exception):
    """Something was asked that cannot be done; it carries what the answer needs."""


class InvalidIncident(Refusal):
    """What was given does not make an incident; the text says what is missing."""


class IncidentNotFound(Refusal):
    def __init__(self, key: str) -> None:
        super().__init__(f"there is no {key}")
        self.key = key


class IncidentAlreadyAcknowledged(Refusal):
    def __init__(self, key: str, *, by: UserId, at: datetime) -> None:
        super().__init__(f"{key} was acknowledged by {by} at {at:%H:%M} UTC")
        self.key, self.by, self.at = key, by, at


class IncidentAlreadyOver(Refusal):
    """Resolved or cancelled; `ending` says which."""

    def __init__(self, key: str, *, ending: str, by: UserId, at: datetime) -> None:
        super().__init__(f"{key} was {ending} by {by} at {at:%H:%M} UTC")
        self.key, self.ending, self.by, self.at = key, ending, by, at


class IncidentNotOver(Refusal):
    """Only what is over can be reopened."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is not over")
        self.key = key


class IncidentOnHold(Refusal):
    """A pause goes before an acknowledgement; `by` is who holds it."""

    def __init__(self, key: str, *, by: UserId, until: datetime) -> None:
        super().__init__(f"{key} is on hold by {by} until {until:%H:%M} UTC")
        self.key, self.by, self.until = key, by, until


class IncidentNotOnHold(Refusal):
    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is not on hold")
        self.key = key


class InvalidHold(Refusal):
    """The review lies in the past or too far ahead; `longest` is how long a hold may last."""

    def __init__(self, key: str, *, longest: timedelta) -> None:
        super().__init__(f"{key} cannot be held until then")
        self.key, self.longest = key, longest


class SameSeverity(Refusal):
    def __init__(self, key: str, *, severity: str) -> None:
        super().__init__(f"{key} is {severity} already")
        self.key, self.severity = key, severity


class AlreadyAssigned(Refusal):
    def __init__(self, key: str, *, to: UserId) -> None:
        super().__init__(f"{to} has {key} already")
        self.key, self.to = key, to


class AlreadyPinned(Refusal):
    """The story has that message already."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} has that message in its story already")
        self.key = key


class NothingAsked(Refusal):
    """Nobody has it: the time to say that they are still on it ran out, or nobody took it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"nobody has {key}")
        self.key = key


class NotTheirs(Refusal):
    """Somebody else has it, and only they can pass it on."""

    def __init__(self, key: str, *, assignee: UserId) -> None:
        super().__init__(f"{assignee} has {key}")
        self.key, self.assignee = key, assignee


class UnknownTier(Refusal):
    """No tier of that name or number can hold an incident; `known` are the names of those that can."""

    def __init__(self, key: str, *, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"{asked} is not a tier of {key}")
        self.key, self.asked, self.known = key, asked, tuple(known)


class AlreadyThere(Refusal):
    """It is at the tier that was asked for."""

    def __init__(self, key: str, *, tier: int, tier_name: str, since: datetime) -> None:
        super().__init__(f"{key} is at tier {tier} since {since:%H:%M} UTC")
        self.key, self.tier, self.tier_name, self.since = key, tier, tier_name, since


class InvalidDuplicate(Refusal):
    """An incident cannot be a duplicate of itself or of one that does not exist."""

    def __init__(self, key: str, *, of: int) -> None:
        super().__init__(f"{key} cannot be a duplicate of INC-{of}")
        self.key, self.of = key, of


class AlreadyFollowing(Refusal):
    def __init__(self, key: str, *, who: UserId) -> None:
        super().__init__(f"{who} follows {key} already")
        self.key, self.who = key, who


class NobodyToTakeIt(Refusal):
    """They are the bot itself, which neither has an incident nor follows one."""

    def __init__(self, key: str, *, who: UserId) -> None:
        super().__init__(f"{who} is no person for {key}")
        self.key, self.who = key, who


class NotFollowing(Refusal):
    def __init__(self, key: str) -> None:
        super().__init__(f"they do not follow {key}")
        self.key = key


class TooManyFollowers(Refusal):
    """As many follow it as can, which is `limit`."""

    def __init__(self, key: str, *, limit: int) -> None:
        super().__init__(f"{limit} people follow {key}")
        self.key, self.limit = key, limit


class NotAllowed(Refusal):
    """The policy keeps the verb to some people; `roles` says to whom."""

    def __init__(self, key: str, *, verb: Verb, roles: Sequence[Role]) -> None:
        super().__init__(f"{verb} of {key} is for {', '.join(roles)}")
        self.key, self.verb, self.roles = key, verb, tuple(roles)


class IncidentMovedOn(Refusal):
    """The page that was clicked is no longer the present one; `by` is who moved the incident, None for the clock."""

    def __init__(self, key: str, *, tier: int, tier_name: str, since: datetime, by: UserId | None) -> None:
        super().__init__(f"{key} is at tier {tier} since {since:%H:%M} UTC")
        self.key, self.tier, self.tier_name, self.since, self.by = key, tier, tier_name, since, by


class NoNextTier(Refusal):
    def __init__(self, key: str, *, tier: int, tier_name: str, since: datetime) -> None:
        super().__init__(f"{key} is at the last tier ({tier_name}) since {since:%H:%M} UTC")
        self.key, self.tier, self.tier_name, self.since = key, tier, tier_name, since


class NotAskedForFeedback(Refusal):
    """Only those who were affected are asked what they thought."""

    def __init__(self, key: str) -> None:
        super().__init__(f"they are not asked about {key}")
        self.key = key


class AlreadyHeard(Refusal):
    """They said what they thought of it before."""

    def __init__(self, key: str) -> None:
        super().__init__(f"they were heard about {key}")
        self.key = key
