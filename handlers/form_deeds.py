"""What was filled in becomes what is to be done, or says at its fields what is wrong. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.catalogue import mark, t
from bot.domain.ids import UserId
from bot.domain.policy import Severity, Verb
from bot.domain.progress import Progress
from bot.slack.blocks.fields_about_one import RESOLVED, DataLoss, Entries, decoded
from bot.slack.ids import FormField
from handlers import grammar
from handlers.deeds import Deed, SendTo
from handlers.grammar.ahead import NotAhead, read_eta, read_whole_hold
from handlers.grammar.words import incident_number, shown
from handlers.listener import Errors
from handlers.payload import MalformedPayload

WHAT_WAS_LOST = mark("Say what was lost, or choose that none was.")
NONE_WAS_LOST = mark("Choose that some was lost, or leave this empty.")

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledIn:
    """Times are those after `now`, on the clocks of `zone`."""

    number: int
    entries: Entries
    now: datetime
    zone: ZoneInfo

    def text(self, field: FormField) -> str:
        return self.entries.get(field, "")

    def choice(self, field: FormField, read: Callable[[str], Read]) -> Read:
        """Raises `MalformedPayload` for what the form did not offer."""
        try:
            return read(self.text(field))
        except ValueError as error:
            raise MalformedPayload(field) from error


def deed_of(verb: Verb, form: FilledIn) -> Deed | Errors:
    """Raises `MalformedPayload`."""
    return _READERS[verb](form)


def _update(form: FilledIn) -> Deed | Errors:
    """“Resolved” ends it, with what is new and what was done as the summary."""
    if form.text(FormField.PROGRESS) == RESOLVED:
        summary = "\n\n".join(filter(None, (form.text(FormField.CHANGED), form.text(FormField.ACTION))))
        return grammar.ResolveIncident(form.number, summary, form.text(FormField.IMPACT))
    eta = read_eta(form.text(FormField.ETA), now=form.now, zone=form.zone)
    if isinstance(eta, NotAhead):
        return {FormField.ETA.value: eta.problem}
    owner = form.text(FormField.OWNER)
    return grammar.TellStakeholders(
        number=form.number,
        changed=form.text(FormField.CHANGED),
        progress=form.choice(FormField.PROGRESS, Progress),
        impact=form.text(FormField.IMPACT),
        action=form.text(FormField.ACTION),
        owner=UserId(owner) if owner else None,
        eta=eta,
    )


def _resolve(form: FilledIn) -> Deed | Errors:
    chosen, lost = form.choice(FormField.DATA_LOSS, DataLoss), form.text(FormField.LOST)
    if chosen is DataLoss.SOME and not lost:
        return {FormField.LOST.value: t(WHAT_WAS_LOST)}
    if chosen is not DataLoss.SOME and lost:
        return {FormField.LOST.value: t(NONE_WAS_LOST)}
    loss = "none" if chosen is DataLoss.NONE else lost
    return grammar.ResolveIncident(form.number, form.text(FormField.SUMMARY), form.text(FormField.IMPACT), loss)


def _escalate(form: FilledIn) -> Deed | Errors:
    return SendTo(number=form.number, to=form.choice(FormField.TO, decoded), reason=form.text(FormField.REASON))


def _hold(form: FilledIn) -> Deed | Errors:
    until = read_whole_hold(form.text(FormField.UNTIL), now=form.now, zone=form.zone)
    if isinstance(until, NotAhead):
        return {FormField.UNTIL.value: until.problem}
    return grammar.HoldIncident(form.number, until, form.text(FormField.REASON))


def _severity(form: FilledIn) -> Deed | Errors:
    return grammar.ChangeSeverity(form.number, form.choice(FormField.SEVERITY, Severity), form.text(FormField.REASON))


def _assign(form: FilledIn) -> Deed | Errors:
    to = form.text(FormField.ASSIGNEE)
    if not to:
        raise MalformedPayload(FormField.ASSIGNEE)
    return grammar.AssignIncident(form.number, UserId(to))


def _note(form: FilledIn) -> Deed | Errors:
    return grammar.NoteDown(form.number, form.text(FormField.NOTE))


def _cancel(form: FilledIn) -> Deed | Errors:
    duplicate = form.text(FormField.DUPLICATE_OF)
    of = incident_number(duplicate)
    if duplicate and of is None:
        return {
            FormField.DUPLICATE_OF.value: t(
                "“{duplicate}” is not an incident; write it like INC-7.", duplicate=shown(duplicate)
            )
        }
    return grammar.CancelIncident(number=form.number, reason=form.text(FormField.REASON), duplicate_of=of)


_READERS: Mapping[Verb, Callable[[FilledIn], Deed | Errors]] = {
    Verb.UPDATE: _update,
    Verb.RESOLVE: _resolve,
    Verb.ESCALATE: _escalate,
    Verb.HOLD: _hold,
    Verb.SEVERITY: _severity,
    Verb.ASSIGN: _assign,
    Verb.NOTE: _note,
    Verb.CANCEL: _cancel,
}
