"""The forms about one incident, each for one thing to do to it, filled in with what is known or was typed before."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.catalogue import mark, t
from bot.domain.incident import Incident
from bot.domain.policy import Policy, Verb
from bot.domain.progress import Progress
from bot.domain.verbs import Destination
from bot.slack.blocks import fields_about_one as fields_of
from bot.slack.blocks.audiences import where_told
from bot.slack.blocks.fields_about_one import DataLoss, Entries, Subject, encoded
from bot.slack.blocks.layout import context, mrkdwn, plain_text
from bot.slack.blocks.mrkdwn import cut
from bot.slack.blocks.rendered import Block, View
from bot.slack.blocks.words import about, ending, standing
from bot.slack.ids import BlockId, CallbackId, FormField

NOTHING: Entries = {}
PROBLEM_LIMIT = 2_900


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """`main` is the field at which is said what is wrong with it as a whole."""

    callback: CallbackId
    title: str
    submit: str
    main: FormField
    consequence: Callable[[Incident, Policy], str]
    fields: Callable[[Subject, Entries], Iterator[Block]]


def form_about(
    verb: Verb,
    of: Subject,
    *,
    entries: Entries,
    problem: str | None = None,
    private_metadata: str,
    is_again: bool = False,
) -> View:
    """`problem` is mrkdwn that says why it is shown. Shown again, the form holds the `entries` and nothing else."""
    form = _FORMS[verb]
    edition = f".{of.incident.version}" if is_again else ""
    return {
        "type": "modal",
        "callback_id": form.callback.value,
        "title": plain_text(f"{t(form.title)} {of.incident.key}"),
        "submit": plain_text(t(form.submit)),
        "close": plain_text(t("Not now")),
        "private_metadata": private_metadata,
        "blocks": [
            *([_problem(problem)] if problem else []),
            _about(form, of.incident, of.policy),
            *(_of_edition(block, edition) for block in form.fields(of, entries)),
        ],
    }


def known(verb: Verb, incident: Incident, policy: Policy, *, now: datetime, zone: ZoneInfo) -> Entries:
    """What is filled in before anybody writes."""
    match verb:
        case Verb.UPDATE:
            return {
                FormField.PROGRESS: incident.progress or Progress.INVESTIGATING,
                FormField.IMPACT: incident.impact,
                FormField.OWNER: incident.assignee or "",
                FormField.ETA: _eta(incident, now, zone),
            }
        case Verb.RESOLVE:
            return {FormField.IMPACT: incident.impact, FormField.DATA_LOSS: DataLoss.UNSAID}
        case Verb.ESCALATE:
            onward = policy.escalation(incident.routed_to).next_tier(incident.tier)
            to = None if onward is None else Destination(route=incident.routed_to, tier=onward.number)
            return NOTHING if to is None else {FormField.TO: encoded(to)}
        case Verb.HOLD:
            return {FormField.REASON: incident.hold_reason}
        case Verb.SEVERITY:
            return {FormField.SEVERITY: incident.severity}
        case _:
            return NOTHING


def callback_of(verb: Verb) -> CallbackId:
    return _FORMS[verb].callback


def main_field(verb: Verb) -> FormField:
    return _FORMS[verb].main


def _of_edition(block: Block, edition: str) -> Block:
    """Slack keeps what stands in a field whose ids stay the same, whatever it is filled in with anew."""
    element = block["element"]
    return {**block, "element": {**element, "action_id": f"{element['action_id']}{edition}"}}


def _eta(incident: Incident, now: datetime, zone: ZoneInfo) -> str:
    """With its day, so that it means the same when the form is sent in later."""
    if incident.eta is None or incident.eta <= now:
        return ""
    return f"{incident.eta.astimezone(zone):%Y-%m-%d %H:%M}"


def _problem(problem: str) -> Block:
    return {
        "type": "section",
        "block_id": BlockId.FORM_PROBLEM.value,
        "text": mrkdwn(cut(f"⚠️ {problem}", PROBLEM_LIMIT)),
    }


def _about(form: _Form, incident: Incident, policy: Policy) -> Block:
    """What it is, how it stands, and what sending the form does."""
    stands = ending(incident) if incident.is_over else standing(incident, policy)
    text = f"{about(incident)} {stands}\n{form.consequence(incident, policy)}"
    return context(text) | {"block_id": BlockId.FORM_ABOUT.value}


def _told_where(incident: Incident, policy: Policy) -> str:
    if not incident.has_readers:
        return t("It goes to the story alone: the incident is private, and nobody follows it.")
    where = where_told(incident.service, policy, is_private=incident.is_private)
    return t("Stakeholders read it at once {where}.", where=where)


def _always(consequence: str) -> Callable[[Incident, Policy], str]:
    return lambda _incident, _policy: t(consequence)


_FORMS: Mapping[Verb, _Form] = {
    Verb.UPDATE: _Form(
        callback=CallbackId.UPDATE_INCIDENT,
        title=mark("Update"),
        submit=mark("Tell them"),
        main=FormField.CHANGED,
        consequence=_told_where,
        fields=fields_of.update,
    ),
    Verb.RESOLVE: _Form(
        callback=CallbackId.RESOLVE_INCIDENT,
        title=mark("Resolve"),
        submit=mark("Resolve"),
        main=FormField.SUMMARY,
        consequence=_always(
            mark("It is over then: pages and stakeholder updates stop. Nothing below has to be filled in.")
        ),
        fields=fields_of.resolve,
    ),
    Verb.ESCALATE: _Form(
        callback=CallbackId.ESCALATE_INCIDENT,
        title=mark("Escalate"),
        submit=mark("Escalate"),
        main=FormField.TO,
        consequence=_always(mark("Those it goes to are paged at once.")),
        fields=fields_of.escalate,
    ),
    Verb.HOLD: _Form(
        callback=CallbackId.HOLD_INCIDENT,
        title=mark("Hold"),
        submit=mark("Put on hold"),
        main=FormField.UNTIL,
        consequence=_always(mark("Nobody is paged meanwhile, and the time to resolve stands still.")),
        fields=fields_of.hold,
    ),
    Verb.SEVERITY: _Form(
        callback=CallbackId.CHANGE_SEVERITY,
        title=mark("Severity:"),
        submit=mark("Change"),
        main=FormField.SEVERITY,
        consequence=_always(mark("The times of the new severity apply, counted from the same start.")),
        fields=fields_of.severity,
    ),
    Verb.ASSIGN: _Form(
        callback=CallbackId.ASSIGN_INCIDENT,
        title=mark("Assign"),
        submit=mark("Assign"),
        main=FormField.ASSIGNEE,
        consequence=_always(mark("They are told at once. While nobody has it, they are asked to take it.")),
        fields=fields_of.assign,
    ),
    Verb.NOTE: _Form(
        callback=CallbackId.NOTE_INCIDENT,
        title=mark("Note on"),
        submit=mark("Note it"),
        main=FormField.NOTE,
        consequence=_always(mark("It goes to the story, for those who work on it. Stakeholders do not read it.")),
        fields=fields_of.note,
    ),
    Verb.CANCEL: _Form(
        callback=CallbackId.CANCEL_INCIDENT,
        title=mark("Cancel"),
        submit=mark("Cancel it"),
        main=FormField.DUPLICATE_OF,
        consequence=_always(
            mark("It was no incident, or is the same as another one: nobody is paged for it any more.")
        ),
        fields=fields_of.cancel,
    ),
}
FORMS = tuple(_FORMS)
