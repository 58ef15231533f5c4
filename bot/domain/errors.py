"""Refusals: what a person asked for cannot be done, and nothing was changed. The blocks put them in words."""

from datetime import datetime

from bot.domain.ids import UserId


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


class IncidentAlreadyResolved(Refusal):
    def __init__(self, key: str, *, by: UserId, at: datetime) -> None:
        super().__init__(f"{key} was resolved by {by} at {at:%H:%M} UTC")
        self.key, self.by, self.at = key, by, at


class IncidentMovedOn(Refusal):
    """The page that was clicked is no longer the present one; `by` is who moved the incident, None for the clock."""

    def __init__(self, key: str, *, tier: int, tier_name: str, since: datetime, by: UserId | None) -> None:
        super().__init__(f"{key} is at tier {tier} since {since:%H:%M} UTC")
        self.key, self.tier, self.tier_name, self.since, self.by = key, tier, tier_name, since, by


class NoNextTier(Refusal):
    def __init__(self, key: str, *, tier: int, tier_name: str, since: datetime) -> None:
        super().__init__(f"{key} is at the last tier ({tier_name}) since {since:%H:%M} UTC")
        self.key, self.tier, self.tier_name, self.since = key, tier, tier_name, since
