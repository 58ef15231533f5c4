"""The card of an incident in a tier's channel: the page while it rings, edited in place ever after."""

from collections.abc import Iterator
from typing import assert_never

from bot.catalogue import t
from bot.domain.clocks import response_due_at
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Mention, MentionKind, Policy
from bot.slack.blocks import buttons
from bot.slack.blocks.flags import alarmed, flag_lines, flags, problem_lines
from bot.slack.blocks.layout import HEADER_LIMIT, fields, header, message, quote, section
from bot.slack.blocks.mrkdwn import channel, cut, escape, length, links, mentions, one_line, time_of, user
from bot.slack.blocks.progress import last_told
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import (
    MENTIONS_IN_TEXT,
    MENTIONS_SHOWN,
    about,
    because_ended,
    closing_words,
    deadlines,
    ending,
    headline,
    in_words,
    name,
    on_breach,
    opening,
    pause,
    place,
    resolution,
    sentence_case,
    standing,
    state,
    tier_count,
    tier_of,
    update,
    waiting,
)

OWN_WORDS_SHOWN = 1_500
WORDS_IN_TEXT = 500


def tier_card(incident: Incident, policy: Policy, *, tier: int, card: int, rings: bool) -> Rendered:
    """The card that the page `card` posted in the channel of `tier`; the incident may have moved on since."""
    if incident.is_over:
        return _closed(incident, policy, card)
    if card != incident.card_cycle:
        return _left(incident, policy, tier)
    return _present(incident, policy, rings=rings)


def _present(incident: Incident, policy: Policy, *, rings: bool) -> Rendered:
    call = _call(incident, policy, MENTIONS_SHOWN) if rings else ""
    blocks = [
        *([section(call)] if call else []),
        header(headline(incident)),
        *whole_title(incident),
        *paused(incident),
        *alarmed(incident),
        fields(_facts(incident, policy)),
        *description(incident),
        *last_told(incident),
        *flags(incident, policy, *_small_print(incident, policy)),
        *buttons.of_card(incident, policy),
    ]
    return message(_spoken(incident, policy, rings=rings), blocks)


def _facts(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """What somebody has to do first; a question that is only asked later comes later."""
    asked = [] if incident.is_on_hold else waiting(incident, policy)
    at_once = incident.is_open or incident.still_asked_at is not None
    return [
        *(asked if at_once else []),
        (t("State"), state(incident)),
        (t("Tier"), tier_count(incident, policy)),
        *resolution(incident, policy),
        *([] if at_once else asked),
        *_paged(incident, policy),
        (t("Service"), name(incident.service)),
        (t("Opened"), opening(incident)),
        *own_channel(incident),
    ]


def _brought(incident: Incident) -> Iterator[str]:
    """Who moved it to this tier, and why; the clock does not say."""
    if incident.tier_entered_by is not None:
        by, at = user(incident.tier_entered_by), time_of(incident.tier_entered_at)
        why = because_ended(incident.moved_because)
        yield t("↗️ Moved to this tier by {by} {at}{because}", by=by, at=at, because=why)


def _small_print(incident: Incident, policy: Policy) -> Iterator[str]:
    yield from _brought(incident)
    yield from (f"📰 {label} {value}." for label, value in update(incident, policy))


def _spoken(incident: Incident, policy: Policy, *, rings: bool) -> str:
    """The card for those who only hear it; the call and the standing have said some of the deadlines already."""
    if rings:
        return _page(incident, policy)
    following = in_words([*deadlines(incident, policy), *own_channel(incident)])
    parts = [about(incident), standing(incident, policy), *following, *flag_lines(incident, policy)]
    return " ".join(filter(None, [*parts, *_brought(incident), in_text(incident.description)]))


def _page(incident: Incident, policy: Policy) -> str:
    """Read on a telephone first: who, what, by when, and what went wrong before."""
    call = _call(incident, policy, MENTIONS_IN_TEXT)
    answer = response_due_at(incident, policy) is not None
    otherwise = t("Otherwise {on_breach}.", on_breach=on_breach(incident, policy)) if answer else ""
    parts = [call, about(incident), standing(incident, policy), otherwise, *problem_lines(incident, policy)]
    return " ".join(filter(None, [*parts, *_brought(incident), in_text(incident.description)]))


def _paged(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """Groups by name: an edit of the card must not ring them again."""
    names = [_called(who) for who in tier_of(incident, policy).people]
    return [(t("Paged"), ", ".join(names))] if names and incident.is_open else []


def _called(who: Mention) -> str:
    match who.kind:
        case MentionKind.USER:
            return user(UserId(who.slack_id))
        case MentionKind.USER_GROUP:
            return escape(one_line(who.name))
        case MentionKind.CHANNEL:
            return t("everybody here")
        case _:
            assert_never(who.kind)


def _call(incident: Incident, policy: Policy, limit: int) -> str:
    """The line that rings."""
    tier = tier_of(incident, policy)
    people = mentions(tier.people, limit)
    due = response_due_at(incident, policy)
    request = (
        t("please take {key}", key=incident.key)
        if due is None
        else t("please acknowledge {key} by {due}", key=incident.key, due=time_of(due))
    )
    return f"{sentence_case(f'{people} {request}'.strip())}."


def _left(incident: Incident, policy: Policy, tier: int) -> Rendered:
    where = _where_it_went(incident, policy, tier)
    return message(
        t("{about} It is not worked here any more. {where}", about=about(incident), where=where),
        [header(headline(incident)), section(where)],
    )


def _where_it_went(incident: Incident, policy: Policy, tier: int) -> str:
    """Why is only known of a step to the very next tier: only then did the incident come from here."""
    where, since = place(incident, policy), time_of(incident.tier_entered_at)
    has_it = "" if incident.assignee is None else t(" {assignee} has it there.", assignee=user(incident.assignee))
    if incident.tier_entered_by is not None:
        return t(
            "{tier_entered_by} moved it to {where} {since}{because}{has_it}",
            tier_entered_by=user(incident.tier_entered_by),
            where=where,
            since=since,
            because=because_ended(incident.moved_because),
            has_it=has_it,
        )
    following = policy.escalation(incident.service).next_tier(tier)
    came_from_here = following is not None and following.number == incident.tier
    if not came_from_here or incident.routed_to != incident.service:
        return t("It is now at {where} since {since}.{has_it}", where=where, since=since, has_it=has_it)
    if incident.resolution_breached_at == incident.tier_entered_at:
        return t(
            "It was not resolved in time, so it went to {where} {since}.{has_it}",
            where=where,
            since=since,
            has_it=has_it,
        )
    return t(
        "Nobody acknowledged it here in time, so it went to {where} {since}.{has_it}",
        where=where,
        since=since,
        has_it=has_it,
    )


def _closed(incident: Incident, policy: Policy, card: int) -> Rendered:
    """Only the newest card can open it again: the others are of tiers that it had left before."""
    text = ending(incident)
    blocks = [
        header(headline(incident)),
        *whole_title(incident),
        section(text),
        *summary(incident),
        *([fields(own_channel(incident))] if incident.room is not None else []),
        *flags(incident, policy),
        *(buttons.of_card(incident, policy) if card == incident.card_cycle else []),
    ]
    spoken = [
        about(incident),
        text,
        in_text(closing_words(incident)),
        *in_words(own_channel(incident)),
        *flag_lines(incident, policy),
    ]
    return message(" ".join(filter(None, spoken)), blocks)


def own_channel(incident: Incident) -> list[tuple[str, str]]:
    """The channel that was made for it alone, if there is one."""
    return [] if incident.room is None else [(t("Channel"), channel(incident.room))]


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
    return own_words(closing_words(incident))


def paused(incident: Incident) -> list[Block]:
    """By whom it is on hold, until when and why."""
    text = pause(incident)
    return [section(t("⏸️ {text} The time to resolve stands still until then.", text=text))] if text else []
