"""What a person hears who did something: what is so now, and what comes next."""

from bot.domain.clocks import resolution_due_at, response_due_at, update_due_at
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.audiences import where_told
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.mrkdwn import time_of, user
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import (
    URGENCY,
    because,
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
    otherwise = "" if due is None else f"If nobody acknowledges by {time_of(due)}, {on_breach(incident, policy)}."
    private = " Only its tiers and who follows it are told: it is private." if incident.is_private else ""
    paged = f"{sentence_case(place(incident, policy))} is paged.{private}"
    return _answer(f"{incident.key} is open: {title(incident)}", f"{paged} {otherwise}")


def acknowledged(incident: Incident, policy: Policy) -> Rendered:
    """To the person who has it now."""
    return _answer(
        f"You have {incident.key}: {title(incident)}",
        _resolve_by(incident, policy),
        f"When it is over: `/incident resolve {incident.key} what it was`",
    )


def escalated(incident: Incident, policy: Policy) -> Rendered:
    """To the person who moved it, to the next tier or to one by name."""
    due = response_due_at(incident, policy)
    answer = "" if due is None else f" They have until {time_of(due)} to acknowledge."
    return _answer(f"{incident.key} is now at {place(incident, policy)}.{answer}")


def held(incident: Incident, policy: Policy) -> Rendered:
    """To the person who paused it."""
    until = "" if incident.hold_until is None else f" until {time_of(incident.hold_until)}"
    who = "" if incident.assignee is None else f" {user(incident.assignee)} has it, and is told when it is back."
    stands_still = (
        "" if policy.targets(incident.severity).resolve_within is None else "The time to resolve stands still."
    )
    return _answer(
        f"{incident.key} is on hold{until}{because(incident.hold_reason)}.{who}",
        f"{stands_still} `/incident resume {incident.key}` goes on sooner.",
    )


def resumed(incident: Incident, policy: Policy) -> Rendered:
    """To the person who ended the pause."""
    has_it = "" if incident.assignee is None else f" {user(incident.assignee)} has it."
    return _answer(f"{incident.key} is not on hold any more.{has_it}", _resolve_by(incident, policy))


def severity_changed(incident: Incident, policy: Policy) -> Rendered:
    """To the person who changed it: the clocks go on, with new ends."""
    due = response_due_at(incident, policy)
    acknowledge = "" if due is None else f"It is to be acknowledged by {time_of(due)}."
    return _answer(
        f"{incident.key} is now {incident.severity}, {URGENCY[incident.severity]}. "
        f"The times of {incident.severity} apply, counted from the same start.",
        f"{acknowledge} {_resolve_by(incident, policy)}",
    )


def assigned(incident: Incident, policy: Policy) -> Rendered:
    """To the person who gave it to somebody, or asked them while nobody has it."""
    if incident.assignee is not None:
        return _answer(f"{user(incident.assignee)} has {incident.key} now, and is told.")
    due = response_due_at(incident, policy)
    goes_on = "" if due is None else f" If nobody acknowledges by {time_of(due)}, {on_breach(incident, policy)}."
    return _answer(f"They are asked to take {incident.key}. Until somebody does, nobody has it.{goes_on}")


def passed_on(incident: Incident, policy: Policy) -> Rendered:
    """To the person who said that it is not theirs."""
    due = response_due_at(incident, policy)
    until = "" if due is None else f" They have until {time_of(due)} to acknowledge."
    return _answer(f"Noted: {incident.key} is not yours. Others are asked at {place(incident, policy)}.{until}")


def still_on_it(incident: Incident, policy: Policy) -> Rendered:
    """To the person who gave a sign of life."""
    return _answer(f"Thank you: you still have {incident.key}.", _resolve_by(incident, policy))


def told(incident: Incident, policy: Policy) -> Rendered:
    """To the person who wrote an update."""
    where = where_told(incident.service, policy, is_private=incident.is_private)
    due = update_due_at(incident, policy)
    following = "" if due is None else f"The next update comes by {time_of(due)}, yours or Tierline's own."
    return _answer(f"Stakeholders of {incident.key} are told {where}.", following)


def noted(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who wrote a note."""
    return _answer(f"Noted in the story of {incident.key}: `/incident timeline {incident.key}` shows all of it.")


def resolved(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who ended it."""
    return _answer(f"{incident.key}: {title(incident)}", ending(incident))


def cancelled(incident: Incident, _policy: Policy) -> Rendered:
    """To the person who said that it was none."""
    return _answer(
        f"{incident.key}: {title(incident)}",
        f"{ending(incident)} Nobody is paged for it any more.",
    )


def reopened(incident: Incident, policy: Policy) -> Rendered:
    """To the person who opened it again."""
    due = response_due_at(incident, policy)
    until = "" if due is None else f", and has until {time_of(due)} to acknowledge"
    where = sentence_case(tier_name(tier_of(incident, policy)))
    return _answer(f"{incident.key} is open again: {title(incident)}", f"{where} is paged{until}.")


def _resolve_by(incident: Incident, policy: Policy) -> str:
    due = resolution_due_at(incident, policy)
    return "" if due is None else f"It is to be resolved by {time_of(due)}."


def _answer(*lines: str) -> Rendered:
    return sentence("\n".join(line.strip() for line in lines if line.strip()))
