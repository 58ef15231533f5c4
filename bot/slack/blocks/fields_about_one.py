"""The fields of the forms about one incident, each with what is known or was typed before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.catalogue import mark, t
from bot.domain.destination import destinations
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.progress import Progress
from bot.domain.verbs import Destination
from bot.slack.blocks.inputs import (
    INPUT_LIMIT,
    field_input,
    grouped_select,
    option,
    person,
    radio_buttons,
    select,
    severity_options,
    text_input,
)
from bot.slack.blocks.mrkdwn import clean, cut_plain
from bot.slack.blocks.progress import MEANING, PROGRESS
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.words import tier_name
from bot.slack.ids import FormField

Entries = Mapping[FormField, str]
"""What stands in the fields: words, the value of what was chosen, or somebody's id."""

RESOLVED = "resolved"
"""Beside how far they are: it is over."""


class DataLoss(StrEnum):
    UNSAID = "unsaid"
    NONE = "none"
    SOME = "some"


DATA_LOSS = {
    DataLoss.UNSAID: mark("None was reported"),
    DataLoss.NONE: mark("None: somebody made sure"),
    DataLoss.SOME: mark("Some, as written below"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a form is about, for somebody who may resolve it or not. A time of day is one in `zone`."""

    incident: Incident
    policy: Policy
    zone: ZoneInfo
    may_resolve: bool


def update(of: Subject, entries: Entries) -> Iterator[Block]:
    progress = [option(each, f"{t(PROGRESS[each])}: {t(MEANING[each])}") for each in Progress]
    resolved = [option(RESOLVED, t("Resolved: it is over, and this is its summary"))] if of.may_resolve else []
    options = [*progress, *resolved]
    yield field_input(FormField.PROGRESS, t("How far are you?"), select(options, entries.get(FormField.PROGRESS)))
    yield _words(entries, FormField.CHANGED, t("What is new?"), t("A bad deploy, being rolled back"), required=True)
    yield _words(entries, FormField.IMPACT, t("Impact"), t("Who is affected, and how"))
    yield _words(entries, FormField.ACTION, t("What is being done?"), t("The last release is taken back"))
    owner = person(entries.get(FormField.OWNER), t("Choose a person"))
    yield field_input(FormField.OWNER, t("Who does it?"), owner, optional=True)
    hint = t("Or unknown. A time of day is one in {key}.", key=of.zone.key)
    yield _line(entries, FormField.ETA, t("When will it be solved?"), t("20m, 14:00, tomorrow 9:00"), hint=hint)


def resolve(_of: Subject, entries: Entries) -> Iterator[Block]:
    yield _words(entries, FormField.SUMMARY, t("What was it?"), t("A bad deploy; rolled back"))
    yield _words(entries, FormField.IMPACT, t("Impact"), t("Who was affected, and how"))
    lost = [option(each, t(text)) for each, text in DATA_LOSS.items()]
    chosen = entries.get(FormField.DATA_LOSS)
    yield field_input(FormField.DATA_LOSS, t("Was data lost?"), radio_buttons(lost, chosen))
    yield _words(entries, FormField.LOST, t("What was lost?"), t("12 orders of this morning"))


def escalate(of: Subject, entries: Entries) -> Iterator[Block]:
    to = grouped_select(_places(of.incident, of.policy), entries.get(FormField.TO))
    yield field_input(FormField.TO, t("Where to?"), to)
    yield _words(entries, FormField.REASON, t("Why?"), t("It is the database"))


def hold(of: Subject, entries: Entries) -> Iterator[Block]:
    hint = t("A time of day is one in {key}.", key=of.zone.key)
    until = text_input(_fitting(entries, FormField.UNTIL), INPUT_LIMIT, t("2h, 14:00, monday 9:00"))
    yield field_input(FormField.UNTIL, t("For how long, or until when?"), until, hint=hint)
    yield _words(entries, FormField.REASON, t("What does it wait for?"), t("The supplier calls back"))


def severity(of: Subject, entries: Entries) -> Iterator[Block]:
    options = select(severity_options(of.policy), entries.get(FormField.SEVERITY))
    yield field_input(FormField.SEVERITY, t("Severity"), options)
    yield _words(entries, FormField.REASON, t("Why?"), t("A workaround is known"))


def assign(_of: Subject, entries: Entries) -> Iterator[Block]:
    to = person(entries.get(FormField.ASSIGNEE), t("Choose a person"))
    yield field_input(FormField.ASSIGNEE, t("Who is to have it?"), to)


def note(_of: Subject, entries: Entries) -> Iterator[Block]:
    yield _words(entries, FormField.NOTE, t("What is worth knowing?"), t("The log shows a timeout"), required=True)


def cancel(_of: Subject, entries: Entries) -> Iterator[Block]:
    yield _line(
        entries, FormField.DUPLICATE_OF, t("Duplicate of"), "INC-7", hint=t("If it is the same as another one.")
    )
    yield _words(entries, FormField.REASON, t("Why?"), t("A false alarm"))


def _words(entries: Entries, field: FormField, label: str, placeholder: str, *, required: bool = False) -> Block:
    element = text_input(_fitting(entries, field), INPUT_LIMIT, placeholder)
    return field_input(field, label, {**element, "multiline": True}, optional=not required)


def _line(entries: Entries, field: FormField, label: str, placeholder: str, *, hint: str) -> Block:
    element = text_input(_fitting(entries, field), INPUT_LIMIT, placeholder)
    return field_input(field, label, element, optional=True, hint=hint)


def _fitting(entries: Entries, field: FormField) -> str:
    return cut_plain(clean(entries.get(field, "")), INPUT_LIMIT)


def _places(incident: Incident, policy: Policy) -> Sequence[tuple[str, Sequence[Block]]]:
    """The tiers of the policy that it follows now, and other services with a policy of their own."""
    tiers, others = [], []
    for to in destinations(incident, policy):
        tier = tier_name(policy.escalation(to.route).tier(to.tier))
        if to.route == incident.routed_to:
            tiers.append(option(encoded(to), tier[:1].upper() + tier[1:]))
        else:
            others.append(option(encoded(to), f"{to.route}, {tier}"))
    return [(t("Its tiers"), tiers), (t("Other services"), others)]


def encoded(to: Destination) -> str:
    return f"{to.tier}|{to.route}"


def decoded(value: str) -> Destination:
    """Raises `ValueError` for whatever `encoded` did not make."""
    tier, _, route = value.partition("|")
    if not tier.isdecimal() or not route:
        raise ValueError("not a destination of ours")
    return Destination(route=route, tier=int(tier))
