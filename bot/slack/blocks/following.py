"""What people hear who follow an incident, or are to: how it stands now, and that they will hear more."""

from bot.catalogue import t
from bot.domain.incident import Incident
from bot.domain.message import FollowNotice
from bot.domain.policy import Policy
from bot.slack.blocks import buttons
from bot.slack.blocks.layout import header, message, section, sentence
from bot.slack.blocks.mrkdwn import user
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.stakeholders import brief_update, following, in_plain_words
from bot.slack.blocks.words import headline


def follow_notice(incident: Incident, policy: Policy, notice: FollowNotice) -> Rendered:
    """To somebody whom another person has follow it, directly."""
    why = t("{by} has you follow {key}: updates reach you here.", by=user(notice.by), key=incident.key)
    stands = f"{in_plain_words(incident, policy)} {following(incident, policy)}".strip()
    blocks = [header(headline(incident)), section(f"{why}\n{stands}"), *buttons.of_follower(incident)]
    return message(f"{why} {_stands(incident, policy)}", blocks)


def followed(incident: Incident, policy: Policy) -> Rendered:
    """To the person who wanted to follow it: what they would have read before."""
    return sentence(
        t(
            "You follow {key}: updates reach you directly. To stop: `/incident unfollow {key}`\n{stands}",
            key=incident.key,
            stands=_stands(incident, policy),
        )
    )


def has_follow(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who has somebody else follow it."""
    return sentence(t("They follow {key} now, and are told directly how it stands.", key=incident.key))


def unfollowed(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who wants no more of it."""
    return sentence(
        t("You do not follow {key} any more. `/incident show {key}` tells how it stands.", key=incident.key)
    )


def _stands(incident: Incident, policy: Policy) -> str:
    return " ".join(filter(None, [brief_update(incident, policy), following(incident, policy)]))
