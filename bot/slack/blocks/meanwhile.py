"""What is true of an incident of which nothing new is known, so that no update says just what the one before said."""

from datetime import datetime, timedelta

from bot.catalogue import t
from bot.domain.incident import Incident
from bot.slack.blocks.mrkdwn import duration, time_of, user
from bot.slack.blocks.progress import PROGRESS

A_WHILE = timedelta(minutes=1)
"""Since less than this it has only just become so."""


def how_long(incident: Incident, now: datetime) -> str:
    """`It has been going on for 1 hour, 40 minutes of that with @ana.`"""
    all_of_it, as_it_is = now - incident.opened_at, now - _as_it_is_since(incident)
    whole, part = duration(all_of_it), duration(as_it_is)
    if not A_WHILE <= as_it_is < all_of_it:
        return t("It has been going on for {whole}.", whole=whole)
    if incident.held_at is not None:
        return t("It has been going on for {whole}, {part} of that on hold.", whole=whole, part=part)
    if incident.assignee is not None:
        who = user(incident.assignee)
        return t("It has been going on for {whole}, {part} of that with {who}.", whole=whole, part=part, who=who)
    return t("It has been going on for {whole}, {part} of that without an answer there.", whole=whole, part=part)


def last_words(incident: Incident, now: datetime) -> str:
    """Who wrote last and how long ago, and when it was said to be solved."""
    return " ".join(filter(None, [_written(incident, now), _expected(incident, now)]))


def _as_it_is_since(incident: Incident) -> datetime:
    """On hold, with whoever has it, or at its tier."""
    return incident.held_at or incident.acknowledged_at or incident.response_started_at


def _written(incident: Incident, now: datetime) -> str:
    if incident.told_at is None or incident.told_by is None:
        return t("Nobody has written an update yet: this is what Tierline knows.")
    who, age = user(incident.told_by), duration(now - incident.told_at)
    if incident.progress is None:
        return t("The last words are by {who}, {age} ago.", who=who, age=age)
    progress = t(PROGRESS[incident.progress]).lower()
    return t("The last words are by {who}, {age} ago: {progress}.", who=who, age=age, progress=progress)


def _expected(incident: Incident, now: datetime) -> str:
    if incident.eta is None:
        return ""
    at = time_of(incident.eta)
    if now < incident.eta:
        left = duration(incident.eta - now)
        return t("It is expected to be solved {at}, in {left}.", at=at, left=left)
    return t("It was expected to be solved {at}; nobody has said anything newer.", at=at)
