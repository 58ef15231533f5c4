"""What the thread is told from whose message an incident was opened."""

from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.mrkdwn import channel, user
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import name, tier_of, title


def opened_here(incident: Incident, policy: Policy) -> Rendered:
    """It is posted once and never edited: it says where it is now, and how to learn more later."""
    place = tier_of(incident, policy).channel
    where = "" if place is None else f"It is in {channel(place)}. "
    return sentence(
        f"{incident.key} was opened from here by {user(incident.opened_by)}: {title(incident)} "
        f"({incident.severity}, {name(incident.service)}). {where}`/incident show {incident.key}` tells how it stands."
    )
