"""What is said in the channel of one incident alone: at its beginning, at its end, and in its topic."""

from bot.catalogue import t
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import RoomWelcome
from bot.domain.policy import Policy
from bot.slack.blocks.card import description, in_text, whole_title
from bot.slack.blocks.layout import header, message, section, sentence
from bot.slack.blocks.mrkdwn import channel, cut, escape, link, one_line
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import about, ending, headline, name, standing, tier_name, tier_of

TOPIC_LIMIT = 250
BOOKMARK_LIMIT = 100


def room_welcome(incident: Incident, policy: Policy, welcome: RoomWelcome) -> Rendered:
    """The summary of the incident, and where its state is kept current."""
    where = _where(incident, policy, welcome)
    purpose = t(
        "This channel is for {key} alone: `/incident` typed here is about it. {where}", key=incident.key, where=where
    )
    blocks = [
        header(headline(incident)),
        *whole_title(incident),
        section(standing(incident, policy)),
        *description(incident),
        section(purpose),
    ]
    spoken = [about(incident), standing(incident, policy), in_text(incident.description), purpose]
    return message(" ".join(filter(None, spoken)), blocks)


def room_farewell(incident: Incident) -> Rendered:
    return sentence(
        t(
            "{about} {ending} It has been over for a while, so this channel is archived now. All of it "
            "can still be read and searched. Should it start again, `/incident reopen {key}` with a "
            "reason opens it, and it gets a new channel.",
            about=about(incident),
            ending=ending(incident),
            key=incident.key,
        )
    )


def topic(incident: Incident, policy: Policy, holder: str | None) -> str:
    """`sev1 checkout · acknowledged by Ana Ruiz · tier 2 (platform)`: plain text, so that `holder` is a name."""
    parts = [f"{incident.severity} {name(incident.service)}", _state(incident, holder)]
    if not incident.is_over:
        parts.append(tier_name(tier_of(incident, policy)))
    return cut(" · ".join(parts), TOPIC_LIMIT)


def bookmark_title(incident: Incident) -> str:
    return cut(escape(t("{key}: how it stands", key=incident.key)), BOOKMARK_LIMIT)


def _where(incident: Incident, policy: Policy, welcome: RoomWelcome) -> str:
    at = tier_of(incident, policy).channel
    place = "" if at is None else t(" in {at}", at=channel(at))
    return t("How it stands is kept current on {link}{place}.", link=link(welcome.card, t("its card")), place=place)


def _state(incident: Incident, holder: str | None) -> str:
    by = "" if holder is None else t(" by {holder}", holder=escape(one_line(holder)))
    match incident.state:
        case IncidentState.OPEN:
            return t("nobody has it yet") if incident.first_acknowledged_at is None else t("nobody has it")
        case IncidentState.ACKNOWLEDGED:
            return f"acknowledged{by}"
        case IncidentState.ON_HOLD:
            return t("on hold") if holder is None else t("on hold, with {holder}", holder=escape(one_line(holder)))
        case IncidentState.RESOLVED:
            return f"resolved{by}"
        case IncidentState.CANCELLED:
            return f"cancelled{by}"
