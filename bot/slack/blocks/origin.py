"""What the thread is told from whose message an incident was opened."""

from bot.catalogue import t
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.mrkdwn import channel, user
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import name, tier_of, title


def opened_here(incident: Incident, policy: Policy) -> Rendered:
    """It is posted once and never edited: it says where it is now, and how to learn more later."""
    place = tier_of(incident, policy).channel
    where = "" if place is None else t("It is in {place}. ", place=channel(place))
    return sentence(
        t(
            "{key} was opened from here by {opened_by}: {incident} ({severity}, {service}). "
            "{where}`/incident show {key}` tells how it stands.",
            key=incident.key,
            opened_by=user(incident.opened_by),
            incident=title(incident),
            severity=incident.severity,
            service=name(incident.service),
            where=where,
        )
    )
