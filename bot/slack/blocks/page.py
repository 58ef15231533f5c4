"""The urgent messages beside the card that ask somebody to take it: a page again, the alarms. Never edited."""

from typing import assert_never

from bot.catalogue import mark, n, t
from bot.domain.clocks import response_due_at
from bot.domain.incident import Incident
from bot.domain.message import ExhaustedAlarm, PageAgain, Undeliverable
from bot.domain.policy import Policy, Tier
from bot.domain.timeline import PageReason
from bot.slack.blocks import buttons
from bot.slack.blocks.mrkdwn import channel, cut, escape, one_line, time_of, user
from bot.slack.blocks.notice import asking, notice, then, who_has_it
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import (
    MESSAGES,
    message_name,
    sentence_case,
    tier_name,
    tier_of,
    tier_place,
)

REMEDY = {
    "channel_not_found": mark("The channel does not exist, or Tierline may not see it."),
    "is_archived": mark("The channel is archived."),
    "not_in_channel": mark("Tierline is not in that channel: please invite it."),
    "restricted_action": mark("Tierline may not post there."),
}


def page_again(incident: Incident, policy: Policy, page: PageAgain) -> Rendered:
    """The people of the tier, or one of them, once more."""
    tier = tier_of(incident, policy, page.tier)
    told = notice(
        incident,
        page.people or tier.people,
        _why_again(incident, policy, page, tier),
        t("It was opened {opened_at}.", opened_at=time_of(incident.opened_at)),
        then(incident, policy),
    )
    return asking(told, buttons.of_page(incident))


def _why_again(incident: Incident, policy: Policy, page: PageAgain, tier: Tier) -> str:
    match page.reason:
        case PageReason.REPEAT:
            repeat = policy.escalation(incident.routed_to).repeat
            of_all = "" if repeat is None else t(" of {times}", times=repeat.times)
            return t(
                "{key} is still not acknowledged at {tier_name}: repeat {number}{of_all}.",
                key=incident.key,
                tier_name=tier_name(tier),
                number=page.number,
                of_all=of_all,
            )
        case PageReason.EXPIRED:
            return t(
                "{key} is open again at {tier_name}: whoever had it did not answer.",
                key=incident.key,
                tier_name=tier_name(tier),
            )
        case PageReason.PASSED_ON:
            return t(
                "{gave_up}, so {who} asked now.",
                gave_up=_gave_up(incident),
                who=t("you are") if page.people else t("{tier_name} is", tier_name=tier_name(tier)),
            )
        case PageReason.REOPENED:
            return t(
                "{key} was closed and is open again at {tier_name}: it is not over.",
                key=incident.key,
                tier_name=tier_name(tier),
            )
        case _:
            assert_never(page.reason)


def _gave_up(incident: Incident) -> str:
    by = t(" by {declined_by}", declined_by=user(incident.declined_by[-1])) if incident.declined_by else ""
    return t("{key} was passed on{by}", key=incident.key, by=by)


def exhausted_alarm(incident: Incident, policy: Policy, alarm: ExhaustedAlarm) -> Rendered:
    """Every manager of the policy: nobody is left to page."""
    repeats = (
        t(" or {count}", count=n("{number} more page", "{number} more pages", incident.repeats_sent))
        if incident.repeats_sent
        else ""
    )
    where = sentence_case(tier_place(tier_of(incident, policy, alarm.tier)))
    told = notice(
        incident,
        policy.escalation(incident.routed_to).managers,
        t(
            "Nobody has {key}. {where} is the last tier, and nobody answered its page{repeats}.",
            key=incident.key,
            where=where,
            repeats=repeats,
        ),
        t("It was opened {opened_at} and stays there until somebody takes it.", opened_at=time_of(incident.opened_at)),
        t("Please acknowledge it here, or reach somebody by phone."),
    )
    return asking(told, buttons.of_alarm(incident))


def undeliverable(incident: Incident, policy: Policy, failure: Undeliverable) -> Rendered:
    """For a page the people and managers of its tier, for anything else the managers, in the fallback channel."""
    tier = policy.escalation(failure.route).tier(failure.tier)
    what = message_name(failure.promise)
    error = cut(escape(one_line(failure.error)), 100)
    remedy = t(REMEDY.get(failure.error, ""))
    if what == t(MESSAGES["stakeholders"]):
        return notice(
            incident,
            tier.managers,
            t(
                "{what} of {key} could not be posted in {channel}: Slack says `{error}`.",
                what=sentence_case(what),
                key=incident.key,
                channel=channel(failure.channel),
                error=error,
            ),
            remedy,
            t("Please tell the stakeholders another way."),
        )
    told = notice(
        incident,
        (*tier.people, *tier.managers) if what == t(MESSAGES["page"]) else tier.managers,
        t(
            "{what} of {key} for {tier_name} could not be posted in {channel}: Slack says `{error}`.",
            what=sentence_case(what),
            key=incident.key,
            tier_name=tier_name(tier),
            channel=channel(failure.channel),
            error=error,
        ),
        remedy,
        who_has_it(incident) or _asked_here(incident, policy),
    )
    return asking(told, buttons.of_alarm(incident))


def _asked_here(incident: Incident, policy: Policy) -> str:
    due = response_due_at(incident, policy)
    by = "" if due is None else t(" by {due}", due=time_of(due))
    return t("Please acknowledge it here{by}, or tell the people there another way.", by=by)
