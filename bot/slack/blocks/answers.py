"""What a person hears who did something: what is so now, and what comes next."""

from bot.catalogue import t
from bot.domain.clocks import resolution_due_at, response_due_at, update_due_at
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.audiences import where_told
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.mrkdwn import cut, escape, one_line, time_of, user
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import (
    REASON_SHOWN,
    URGENCY,
    because_ended,
    ending,
    on_breach,
    place,
    sentence_case,
    tier_name,
    tier_of,
    title,
)


def opened(incident: Incident, policy: Policy) -> Rendered:
    """To the person who opened it."""
    due = response_due_at(incident, policy)
    otherwise = (
        ""
        if due is None
        else t("If nobody acknowledges by {due}, {on_breach}.", due=time_of(due), on_breach=on_breach(incident, policy))
    )
    private = t(" Only its tiers and those who follow it are told: it is private.") if incident.is_private else ""
    paged = t("{place} is paged.{private}", place=sentence_case(place(incident, policy)), private=private)
    return _answer(t("{key} is open: {incident}", key=incident.key, incident=title(incident)), f"{paged} {otherwise}")


def acknowledged(incident: Incident, policy: Policy) -> Rendered:
    """To the person who has it now."""
    return _answer(
        t("You have {key}: {incident}", key=incident.key, incident=title(incident)),
        _resolve_by(incident, policy),
        t("When it is over: `/incident resolve {key} what it was`", key=incident.key),
    )


def escalated(incident: Incident, policy: Policy) -> Rendered:
    """To the person who moved it, to the next tier or to one by name."""
    due = response_due_at(incident, policy)
    answer = "" if due is None else t(" They have until {due} to acknowledge.", due=time_of(due))
    return _answer(
        t("{key} is now at {place}.{answer}", key=incident.key, place=place(incident, policy), answer=answer)
    )


def held(incident: Incident, policy: Policy) -> Rendered:
    """To the person who paused it."""
    until = "" if incident.hold_until is None else t(" until {hold_until}", hold_until=time_of(incident.hold_until))
    who = (
        ""
        if incident.assignee is None
        else t(" {assignee} has it, and is told when it is back.", assignee=user(incident.assignee))
    )
    stands_still = (
        "" if policy.targets(incident.severity).resolve_within is None else t("The time to resolve stands still.")
    )
    return _answer(
        t(
            "{key} is on hold{until}{because}{who}",
            key=incident.key,
            until=until,
            because=because_ended(incident.hold_reason),
            who=who,
        ),
        t("{stands_still} `/incident resume {key}` goes on sooner.", stands_still=stands_still, key=incident.key),
    )


def resumed(incident: Incident, policy: Policy) -> Rendered:
    """To the person who ended the pause."""
    has_it = "" if incident.assignee is None else t(" {assignee} has it.", assignee=user(incident.assignee))
    return _answer(
        t("{key} is not on hold any more.{has_it}", key=incident.key, has_it=has_it), _resolve_by(incident, policy)
    )


def severity_changed(incident: Incident, policy: Policy) -> Rendered:
    """To the person who changed it: the clocks go on, with new ends."""
    due = response_due_at(incident, policy)
    acknowledge = "" if due is None else t("It is to be acknowledged by {due}.", due=time_of(due))
    return _answer(
        t(
            "{key} is now {severity}, {urgency}. The times of {severity} apply, counted from the same start.",
            key=incident.key,
            severity=incident.severity,
            urgency=t(URGENCY[incident.severity]),
        ),
        f"{acknowledge} {_resolve_by(incident, policy)}",
    )


def assigned(incident: Incident, policy: Policy) -> Rendered:
    """To the person who gave it to somebody, or asked them while nobody has it."""
    if incident.assignee is not None:
        return _answer(t("{assignee} has {key} now, and is told.", assignee=user(incident.assignee), key=incident.key))
    due = response_due_at(incident, policy)
    goes_on = (
        ""
        if due is None
        else t(
            " If nobody acknowledges by {due}, {on_breach}.", due=time_of(due), on_breach=on_breach(incident, policy)
        )
    )
    return _answer(
        t(
            "They are asked to take {key}. Until somebody does, nobody has it.{goes_on}",
            key=incident.key,
            goes_on=goes_on,
        )
    )


def passed_on(incident: Incident, policy: Policy) -> Rendered:
    """To the person who said that it is not theirs."""
    due = response_due_at(incident, policy)
    until = "" if due is None else t(" They have until {due} to acknowledge.", due=time_of(due))
    return _answer(
        t(
            "Noted: {key} is not yours. Others are asked at {place}.{until}",
            key=incident.key,
            place=place(incident, policy),
            until=until,
        )
    )


def still_on_it(incident: Incident, policy: Policy) -> Rendered:
    """To the person who gave a sign of life."""
    return _answer(t("Thank you: you still have {key}.", key=incident.key), _resolve_by(incident, policy))


def not_kept(answer: Rendered, incident: Incident, words: str) -> Rendered:
    """The answer, and that more was said than the command has a place for."""
    more = t(
        "“{words}” is kept nowhere; for its story: `/incident note {key} …`",
        words=cut(escape(one_line(words)), REASON_SHOWN),
        key=incident.key,
    )
    return _answer(answer.text, more)


def told(incident: Incident, policy: Policy) -> Rendered:
    """To the person who wrote an update."""
    if not incident.has_readers:
        return _answer(
            t("It is in the story of {key}, and nowhere else: it is private, and nobody follows it.", key=incident.key),
            t("To let somebody read along: `/incident follow {key} @name`", key=incident.key),
        )
    where = where_told(incident.service, policy, is_private=incident.is_private)
    due = update_due_at(incident, policy)
    following = "" if due is None else t("The next update comes by {due}, yours or Tierline's own.", due=time_of(due))
    return _answer(t("Stakeholders of {key} are told {where}.", key=incident.key, where=where), following)


def noted(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who wrote a note."""
    return _answer(t("Noted in the story of {key}: `/incident timeline {key}` shows all of it.", key=incident.key))


def resolved(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who ended it."""
    return _answer(f"{incident.key}: {title(incident)}", ending(incident))


def cancelled(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who said that it was none."""
    return _answer(
        f"{incident.key}: {title(incident)}",
        t("{ending} Nobody is paged for it any more.", ending=ending(incident)),
    )


def reopened(incident: Incident, policy: Policy) -> Rendered:
    """To the person who opened it again."""
    due = response_due_at(incident, policy)
    until = "" if due is None else t(", and has until {due} to acknowledge", due=time_of(due))
    where = sentence_case(tier_name(tier_of(incident, policy)))
    return _answer(
        t("{key} is open again: {incident}", key=incident.key, incident=title(incident)),
        t("{where} is paged{until}.", where=where, until=until),
    )


def _resolve_by(incident: Incident, policy: Policy) -> str:
    due = resolution_due_at(incident, policy)
    return "" if due is None else t("It is to be resolved by {due}.", due=time_of(due))


def _answer(*lines: str) -> Rendered:
    return sentence("\n".join(line.strip() for line in lines if line.strip()))
