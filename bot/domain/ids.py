"""Identities as types, so that a channel is never passed where a person is meant."""

from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
IncidentId = NewType("IncidentId", int)
PolicyVersionId = NewType("PolicyVersionId", int)
UserId = NewType("UserId", str)
ChannelId = NewType("ChannelId", str)

THE_BOT = UserId("tierline")
"""The author of what the clocks did: no Slack id looks like this."""

SOMEBODY = UserId("somebody")
"""Who acts in a simulation, or wrote as an app without a name: no Slack id looks like this either."""


def is_person(channel: ChannelId) -> bool:
    """Whether what is promised there goes to somebody directly: a person's id stands for their direct messages."""
    return channel.startswith(("U", "W"))
