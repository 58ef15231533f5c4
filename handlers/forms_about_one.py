"""The forms about one incident: opened with how it stands, sent in, and shown again when others were faster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.catalogue import t
from bot.clock import Clock
from bot.domain.errors import InvalidDuplicate, InvalidHold, InvalidIncident, Refusal, SameSeverity
from bot.domain.ids import ChannelId, UserId
from bot.domain.intent import Glance, Overtaken
from bot.domain.policy import Verb
from bot.services.explaining import zone_of_people
from bot.services.incidents import Case, IncidentDesk
from bot.slack.blocks.fields_about_one import Entries, Subject
from bot.slack.blocks.forms_about_one import FORMS, callback_of, form_about, known, main_field
from bot.slack.blocks.mrkdwn import cut, escape, one_line
from bot.slack.blocks.overtaken import overtaken_text
from bot.slack.blocks.refusals import refusal_text
from bot.slack.ids import FormField
from handlers import deeds
from handlers.carried import Carried, facts_in
from handlers.form_deeds import FilledIn, deed_of
from handlers.forms import FormOpener, look_in_time, open_in_time
from handlers.listener import Again, Errors, Heard, Say, at_field, note
from handlers.submissions import AboutRequest, about_request

TYPED_SHOWN = 2_000

AT_A_FIELD = (InvalidIncident, InvalidHold, InvalidDuplicate, SameSeverity)
"""What one field of the form mends; everything else is said on top of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody wants to do that to an incident. `entries` and `problem`, which is mrkdwn, are of what they typed."""

    verb: Verb
    number: int
    by: UserId
    channel: ChannelId | None
    trigger_id: str | None
    entries: Entries = field(default_factory=dict)
    problem: str | None = None


def as_typed_before(problem: str, typed: str) -> str | None:
    """The problem with a command, in mrkdwn, and its words, so that none of them is lost; None without a problem."""
    if not problem:
        return None
    return (
        t("{problem}\nYou wrote: {typed}", problem=problem, typed=cut(escape(one_line(typed)), TYPED_SHOWN))
        if typed
        else problem
    )


class FormsAboutOne:
    def __init__(self, desk: IncidentDesk, slack: FormOpener, clock: Clock) -> None:
        self._desk = desk
        self._slack = slack
        self._clock = clock

    async def open(self, wish: Wish) -> None:
        """Raises the domain's `Refusal` instead of opening a form for nothing, `FormNotOpened` or `NoTrigger`."""
        case = await self._look(wish)
        self._desk.admit(wish.verb, case, by=wish.by)
        facts = self._known(wish.verb, case)
        entries = {**facts, **{each: entry for each, entry in wish.entries.items() if entry}}
        carried = _carried(case, wish.channel, filled=facts_in(entries, facts))
        of = self._subject(case, wish.by)
        view = form_about(wish.verb, of, entries=entries, problem=wish.problem, private_metadata=carried.encode())
        await open_in_time(self._slack, wish.trigger_id, view)

    async def submitted(self, verb: Verb, say: Say, body: Mapping[str, Any]) -> Errors | Again | None:
        request = about_request(body)
        carried = request.carried
        zone = zone_of_people(self._desk.policy)
        form = FilledIn(number=carried.number, entries=request.entries, now=self._clock.now(), zone=zone)
        deed = deed_of(verb, form)
        if isinstance(deed, Mapping):
            return deed
        try:
            asking = deeds.Asking(by=request.user, cause=request.cause, saw=carried.saw)
            answer = await deeds.do(self._desk.seen_by(request.user, carried.channel), deed, asking)
        except AT_A_FIELD:
            raise
        except Refusal as refusal:
            note(refusal, f"{verb}_form")
            return await self._again(verb, request, refusal)
        say(carried.channel, request.user, answer.text)
        return None

    async def _again(self, verb: Verb, request: AboutRequest, refusal: Refusal) -> Again:
        """With all that was written, and what is so now where nothing was. Sent in once more, it is decided on that."""
        before = request.carried
        if isinstance(refusal, Overtaken):
            case, problem = Case(incident=refusal.incident, policy=refusal.policy), overtaken_text(refusal)
        else:
            desk = self._desk.seen_by(request.user, before.channel)
            case, problem = await desk.look(before.number), refusal_text(refusal)
        facts = self._known(verb, case)
        renewed = {each: facts.get(each, "") for each in before.untouched(request.entries)}
        entries = {**request.entries, **renewed}
        carried = _carried(case, before.channel, filled=facts_in(entries, facts))
        of = self._subject(case, request.user)
        metadata = carried.encode()
        return Again(form_about(verb, of, entries=entries, problem=problem, private_metadata=metadata, is_again=True))

    def _known(self, verb: Verb, case: Case) -> Entries:
        zone = zone_of_people(self._desk.policy)
        return known(verb, case.incident, case.policy, now=self._clock.now(), zone=zone)

    def _subject(self, case: Case, by: UserId) -> Subject:
        return Subject(
            incident=case.incident,
            policy=case.policy,
            zone=zone_of_people(self._desk.policy),
            may_resolve=self._desk.may(Verb.RESOLVE, case, by=by),
        )

    async def _look(self, wish: Wish) -> Case:
        return await look_in_time(self._desk.seen_by(wish.by, wish.channel).look(wish.number))


def _carried(case: Case, channel: ChannelId | None, *, filled: Mapping[FormField, str]) -> Carried:
    incident = case.incident
    return Carried(channel=channel, number=incident.number, saw=Glance.at(incident), filled=filled)


def register(app: AsyncApp, forms: FormsAboutOne, say: Say, heard: Heard) -> None:
    for verb in FORMS:
        submitted = partial(forms.submitted, verb, say)
        app.view(callback_of(verb).value)(at_field(f"{verb}_form", main_field(verb).value, submitted, heard))
