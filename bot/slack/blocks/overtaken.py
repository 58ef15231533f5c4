"""What others did while somebody filled in a form: said on top of it, with what to do now."""

from typing import assert_never

from bot.catalogue import mark, t
from bot.domain.incident import Incident
from bot.domain.intent import Aspect, Overtaken
from bot.domain.policy import Policy
from bot.slack.blocks.mrkdwn import cut, escape, one_line, time_of, user
from bot.slack.blocks.progress import PROGRESS
from bot.slack.blocks.words import pause, place

WORDS_SHOWN = 600

AGAIN = mark("Nothing was changed. What you wrote is below: send it once more to do it all the same.")


def overtaken_text(overtaken: Overtaken) -> str:
    """mrkdwn for the person who sent the form in."""
    incident, policy = overtaken.incident, overtaken.policy
    said = dict.fromkeys(_now(aspect, incident, policy) for aspect in overtaken.changed)
    return "\n".join([t("*{key} has changed since this form was opened.*", key=incident.key), " ".join(said), t(AGAIN)])


def _now(aspect: Aspect, incident: Incident, policy: Policy) -> str:
    match aspect:
        case Aspect.TOLD:
            return _told(incident)
        case Aspect.ETA:
            return _eta(incident)
        case Aspect.SEVERITY:
            return t(
                "It is {severity} since {severity_since}.",
                severity=incident.severity,
                severity_since=time_of(incident.severity_since),
            )
        case Aspect.HOLDER:
            return _holder(incident)
        case Aspect.HOLD:
            return pause(incident) or t("It is not on hold any more.")
        case Aspect.PLACE:
            return _place(incident, policy)
        case Aspect.PAGE:
            return t("Its tier was paged again {paged_at}.", paged_at=time_of(incident.paged_at))
        case Aspect.STANDSTILL:
            return t("It was on hold or over until {end}.", end=time_of(incident.pauses[-1].end))
        case _:
            assert_never(aspect)


def _told(incident: Incident) -> str:
    """With the impact, which the form may overrule as well; of one that was reopened without how far they were."""
    who = t("Somebody") if incident.told_by is None else user(incident.told_by)
    when = "" if incident.told_at is None else f" {time_of(incident.told_at)}"
    progress = "" if incident.progress is None else f" {t(PROGRESS[incident.progress]).lower()},"
    impact = _own(incident.impact)
    return t(
        "{who} told stakeholders{when}:{progress} “{told}”.{impact}",
        who=who,
        when=when,
        progress=progress,
        told=_own(incident.told),
        impact=t(" Impact: {impact}.", impact=impact) if impact else "",
    )


def _own(words: str) -> str:
    """A person's, within a sentence."""
    return cut(escape(one_line(words)), WORDS_SHOWN).rstrip(".")


def _eta(incident: Incident) -> str:
    if incident.eta is None:
        return t("It is not known any more when it will be solved.")
    return t("It is expected to be solved {eta}.", eta=time_of(incident.eta))


def _holder(incident: Incident) -> str:
    if incident.assignee is None:
        return t("Nobody has it any more.")
    since = (
        ""
        if incident.acknowledged_at is None
        else t(" since {acknowledged_at}", acknowledged_at=time_of(incident.acknowledged_at))
    )
    return t("{assignee} has it{since}.", assignee=user(incident.assignee), since=since)


def _place(incident: Incident, policy: Policy) -> str:
    where, since = place(incident, policy), time_of(incident.tier_entered_at)
    if incident.tier_entered_by is not None:
        return t(
            "{tier_entered_by} moved it to {where} {since}.",
            tier_entered_by=user(incident.tier_entered_by),
            where=where,
            since=since,
        )
    return t("It is at {where} since {since}.", where=where, since=since)
