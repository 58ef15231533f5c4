"""What stakeholders read: one message kept current, and below it what is new, in plain words."""

from collections.abc import Sequence
from datetime import datetime

from bot.catalogue import t
from bot.domain.clocks import update_due_at
from bot.domain.ids import is_person
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import StakeholderUpdate, UpdateReason
from bot.domain.policy import Policy
from bot.domain.timeline import StakeholdersTold, TimelineEvent
from bot.slack.blocks import buttons
from bot.slack.blocks import story as told
from bot.slack.blocks.card import in_text, own_channel, summary, whole_title
from bot.slack.blocks.layout import fields, header, message, section
from bot.slack.blocks.meanwhile import how_long, last_words
from bot.slack.blocks.mrkdwn import cut, time_of, user
from bot.slack.blocks.progress import aftermath, now_known, told_in_words
from bot.slack.blocks.progress import told as told_blocks
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import (
    STATE,
    URGENCY,
    about,
    because_ended,
    closing_words,
    ended,
    ending,
    headline,
    name,
    opening,
    route,
    tier_of,
    tiers,
)

STORY_SHOWN = 2_200


def stakeholder_parent(incident: Incident, policy: Policy) -> Rendered:
    """The one message of the incident in the stakeholder channel."""
    state = in_plain_words(incident, policy)
    blocks = [
        header(headline(incident)),
        *whole_title(incident),
        section(state),
        *summary(incident),
        fields(
            [
                (t("State"), t(STATE[incident.state])),
                (t("Severity"), f"{incident.severity}, {t(URGENCY[incident.severity])}"),
                (t("Service"), name(incident.service)),
                (t("Opened"), opening(incident)),
                *now_known(incident),
                *aftermath(incident),
                *_next_update(incident, policy),
                *([] if incident.is_private else own_channel(incident)),
            ]
        ),
        *buttons.of_stakeholders(incident),
    ]
    more = [*now_known(incident), *aftermath(incident)]
    following = [f"{label} {at}." for label, at in _next_update(incident, policy)]
    following += [] if incident.is_private else [f"{label}: {where}." for label, where in own_channel(incident)]
    said = [ended(f"{label}: {words}") for label, words in more]
    spoken = [about(incident), state, *said, *following, in_text(closing_words(incident))]
    return message(" ".join(filter(None, spoken)), blocks)


def stakeholder_update(
    incident: Incident, policy: Policy, update: StakeholderUpdate, story: Sequence[TimelineEvent], now: datetime
) -> Rendered:
    """How it is now, and what happened since the update before. In a thread the parent says of what it is told."""
    told_now = _update(incident, policy, update, story, now)
    if not is_person(update.audience):
        return told_now
    return message(told_now.text, [header(headline(incident)), *told_now.blocks, *buttons.of_follower(incident)])


def _update(
    incident: Incident, policy: Policy, update: StakeholderUpdate, story: Sequence[TimelineEvent], now: datetime
) -> Rendered:
    by_hand = next((event for event in story if event.seq == update.until_seq), None)
    if by_hand is not None and isinstance(by_hand.fact, StakeholdersTold):
        return _told_by_hand(incident, by_hand, by_hand.fact, following(incident, policy))
    if incident.is_over:
        return _final_update(incident)
    known = [_why_now(incident, update.reason), in_plain_words(incident, policy), _expected(incident, update.reason)]
    state = " ".join(filter(None, known))
    elapsed = how_long(incident, now)
    ahead = following(incident, policy)
    news = told.news(story, incident, policy, since_seq=update.since_seq, until_seq=update.until_seq, limit=STORY_SHOWN)
    is_first = update.number == 1
    since = t("*Since it was opened*") if is_first else t("*Since the last update*")
    changes = f"{since}\n{news}" if news else _nothing_new(incident, now, is_first=is_first)
    return message(
        "\n".join(filter(None, [f"{about(incident)} {state} {elapsed}", cut(changes, 2_000), ahead])),
        [section(f"{state}\n{elapsed}"), section(changes), *([section(ahead)] if ahead else [])],
    )


def _nothing_new(incident: Incident, now: datetime, *, is_first: bool) -> str:
    since = (
        t("Nothing has changed since it was opened.") if is_first else t("Nothing has changed since the last update.")
    )
    return f"{since} {last_words(incident, now)}"


def following(incident: Incident, policy: Policy) -> str:
    """When the next update comes, in a sentence."""
    due = update_due_at(incident, policy)
    return "" if due is None else t("The next update comes by {due}.", due=time_of(due))


def _told_by_hand(incident: Incident, event: TimelineEvent, fact: StakeholdersTold, ahead: str) -> Rendered:
    spoken = [about(incident), told_in_words(event, fact), ahead]
    return message(" ".join(filter(None, spoken)), [*told_blocks(event, fact), *([section(ahead)] if ahead else [])])


def brief_update(incident: Incident, policy: Policy) -> str:
    """The update in a few sentences, without the story."""
    return f"{about(incident)} {in_plain_words(incident, policy)}"


def _final_update(incident: Incident) -> Rendered:
    """It may be opened again, and then there are more updates."""
    over = t("{ending} No more updates follow unless it is reopened.", ending=ending(incident))
    left = aftermath(incident)
    said = [ended(f"{label}: {words}") for label, words in left]
    return message(
        " ".join(filter(None, [about(incident), over, *said, in_text(closing_words(incident))])),
        [section(over), *summary(incident), *([fields(left)] if left else [])],
    )


def _why_now(incident: Incident, reason: UpdateReason) -> str:
    """What the state does not say by itself. It was decided before: only what is still so is said."""
    match reason:
        case UpdateReason.REOPENED:
            return t("It had been closed and is open again.")
        case UpdateReason.EXPIRED if incident.is_open:
            return t("Whoever had it was not heard from.")
        case UpdateReason.RESUMED if not incident.is_on_hold:
            return t("Work on it is not paused any more.")
        case UpdateReason.SEVERITY:
            return t(
                "Its severity is now {severity}, {urgency}.",
                severity=incident.severity,
                urgency=t(URGENCY[incident.severity]),
            )
        case _:
            return ""


def _expected(incident: Incident, reason: UpdateReason) -> str:
    """What whoever took it said of it then."""
    if reason is not UpdateReason.ACKNOWLEDGED or incident.assignee is None or incident.eta is None:
        return ""
    return t("It is expected to be solved by {eta}.", eta=time_of(incident.eta))


def in_plain_words(incident: Incident, policy: Policy) -> str:
    if incident.is_over:
        return ending(incident)
    where = _where(incident, policy)
    if incident.state is IncidentState.ON_HOLD and incident.hold_until is not None:
        return t(
            "{paused} {holder} has it, at {where}.", paused=_paused(incident), holder=user(incident.holder), where=where
        )
    if incident.assignee is not None:
        return t("{assignee} is working on it, at {where}.", assignee=user(incident.assignee), where=where)
    if incident.exhausted_at is not None:
        return t("Nobody has it: {where} did not answer, so all managers are told.", where=where)
    if incident.first_acknowledged_at is not None:
        return t("It is with {where}. Nobody has it at the moment.", where=where)
    return t("It is with {where}. Nobody has taken it yet.", where=where)


def _where(incident: Incident, policy: Policy) -> str:
    tier = tier_of(incident, policy)
    return t(
        "tier {number} of {tiers} ({name}){route}",
        number=tier.number,
        tiers=tiers(incident, policy),
        name=name(tier.name),
        route=route(incident),
    )


def _paused(incident: Incident) -> str:
    until = "" if incident.hold_until is None else t(" until {hold_until}", hold_until=time_of(incident.hold_until))
    return t("Work on it is paused{until}{because}", until=until, because=because_ended(incident.hold_reason))


def _next_update(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    due = update_due_at(incident, policy)
    return [] if due is None else [(t("Next update by"), time_of(due))]
