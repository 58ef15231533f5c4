"""Who is on call now, service by service: the answer to `/incident oncall`."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.catalogue import t
from bot.domain.on_call import Shift, ShiftsOf, on_duty, on_duty_until
from bot.domain.policy import EscalationPolicy, OnCall, OnCallFeed, Policy, Tier
from bot.slack.blocks.explanation import paragraphs
from bot.slack.blocks.layout import context, header, message
from bot.slack.blocks.mrkdwn import channel, mentions, time_of
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import name

POLICIES_SHOWN = 20
PEOPLE_SHOWN = 400


def on_call_now(policy: Policy, service: str | None, now: datetime, shifts_of: ShiftsOf) -> Rendered:
    """Of one service, or of all: those that follow the same policy together."""
    asked = policy.services if service is None else {service: policy.escalation(service)}
    together: dict[str, list[str]] = {}
    for each, escalation in asked.items():
        together.setdefault(escalation.name, []).append(each)
    blocks: list[Block] = [header(t("On call"))]
    for services in list(together.values())[:POLICIES_SHOWN]:
        blocks.extend(paragraphs(list(duty_lines(policy.escalation(services[0]), services, now, shifts_of))))
    more = len(together) - POLICIES_SHOWN
    text = (
        t("Who is on call now.") if service is None else t("Who is on call for {service} now.", service=name(service))
    )
    also = t(" {more} more policies are not shown; name a service to see its own.", more=more) if more > 0 else ""
    return message(text, [*blocks, context(t("As of {now}.{also}", now=time_of(now), also=also))])


def duty_lines(
    escalation: EscalationPolicy, services: Sequence[str], now: datetime, shifts_of: ShiftsOf
) -> Iterator[str]:
    """Tier by tier, under the names of the services that follow the policy."""
    yield f"*{', '.join(name(service) for service in services)}*"
    for tier in escalation.tiers:
        if tier.channel is not None:
            yield t(
                "{number}. {name} in {channel}: {people}",
                number=tier.number,
                name=name(tier.name),
                channel=channel(tier.channel),
                people=_people(tier, now, shifts_of),
            )


def _people(tier: Tier, now: datetime, shifts_of: ShiftsOf) -> str:
    """Those whose turn it is and until when, and those who are paged always."""
    always = mentions(tier.people, PEOPLE_SHOWN)
    if not tier.on_call:
        return always or t("nobody by name")
    turns = [
        _turn(source, now, shifts_of(source.url) if isinstance(source, OnCallFeed) else ()) for source in tier.on_call
    ]
    people = "; ".join(dict.fromkeys(turn for turn in turns if turn)) or t("nobody has a turn now")
    return t("{people}; always {always}", people=people, always=always) if always else people


def _turn(source: OnCall, now: datetime, shifts: Sequence[Shift]) -> str:
    """`@ana until today at 09:00`; nothing when nobody has a turn."""
    people = mentions(on_duty(source, now, shifts), PEOPLE_SHOWN)
    until = on_duty_until(source, now, shifts)
    return t("{people} until {until}", people=people, until=time_of(until)) if people and until is not None else people
