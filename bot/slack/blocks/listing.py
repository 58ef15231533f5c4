"""Answers to a person who asked for a list, and to one who was not understood."""

from bot.catalogue import mark, n, t
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.wanted import COUNTED, Listed, Wanted
from bot.slack.blocks.filters import filter_row
from bot.slack.blocks.layout import context, message, section, sentence
from bot.slack.blocks.mrkdwn import cut, escape, one_line, time_of, user
from bot.slack.blocks.navigation import show, turns
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import MARK, STATE, name, title
from bot.slack.queries import ListQuery, Place

ASKED_SHOWN = 300
TYPED_SHOWN = 2_500

NONE = mark("No incident matches. `/incident` opens one.")
TOO_MUCH_ASKED = mark("That names too much for buttons: name fewer of them to turn the pages and to choose.")


def incident_list(listed: Listed, policy: Policy, *, me: UserId) -> Rendered:
    """A page of what `me` asked for, with what else can be chosen."""
    query = ListQuery(wanted=listed.wanted, page=listed.page)
    choices = filter_row(listed.wanted, policy, me) if query.fits else [context(t(TOO_MUCH_ASKED))]
    if not listed.incidents:
        return message(t(NONE), [section(t(NONE)), *choices])
    page = t(", page {page} of {pages}", page=listed.page, pages=listed.pages) if listed.pages > 1 else ""
    total = (
        n("{number} incident", "{number} incidents", listed.total)
        if listed.total < COUNTED
        else t("{counted} incidents or more", counted=COUNTED)
    )
    heading = f"{total}{_as_asked(listed.wanted, me)}{page}"
    text = "\n".join([heading, *(_heard(incident) for incident in listed.incidents)])
    rows = [_row_with_button(incident, query) for incident in listed.incidents]
    pages = turns(query, listed.pages) if query.fits else []
    return message(text, [section(f"*{heading}*"), *choices, *rows, *pages])


def row(incident: Incident, *, when: str) -> str:
    """One incident in two lines; `when` ends the second."""
    held = t(", with {assignee}", assignee=user(incident.assignee)) if incident.assignee is not None else ""
    breached = t(", ⏰ breached") if incident.breach_count else ""
    private = "🔒 " if incident.is_private else ""
    return t(
        "{mark} *{key}* {private}{incident}\n{state}{held}{breached} · {severity} · {service}, tier {tier} · {when}",
        mark=MARK[incident.state],
        key=incident.key,
        private=private,
        incident=title(incident, 120),
        state=t(STATE[incident.state]),
        held=held,
        breached=breached,
        severity=incident.severity,
        service=name(incident.service),
        tier=incident.tier,
        when=when,
    )


def not_understood(problem: str, typed: str) -> Rendered:
    """What is wrong in plain words, and what was typed to copy and mend, so that nothing typed is lost."""
    words = cut(escape(one_line(typed)), TYPED_SHOWN)
    return sentence(
        t("{problem}\nYou wrote: /incident {words}", problem=escape(problem), words=words) if words else escape(problem)
    )


def _as_asked(wanted: Wanted, me: UserId) -> str:
    """`: sev1 or sev2, checkout, with you, breached`; nothing when all that is not over was asked for."""
    people = ["you" if person == me else user(person) for person in wanted.people]
    parts = [
        " or ".join(wanted.severities),
        " or ".join(name(service) for service in wanted.services),
        t("with {listed}", listed=" or ".join(people)) if people else "",
        "breached" if wanted.breached else "",
        "closed" if wanted.over else "",
    ]
    said = ", ".join(filter(None, parts))
    return cut(f": {said}", ASKED_SHOWN) if said else ""


def _heard(incident: Incident) -> str:
    """A row for those who only hear it."""
    held = t(", with {assignee}", assignee=user(incident.assignee)) if incident.assignee is not None else ""
    breached = t(", breached") if incident.breach_count else ""
    return f"{incident.key}: {title(incident, 100)}. {t(STATE[incident.state])}{held}{breached}, {incident.severity}."


def _row_with_button(incident: Incident, query: ListQuery) -> Block:
    """The same button in every row: a list that is shown anew may have moved below the finger."""
    closed = "" if incident.over_at is None else t(", closed {over_at}", over_at=time_of(incident.over_at))
    place = Place(number=incident.number, back=query if query.fits else None)
    return section(
        row(incident, when=t("opened {opened_at}{closed}", opened_at=time_of(incident.opened_at), closed=closed))
    ) | {"accessory": show(place)}
