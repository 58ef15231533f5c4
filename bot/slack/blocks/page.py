"""The urgent messages beside the card that ask somebody to take it: a page again, the alarms. Never edited."""

from typing import assert_never

from bot.domain.incident import Incident
from bot.domain.policy import Policy, Tier
from bot.domain.promise import ExhaustedAlarm, PageAgain, Undeliverable
from bot.domain.timeline import PageReason
from bot.slack.blocks import buttons
from bot.slack.blocks.mrkdwn import channel, cut, escape, one_line, time_of, user
from bot.slack.blocks.notice import asking, notice, then, who_has_it
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import (
    MESSAGES,
    count,
    message_name,
    sentence_case,
    tier_name,
    tier_of,
    tier_place,
)

REMEDY = {
    "channel_not_found": "The channel does not exist, or Tierline may not see it.",
    "is_archived": "The channel is archived.",
    "not_in_channel": "Tierline is not in that channel: please invite it.",
    "restricted_action": "Tierline may not post there.",
}


def page_again(incident: Incident, policy: Policy, page: PageAgain) -> Rendered:
    """The people of the tier, or one of them, once more."""
    tier = tier_of(incident, policy, page.tier)
    told = notice(
        incident,
        page.people or tier.people,
        _why_again(incident, policy, page, tier),
        f"It was opened {time_of(incident.opened_at)}.",
        then(incident, policy),
    )
    return asking(told, buttons.of_page(incident))


def _why_again(incident: Incident, policy: Policy, page: PageAgain, tier: Tier) -> str:
    match page.reason:
        case PageReason.REPEAT:
            repeat = policy.escalation(incident.routed_to).repeat
            of_all = "" if repeat is None else f" of {repeat.times}"
            return f"{incident.key} is still not acknowledged at {tier_name(tier)}: repeat {page.number}{of_all}."
        case PageReason.EXPIRED:
            return f"{incident.key} is open again at {tier_name(tier)}: whoever had it did not answer."
        case PageReason.PASSED_ON:
            return f"{_gave_up(incident)}, so {'you are' if page.people else f'{tier_name(tier)} is'} asked now."
        case PageReason.REOPENED:
            return f"{incident.key} was closed and is open again at {tier_name(tier)}: it is not over."
        case _:
            assert_never(page.reason)


def _gave_up(incident: Incident) -> str:
    by = f" by {user(incident.declined_by[-1])}" if incident.declined_by else ""
    return f"{incident.key} was passed on{by}"


def exhausted_alarm(incident: Incident, policy: Policy, alarm: ExhaustedAlarm) -> Rendered:
    """Every manager of the policy: nobody is left to page."""
    repeats = f" or {count(incident.repeats_sent, 'more page')}" if incident.repeats_sent else ""
    where = sentence_case(tier_place(tier_of(incident, policy, alarm.tier)))
    told = notice(
        incident,
        policy.escalation(incident.routed_to).managers,
        f"Nobody has {incident.key}. {where} is the last tier, and nobody answered its page{repeats}.",
        f"It was opened {time_of(incident.opened_at)} and stays there until somebody takes it.",
        "Please acknowledge it here, or reach somebody by phone.",
    )
    return asking(told, buttons.of_alarm(incident))


def undeliverable(incident: Incident, policy: Policy, failure: Undeliverable) -> Rendered:
    """For a page the people and managers of its tier, for anything else the managers, in the fallback channel."""
    tier = policy.escalation(failure.route).tier(failure.tier)
    what = message_name(failure.promise)
    error = cut(escape(one_line(failure.error)), 100)
    remedy = REMEDY.get(failure.error, "")
    if what == MESSAGES["stakeholders"]:
        return notice(
            incident,
            tier.managers,
            f"{sentence_case(what)} of {incident.key} could not be posted in {channel(failure.channel)}: "
            f"Slack says `{error}`.",
            remedy,
            "Please tell the stakeholders another way.",
        )
    told = notice(
        incident,
        (*tier.people, *tier.managers) if what == MESSAGES["page"] else tier.managers,
        f"{sentence_case(what)} of {incident.key} for {tier_name(tier)} could not be posted in "
        f"{channel(failure.channel)}: Slack says `{error}`.",
        remedy,
        who_has_it(incident) or "Please acknowledge it here, or tell the people there another way.",
    )
    return asking(told, buttons.of_alarm(incident))
