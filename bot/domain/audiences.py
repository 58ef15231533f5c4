"""Who is kept informed of an incident: the stakeholders, other channels that the policy names, and who follows it."""

from collections.abc import Iterator

from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident
from bot.domain.message import THE_STAKEHOLDERS
from bot.domain.policy import Policy

Audience = tuple[ChannelId, ChannelId]
"""How it is called in promises and cards, and where it reads."""

MOST_FOLLOWERS = 200


def audiences(incident: Incident, policy: Policy) -> Iterator[Audience]:
    """The channels; what is private none of them hears of."""
    if incident.is_private:
        return
    yield THE_STAKEHOLDERS, policy.stakeholders(incident.service)
    for channel in policy.also_told.get(incident.service, ()):
        yield channel, channel


def followers(incident: Incident, *, but_for: UserId) -> Iterator[Audience]:
    """Each reads in direct messages, but for whoever did it and knows."""
    for person in incident.followers:
        if person != but_for:
            yield ChannelId(person), ChannelId(person)
