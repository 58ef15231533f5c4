"""The card of an incident in a tier's channel: the page while it rings, edited in place ever after."""

from bot.domain.escalation import response_due_at
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks import buttons
from bot.slack.blocks.layout import HEADER_LIMIT, context, fields, header, message, quote, section
from bot.slack.blocks.mrkdwn import cut, duration, escape, length, links, mentions, one_line, time_of, user
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import (
    ACKNOWLEDGE_BY,
    MENTIONS_IN_TEXT,
    MENTIONS_SHOWN,
    STATE,
    about,
    deadlines,
    headline,
    holder,
    name,
    opening,
    resolution,
    sentence_case,
    standing,
    tier_count,
    tier_of,
    tier_place,
)

OWN_WORDS_SHOWN = 1_500
WORDS_IN_TEXT = 500


def tier_card(incident: Incident, policy: Policy, *, tier: int, rings: bool) -> Rendered:
    """The card in the channel of `tier`, which may no longer be the tier of the incident."""
    if incident.is_over:
        return _closed(incident)
    if tier != incident.tier:
        return _left(incident, policy, tier)
    return _present(incident, policy, rings=rings)


def _present(incident: Incident, policy: Policy, *, rings: bool) -> Rendered:
    call = _call(incident, policy, MENTIONS_SHOWN) if rings else ""
    blocks = [
        *([section(call)] if call else []),
        header(headline(incident)),
        *whole_title(incident),
        fields(
            [
                ("State", STATE[incident.state]),
                ("Who has it", holder(incident)),
                ("Tier", tier_count(incident, policy)),
                ("Service", name(incident.service)),
                ("Opened", opening(incident)),
                *_paged(incident, policy),
                *deadlines(incident, policy),
            ]
        ),
        *description(incident),
        *flags(incident, policy),
        *buttons.of_card(incident, policy),
    ]
    return message(_spoken(incident, policy, rings=rings), blocks)


def _spoken(incident: Incident, policy: Policy, *, rings: bool) -> str:
    """The card for those who only hear it; the call that rings has said the deadline already."""
    call = _call(incident, policy, MENTIONS_IN_TEXT) if rings else ""
    following = [
        f"{label}: {value}." for label, value in deadlines(incident, policy) if not (rings and label == ACKNOWLEDGE_BY)
    ]
    parts = [call, about(incident), standing(incident, policy), *following, in_text(incident.description)]
    return " ".join(filter(None, parts))


def _paged(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """By name: an edit of the card must not ring again."""
    names = [escape(one_line(who.name)) for who in tier_of(incident, policy).people]
    return [("Paged", ", ".join(names))] if names and incident.is_open else []


def _call(incident: Incident, policy: Policy, limit: int) -> str:
    """The line that rings."""
    tier = tier_of(incident, policy)
    people = mentions(tier.people, limit)
    due = response_due_at(incident, policy)
    request = f"please take {incident.key}" if due is None else f"please acknowledge {incident.key} by {time_of(due)}"
    return f"{sentence_case(f'{people} {request}'.strip())}."


def _left(incident: Incident, policy: Policy, tier: int) -> Rendered:
    where = _where_it_went(incident, policy, tier)
    return message(
        f"{about(incident)} It is no longer at tier {tier}. {where}",
        [header(headline(incident)), section(where), *flags(incident, policy)],
    )


def _where_it_went(incident: Incident, policy: Policy, tier: int) -> str:
    where, since = tier_place(tier_of(incident, policy)), time_of(incident.tier_entered_at)
    has_it = "" if incident.assignee is None else f" {user(incident.assignee)} has it there."
    if incident.tier != tier + 1:
        return f"It is now at {where} since {since}.{has_it}"
    if incident.tier_entered_by is None:
        return f"Nobody acknowledged it here in time, so it went to {where} {since}.{has_it}"
    return f"{user(incident.tier_entered_by)} escalated it to {where} {since}.{has_it}"


def _closed(incident: Incident) -> Rendered:
    text = resolution(incident)
    blocks = [header(headline(incident)), *whole_title(incident), section(text), *summary(incident)]
    return message(f"{about(incident)} {text} {in_text(incident.resolution)}".strip(), blocks)


def whole_title(incident: Incident) -> list[Block]:
    """The title once more when the header could not hold all of it."""
    return [quote(one_line(incident.title), 500)] if length(headline(incident)) > HEADER_LIMIT else []


def description(incident: Incident) -> list[Block]:
    return own_words(incident.description)


def own_words(text: str) -> list[Block]:
    """A description or a summary, with its links, if there is one."""
    shown = links(escape(text))
    return [section(cut(shown, OWN_WORDS_SHOWN))] if shown else []


def in_text(words: str) -> str:
    """A person's words beside the blocks, on one line."""
    return cut(escape(one_line(words)), WORDS_IN_TEXT)


def summary(incident: Incident) -> list[Block]:
    return own_words(incident.resolution)


def flags(incident: Incident, policy: Policy) -> list[Block]:
    """What went wrong on the way, if anything did."""
    told = []
    if incident.breach_count:
        told.append(_breached(incident, policy))
    if incident.exhausted_at is not None:
        told.append(f"🚨 Exhausted {time_of(incident.exhausted_at)}: nobody had answered, so all managers are told.")
    return [context("\n".join(told))] if told else []


def _breached(incident: Incident, policy: Policy) -> str:
    target = duration(policy.targets(incident.severity).ack_within)
    if incident.breach_count == 1:
        return f"⏰ Breached: not acknowledged within {target}."
    return f"⏰ Breached {incident.breach_count} times: not acknowledged within {target}."
