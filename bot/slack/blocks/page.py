"""The urgent messages beside the card: a page again, a breach, the alarms. They ring, and are never edited."""

from collections.abc import Sequence

from bot.domain.escalation import repeat_due_at
from bot.domain.incident import Incident
from bot.domain.policy import Mention, Policy
from bot.domain.promise import BreachNotice, ExhaustedAlarm, PageAgain, Undeliverable
from bot.slack.blocks import buttons
from bot.slack.blocks.layout import message, quote, section
from bot.slack.blocks.mrkdwn import channel, cut, duration, escape, mentions, one_line, time_of, user
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import (
    MENTIONS_IN_TEXT,
    MENTIONS_SHOWN,
    MESSAGES,
    WORTH_TELLING,
    about,
    count,
    headline,
    message_name,
    on_repeat,
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
    """The people of the last tier, once more."""
    tier = tier_of(incident, policy, page.tier)
    repeat = policy.escalation(incident.service).repeat
    of_all = "" if repeat is None else f" of {repeat.times}"
    return _urgent(
        incident,
        tier.people,
        f"{incident.key} is still not acknowledged at {tier_name(tier)}: repeat {page.number}{of_all}.",
        f"It has been open since {time_of(incident.opened_at)}.",
        _then(incident, policy),
    )


def breach_notice(incident: Incident, policy: Policy, breach: BreachNotice) -> Rendered:
    """The managers of the tier that did not answer: since when, how late, and who is asked now.

    It has no button: the card of the tier that has it now does, and this one would stay behind.
    """
    tier = tier_of(incident, policy, breach.tier)
    target = policy.targets(incident.severity).ack_within
    return _notice(
        incident,
        tier.managers,
        f"{incident.key} was not acknowledged at {tier_name(tier)}.",
        f"It waited there since {time_of(breach.due_at - target)}; "
        f"the {duration(target)} ran out {time_of(breach.due_at)}{_noticed_late(breach)}.",
        _where_it_is(incident, policy, breach.tier),
    )


def exhausted_alarm(incident: Incident, policy: Policy, alarm: ExhaustedAlarm) -> Rendered:
    """Every manager of the policy: nobody is left to page."""
    tier = tier_of(incident, policy, alarm.tier)
    repeats = f" or {count(incident.repeats_sent, 'more page')}" if incident.repeats_sent else ""
    return _urgent(
        incident,
        policy.escalation(incident.service).managers,
        f"Nobody has {incident.key}. {sentence_case(tier_place(tier))} is the last tier, and nobody answered "
        f"its page{repeats}.",
        f"It has been open since {time_of(incident.opened_at)}, and no other page will go out.",
        "Please acknowledge it here, or reach somebody by phone.",
    )


def undeliverable(incident: Incident, policy: Policy, failure: Undeliverable) -> Rendered:
    """For a page the people and managers of its tier, for anything else the managers, in the fallback channel."""
    tier = tier_of(incident, policy, failure.tier)
    what = message_name(failure.promise)
    error = cut(escape(one_line(failure.error)), 100)
    remedy = REMEDY.get(failure.error, "")
    if what == MESSAGES["stakeholders"]:
        return _notice(
            incident,
            tier.managers,
            f"{sentence_case(what)} of {incident.key} could not be posted in {channel(failure.channel)}: "
            f"Slack says `{error}`.",
            remedy,
            "Please tell the stakeholders another way.",
        )
    return _urgent(
        incident,
        (*tier.people, *tier.managers) if what == MESSAGES["page"] else tier.managers,
        f"{sentence_case(what)} of {incident.key} for {tier_name(tier)} could not be posted in "
        f"{channel(failure.channel)}: Slack says `{error}`.",
        remedy,
        _who_has_it(incident) or "Please acknowledge it here, or tell the people there another way.",
    )


def _urgent(incident: Incident, people: Sequence[Mention], *sentences: str) -> Rendered:
    """With a button: whoever it rings is to take it here and now."""
    notice = _notice(incident, people, *sentences)
    return Rendered(text=notice.text, blocks=[*notice.blocks, *buttons.of_page(incident)])


def _notice(incident: Incident, people: Sequence[Mention], *sentences: str) -> Rendered:
    text = " ".join(filter(None, sentences))
    blocks = [section(f"{mentions(people, MENTIONS_SHOWN)} {text}".strip()), quote(headline(incident), 500)]
    return message(f"{mentions(people, MENTIONS_IN_TEXT)} {about(incident)} {text}".strip(), blocks)


def _then(incident: Incident, policy: Policy) -> str:
    due = repeat_due_at(incident, policy)
    return "" if due is None else f"{sentence_case(on_repeat(incident, policy, due))}."


def _where_it_is(incident: Incident, policy: Policy, breached: int) -> str:
    if incident.tier != breached:
        has_it = _who_has_it(incident)
        where = f"It is now at {tier_place(tier_of(incident, policy))} since {time_of(incident.tier_entered_at)}."
        return f"{where} {has_it}".strip()
    return _who_has_it(incident) or f"It stays here, the last tier. {_then(incident, policy)}".strip()


def _who_has_it(incident: Incident) -> str:
    return "" if incident.assignee is None else f"{user(incident.assignee)} has it now."


def _noticed_late(breach: BreachNotice) -> str:
    late = breach.breached_at - breach.due_at
    return f", noticed {duration(late)} late" if late >= WORTH_TELLING else ""
