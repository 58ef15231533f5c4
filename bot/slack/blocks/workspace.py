"""What is said about many incidents at once: when the bot is back after it was away, or may not do its work."""

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from bot.catalogue import mark, n, t
from bot.domain.ids import IncidentId
from bot.domain.incident import Incident
from bot.domain.notice import CatchUpPages, ChannelsRefused, Notice, PassedDeadline, StartUpReport
from bot.domain.policy import Mention, Policy
from bot.domain.timeline import Target
from bot.slack.blocks.layout import message, section
from bot.slack.blocks.mrkdwn import cut, duration, length, mentions, time_of
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import MENTIONS_IN_TEXT, MENTIONS_SHOWN, name, title

LINES_SHOWN = 30
LINES_IN_SECTION = 10
LENGTH_IN_TEXT = 2_700
TITLE_SHOWN = 60
PLAIN_LIMIT = 990

RULE = mark("Nothing is replayed: each incident took one step, and what is true now decides.")


def render_notice(notice: Notice, incidents: Mapping[IncidentId, Incident], policy: Policy) -> Rendered:
    """`incidents` are those that the notice is about, as they are now; of others only the number is said."""
    match notice:
        case StartUpReport():
            return _start_up_report(notice, incidents)
        case CatchUpPages():
            return _catch_up_pages(notice, incidents, policy)
        case ChannelsRefused():
            return _channels_refused(notice)
        case _:
            assert_never(notice)


def render_plain_notice(notice: Notice, incidents: Mapping[IncidentId, Incident], policy: Policy) -> Rendered:
    """In one paragraph of text: for the one more try after Slack refused the blocks."""
    text = cut(render_notice(notice, incidents, policy).text, PLAIN_LIMIT)
    return Rendered(text=text, blocks=[section(text)])


def people_paged(notice: Notice, incidents: Mapping[IncidentId, Incident], policy: Policy) -> tuple[Mention, ...]:
    """Whom the notice rings: everybody of the tiers where it finds incidents that nobody has, once."""
    match notice:
        case StartUpReport() | ChannelsRefused():
            return ()
        case CatchUpPages():
            paged = (who for incident in _waiting(notice, incidents) for who in _people(incident, policy))
            return tuple(dict.fromkeys(paged))
        case _:
            assert_never(notice)


def _start_up_report(report: StartUpReport, incidents: Mapping[IncidentId, Incident]) -> Rendered:
    away = duration(report.back_at - report.away_since)
    opening = t(
        "Tierline was away for {away}, from {away_since} until {back_at}.",
        away=away,
        away_since=time_of(report.away_since),
        back_at=time_of(report.back_at),
    )
    if not report.passed:
        return _listed(t("{opening} No deadline passed meanwhile.", opening=opening), (), "")
    by_number = {incident.number: incident for incident in incidents.values()}
    passed = [_passed(deadline, by_number.get(deadline.number)) for deadline in report.passed]
    heading = t(
        "{opening} {count} passed meanwhile:",
        opening=opening,
        count=n("{number} deadline", "{number} deadlines", len(passed)),
    )
    return _listed(heading, passed, t("{rule} `/incident why INC-7` tells what comes next.", rule=t(RULE)))


def _passed(deadline: PassedDeadline, incident: Incident | None) -> str:
    what = t("not resolved in time") if deadline.target is Target.RESOLUTION else t("not acknowledged in time")
    where = t("at tier {tier}, due {due_at}", tier=deadline.tier, due_at=time_of(deadline.due_at))
    return t(
        "• INC-{number}{called}: {what} {where}",
        number=deadline.number,
        called=_called(incident),
        what=what,
        where=where,
    )


def _called(incident: Incident | None) -> str:
    return "" if incident is None else f" {title(incident, TITLE_SHOWN)} ({incident.severity})"


def _catch_up_pages(pages: CatchUpPages, incidents: Mapping[IncidentId, Incident], policy: Policy) -> Rendered:
    waiting = _waiting(pages, incidents)
    if not waiting:
        return _listed(t("Tierline was away. What waited here meanwhile has been taken or has moved on."), (), "")
    people = people_paged(pages, incidents, policy)
    heading = t(
        "Tierline was away, and {wait} for somebody here. Take one with `/incident ack {key}`, or with its card below.",
        wait=_wait(len(waiting)),
        key=waiting[0].key,
    )
    return _listed(heading, [_row(incident) for incident in waiting], "", people)


_WORK_ON_CHANNELS: Mapping[str, str] = {
    "conversations.create": mark("make channels for incidents"),
    "conversations.invite": mark("invite people to the channels of incidents"),
    "conversations.setTopic": mark("set the topics of incidents' channels"),
    "conversations.archive": mark("archive the channels of incidents"),
    "users.conversations": mark("look for the channels of incidents"),
}


def _channels_refused(refused: ChannelsRefused) -> Rendered:
    work = t(_WORK_ON_CHANNELS.get(refused.method, mark("keep the bookmarks of incidents' channels")))
    said = t("Slack does not let Tierline {work} ({error}); incidents go on without.", work=work, error=refused.error)
    fix = t(
        "To mend it, update the app from `manifest.yml` and install it again, or allow it in Slack's settings: "
        "`tierline doctor` names what is missing. Tierline tries again every hour."
    )
    return _listed(f"{said} {fix}", (), "")


def _wait(number: int) -> str:
    return t("1 incident waits") if number == 1 else t("{number} incidents wait", number=number)


def _waiting(pages: CatchUpPages, incidents: Mapping[IncidentId, Incident]) -> Sequence[Incident]:
    """The worst first, then the oldest."""
    found = (incidents.get(each) for each in pages.incidents)
    waiting = [incident for incident in found if incident is not None and incident.is_open]
    return sorted(waiting, key=lambda incident: (incident.severity.value, incident.opened_at))


def _row(incident: Incident) -> str:
    return t(
        "• {key} {incident} ({severity}, {service}), open since {opened_at}",
        key=incident.key,
        incident=title(incident, TITLE_SHOWN),
        severity=incident.severity,
        service=name(incident.service),
        opened_at=time_of(incident.opened_at),
    )


def _people(incident: Incident, policy: Policy) -> tuple[Mention, ...]:
    """Nobody of a tier that an older version of the policy had: its incident is listed all the same."""
    escalation = policy.services.get(incident.routed_to)
    known = escalation is not None and incident.tier <= len(escalation.tiers)
    return escalation.tier(incident.tier).people if escalation is not None and known else ()


def _listed(heading: str, rows: Sequence[str], closing: str, people: Sequence[Mention] = ()) -> Rendered:
    """The first rows, and how many more there are; beside the blocks as many as fit there."""
    ring, ring_in_text = mentions(people, MENTIONS_SHOWN), mentions(people, MENTIONS_IN_TEXT)
    blocks = [section(part) for part in (f"{ring} {heading}".strip(), *_in_sections(rows), closing) if part]
    spoken = [f"{ring_in_text} {heading}".strip(), _fitting(rows, LENGTH_IN_TEXT), closing]
    return message("\n".join(filter(None, spoken)), blocks)


def _in_sections(rows: Sequence[str]) -> Iterator[str]:
    shown = rows[:LINES_SHOWN]
    for start in range(0, len(shown), LINES_IN_SECTION):
        last = start + LINES_IN_SECTION >= len(shown)
        yield "\n".join([*shown[start : start + LINES_IN_SECTION], *(_more(rows, len(shown)) if last else ())])


def _fitting(rows: Sequence[str], limit: int) -> str:
    shown: list[str] = []
    for row in rows[:LINES_SHOWN]:
        if length("\n".join([*shown, row])) > limit:
            break
        shown.append(row)
    return "\n".join([*shown, *_more(rows, len(shown))])


def _more(rows: Sequence[str], shown: int) -> Sequence[str]:
    return (t("… and {rows} more", rows=len(rows) - shown),) if len(rows) > shown else ()
