"""What others did while somebody filled in a form: said on top of it, with what to do now."""

from typing import assert_never

from bot.domain.incident import Incident
from bot.domain.intent import Aspect, Overtaken
from bot.domain.policy import Policy
from bot.slack.blocks.mrkdwn import cut, escape, one_line, time_of, user
from bot.slack.blocks.progress import PROGRESS
from bot.slack.blocks.words import pause, place

WORDS_SHOWN = 600

AGAIN = "Nothing was changed. What you wrote is below: send it once more to do it all the same."


def overtaken_text(overtaken: Overtaken) -> str:
    """mrkdwn for the person who sent the form in."""
    incident, policy = overtaken.incident, overtaken.policy
    said = dict.fromkeys(_now(aspect, incident, policy) for aspect in overtaken.changed)
    return "\n".join([f"*{incident.key} has changed since this form was opened.*", " ".join(said), AGAIN])


def _now(aspect: Aspect, incident: Incident, policy: Policy) -> str:
    match aspect:
        case Aspect.TOLD:
            return _told(incident)
        case Aspect.ETA:
            return _eta(incident)
        case Aspect.SEVERITY:
            return f"It is {incident.severity} since {time_of(incident.severity_since)}."
        case Aspect.HOLDER:
            return _holder(incident)
        case Aspect.HOLD:
            return pause(incident) or "It is not on hold any more."
        case Aspect.PLACE:
            return _place(incident, policy)
        case Aspect.PAGE:
            return f"Its tier was paged again {time_of(incident.paged_at)}."
        case Aspect.STANDSTILL:
            return f"It was on hold or over until {time_of(incident.pauses[-1].end)}."
        case _:
            assert_never(aspect)


def _told(incident: Incident) -> str:
    """With the impact, which the form may overrule as well; of one that was reopened without how far they were."""
    who = "Somebody" if incident.told_by is None else user(incident.told_by)
    when = "" if incident.told_at is None else f" {time_of(incident.told_at)}"
    progress = "" if incident.progress is None else f" {PROGRESS[incident.progress].lower()},"
    impact = _own(incident.impact)
    return f"{who} told stakeholders{when}:{progress} “{_own(incident.told)}”.{f' Impact: {impact}.' if impact else ''}"


def _own(words: str) -> str:
    """A person's, within a sentence."""
    return cut(escape(one_line(words)), WORDS_SHOWN).rstrip(".")


def _eta(incident: Incident) -> str:
    if incident.eta is None:
        return "It is not known any more when it will be solved."
    return f"It is expected to be solved {time_of(incident.eta)}."


def _holder(incident: Incident) -> str:
    if incident.assignee is None:
        return "Nobody has it any more."
    since = "" if incident.acknowledged_at is None else f" since {time_of(incident.acknowledged_at)}"
    return f"{user(incident.assignee)} has it{since}."


def _place(incident: Incident, policy: Policy) -> str:
    where, since = place(incident, policy), time_of(incident.tier_entered_at)
    if incident.tier_entered_by is not None:
        return f"{user(incident.tier_entered_by)} moved it to {where} {since}."
    return f"It is at {where} since {since}."
