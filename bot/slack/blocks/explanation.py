"""Why an incident is where it is, in sentences: what happened, every clock, and what comes next if nobody acts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.catalogue import mark, n, t
from bot.domain.explanation import FORESEEN, ClockName, ClockReading, ClockState, Explanation, only_update
from bot.domain.forecast import hearings
from bot.domain.on_call import ShiftsOf
from bot.domain.timeline import UpdateDue, UpdateNudged
from bot.slack.blocks.foreseen import steps, who_hears
from bot.slack.blocks.in_full import in_full
from bot.slack.blocks.layout import SECTION_LIMIT, context, header, message, section
from bot.slack.blocks.mrkdwn import bold, duration, length, time_of
from bot.slack.blocks.reasons import reason
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.standing import at_the_end, counted, standings
from bot.slack.blocks.words import about, ending, headline, name, standing, tier_name, tier_of

PAST_SHOWN = 40
"""A longer story is read with `/incident timeline`; the opening is always told."""

CLOCKS = {
    ClockName.RESOLUTION: mark("Time to resolve"),
    ClockName.ACKNOWLEDGEMENT: mark("Sign of life"),
    ClockName.HOLD_REVIEW: mark("Hold"),
    ClockName.REPEAT: mark("Next page of the last tier"),
    ClockName.UPDATE: mark("Stakeholder update"),
    ClockName.OVERDUE: mark("Owed update, until managers hear of it"),
}
NOTHING_MORE = mark("Nothing more happens by itself.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something at an instant, in mrkdwn; `at` is None for a line that stands for others.

    `more` is what a person wrote, whole, where the text has only its beginning.
    """

    at: datetime | None
    text: str
    more: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An explanation as text, each part in mrkdwn; a terminal reads it through a voice."""

    headline: str
    now: str
    past: Sequence[Line]
    clocks: Sequence[str]
    next: Sequence[Line]
    afterwards: str


def account(explanation: Explanation, *, shifts_of: ShiftsOf | None = None) -> Account:
    """`shifts_of` tells who is on call by calendars kept elsewhere; without it only their host is named."""
    incident = explanation.incident
    state = ending(incident) if incident.is_over else standing(incident, explanation.policy)
    upcoming = list(_next(explanation, shifts_of))
    return Account(
        headline=headline(incident),
        now=" ".join([state, *_in_short(upcoming, explanation)]),
        past=list(_past(explanation)),
        clocks=[_clock(reading, explanation) for reading in explanation.clocks],
        next=upcoming,
        afterwards=_afterwards(explanation),
    )


def why(explanation: Explanation, *, shifts_of: ShiftsOf | None = None) -> Rendered:
    """The answer to `/incident why INC-12`: for one person, so that nobody named in it is notified."""
    told = account(explanation, shifts_of=shifts_of)
    clocks = [f"• {text}" for text in told.clocks]
    return message(
        f"{about(explanation.incident)} {told.now}",
        [
            header(told.headline),
            section(told.now),
            *paragraphs([t("*What happened, and why*"), *_lines(told.past)]),
            *paragraphs([t("*The clocks*"), *clocks]),
            *paragraphs([t("*What happens next if nobody acts*"), *_lines(told.next), told.afterwards]),
            context(t("As of {now}.", now=time_of(explanation.now))),
        ],
    )


def whole_story(explanation: Explanation) -> Iterator[Line]:
    """Every entry, in order."""
    for event, before in standings(explanation.story, explanation.policy):
        yield Line(at=event.at, text=reason(event, before), more=tuple(in_full(event.fact)))


def _past(explanation: Explanation) -> Iterator[Line]:
    """Without updates of the cadence and reminders, which are counted: each says nothing but that it was due."""
    story = zip(explanation.story, whole_story(explanation), strict=True)
    told = [line for event, line in story if not isinstance(event.fact, UpdateDue | UpdateNudged)]
    yield from told[:1]
    if len(told) > PAST_SHOWN:
        yield Line(at=None, text=t("… and {told} more in between …", told=len(told) - PAST_SHOWN))
    yield from told[1:][-(PAST_SHOWN - 1) :]
    updates = sum(isinstance(event.fact, UpdateDue) for event in explanation.story)
    if updates:
        yield Line(
            at=None,
            text=t(
                "Stakeholders got {count} because it was time for one.",
                count=n("{number} update", "{number} updates", updates),
            ),
        )
    nudges = sum(isinstance(event.fact, UpdateNudged) and not event.fact.missed for event in explanation.story)
    if nudges:
        yield Line(
            at=None,
            text=t(
                "Whoever had it got {count} that an update was due.",
                count=n("{number} reminder", "{number} reminders", nudges),
            ),
        )


def _next(explanation: Explanation, shifts_of: ShiftsOf | None) -> Iterator[Line]:
    before = at_the_end(explanation.story, explanation.policy)
    for moment in explanation.next:
        told, before = steps(moment, before)
        hearing = who_hears(hearings(moment, explanation.policy, shifts_of=shifts_of))
        yield Line(at=moment.at, text=" ".join([*told, *([t("Told: {hearing}.", hearing=hearing)] if hearing else [])]))


def _in_short(upcoming: Sequence[Line], explanation: Explanation) -> Iterator[str]:
    """What has to be known by whoever reads no further: the next thing that is more than an update."""
    if explanation.incident.exhausted_at is not None and explanation.incident.is_open:
        yield t("Every tier was asked and nobody answered: it is not passed on any more, so somebody has to take it.")
    moments = zip(explanation.next, upcoming, strict=True)
    line = next((line for moment, line in moments if not only_update(moment)), next(iter(upcoming), None))
    if line is not None and line.at is not None:
        when = t("Now") if line.at <= explanation.now else t("In {at}", at=duration(line.at - explanation.now))
        yield t("{when}, unless somebody acts: {text}", when=when, text=line.text)


def _afterwards(explanation: Explanation) -> str:
    if not explanation.next:
        return t(NOTHING_MORE)
    forecast = t("This is a forecast: whatever anybody does changes it.")
    return forecast if len(explanation.next) < FORESEEN else t("… and so on. {forecast}", forecast=forecast)


def _clock(reading: ClockReading, explanation: Explanation) -> str:
    stood = _stood(reading, explanation.now)
    return f"{bold(clock_name(reading, explanation))}: {_how_far(reading)}{_since(reading)}{stood}"


def clock_name(reading: ClockReading, explanation: Explanation) -> str:
    """`Time to resolve`, in mrkdwn."""
    if reading.name is ClockName.RESPONSE:
        return t(
            "Time to acknowledge at {tier_name}", tier_name=tier_name(tier_of(explanation.incident, explanation.policy))
        )
    if reading.name is ClockName.ACKNOWLEDGEMENT and explanation.incident.still_asked_at is not None:
        return t("Answer to “still on it?”")
    return t(CLOCKS[reading.name])


def _how_far(reading: ClockReading) -> str:
    """`running, 2 minutes of 5 minutes are over (40%), due at 03:05.`"""
    percent = "" if reading.percent is None else f" ({int(reading.percent)}%)"
    of, target = _counted(reading, reading.counted), _counted(reading, reading.target)
    done = t("{of} of {target}{percent}", of=of, target=target, percent=percent)
    due = "" if reading.due_at is None else f" {time_of(reading.due_at)}"
    match reading.state:
        case ClockState.RUNNING:
            return t("running, {done}; due{due}.", done=done, due=due)
        case ClockState.PAUSED:
            return t("paused at {done}; it goes on when the hold ends.", done=done)
        case ClockState.STOPPED:
            return t("stopped after {done}.", done=done)
        case ClockState.BREACHED:
            return t("breached{due}: {of} instead of {target}.", due=due, of=of, target=target)


def _since(reading: ClockReading) -> str:
    ended = "" if reading.ended_at is None else t(", stopped {ended_at}", ended_at=time_of(reading.ended_at))
    return t(" Started {started_at}{ended}.", started_at=time_of(reading.started_at), ended=ended)


def _stood(reading: ClockReading, now: datetime) -> str:
    """Where the time went that did not count; nothing when all did."""
    if not (reading.paused or reading.outside):
        return ""
    parts = [t("{counted} counted", counted=_counted(reading, reading.counted))]
    if reading.paused:
        parts.append(t("{span} on hold or closed", span=_span(reading.paused)))
    if reading.outside:
        parts.append(
            t("{span} outside {calendar} hours", span=_span(reading.outside), calendar=name(reading.calendar or ""))
        )
    return t(
        " Of {span}: {listed}.{pauses}", span=_span(reading.wall), listed=", ".join(parts), pauses=_pauses(reading, now)
    )


def _pauses(reading: ClockReading, now: datetime) -> str:
    """The last one may still go on."""
    past = [pause for pause in reading.pauses if pause.end < now]
    stood = " and ".join(
        t("from {start} to {end}", start=time_of(pause.start), end=time_of(pause.end)) for pause in past
    )
    stands = "".join(
        t(" It has stood still since {start}.", start=time_of(pause.start)) for pause in reading.pauses[len(past) :]
    )
    return f"{(t(' It stood still {stood}.', stood=stood) if stood else '')}{stands}"


def _counted(reading: ClockReading, span: timedelta) -> str:
    return _span(span) if reading.calendar is None else counted(span)


def _span(span: timedelta) -> str:
    return duration(span) if span >= timedelta(seconds=1) else t("0 minutes")


def _lines(lines: Iterable[Line]) -> Sequence[str]:
    return [f"• {time_of(line.at)}: {line.text}" if line.at is not None else f"• {line.text}" for line in lines]


def paragraphs(lines: Sequence[str]) -> list[Block]:
    """As many sections as the lines need; a line is never torn."""
    sections: list[Block] = []
    text = ""
    for line in lines:
        if text and length(f"{text}\n{line}") > SECTION_LIMIT:
            sections.append(section(text))
            text = line
        else:
            text = f"{text}\n{line}" if text else line
    return [*sections, section(text)] if text else sections
