"""Who is on call now, service by service: the answer to `/incident oncall`."""

from collections.abc import Iterator
from datetime import datetime

from bot.domain.on_call import ShiftsOf, on_duty
from bot.domain.policy import EscalationPolicy, OnCallFeed, Policy, Tier
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
    blocks: list[Block] = [header("On call")]
    for services in list(together.values())[:POLICIES_SHOWN]:
        blocks.extend(paragraphs(list(_lines(policy.escalation(services[0]), services, now, shifts_of))))
    more = len(together) - POLICIES_SHOWN
    text = "Who is on call now." if service is None else f"Who is on call for {name(service)} now."
    also = f" {more} more policies are not shown; name a service to see its own." if more > 0 else ""
    return message(text, [*blocks, context(f"As of {time_of(now)}.{also}")])


def _lines(escalation: EscalationPolicy, services: list[str], now: datetime, shifts_of: ShiftsOf) -> Iterator[str]:
    yield f"*{', '.join(name(service) for service in services)}*"
    for tier in escalation.tiers:
        if tier.channel is not None:
            yield f"{tier.number}. {name(tier.name)} in {channel(tier.channel)}: {_people(tier, now, shifts_of)}"


def _people(tier: Tier, now: datetime, shifts_of: ShiftsOf) -> str:
    """Those whose turn it is, and those who are paged always."""
    turns = [
        person
        for source in tier.on_call
        for person in on_duty(source, now, shifts_of(source.url) if isinstance(source, OnCallFeed) else ())
    ]
    always = mentions(tier.people, PEOPLE_SHOWN)
    if not tier.on_call:
        return always or "nobody by name"
    in_turn = mentions(turns, PEOPLE_SHOWN) or "nobody has a turn now"
    return f"{in_turn}; always {always}" if always else in_turn
