"""What people tell of an incident: how far they are, the impact, what is done and when it will be solved."""

from collections.abc import Iterator

from bot.catalogue import mark, t
from bot.domain.incident import Incident
from bot.domain.progress import Progress
from bot.domain.timeline import StakeholdersTold, TimelineEvent
from bot.slack.blocks.layout import context, fields, section
from bot.slack.blocks.mrkdwn import cut, escape, links, one_line, time_of, user
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.words import ended

WORDS_SHOWN = 2_800
FIELD_SHOWN = 600
LAST_SHOWN = 300

PROGRESS = {
    Progress.INVESTIGATING: mark("Investigating"),
    Progress.IDENTIFIED: mark("Identified"),
    Progress.MONITORING: mark("Monitoring"),
}
MEANING = {
    Progress.INVESTIGATING: mark("the cause is being looked for"),
    Progress.IDENTIFIED: mark("the cause is known and being mended"),
    Progress.MONITORING: mark("it is mended and watched"),
}
NOT_KNOWN = mark("not known yet")


def told(event: TimelineEvent, fact: StakeholdersTold) -> list[Block]:
    """An update in a person's own words."""
    return [
        section(f"*{t(PROGRESS[fact.progress])}*: {t(MEANING[fact.progress])}.\n{_own(fact.changed, WORDS_SHOWN)}"),
        fields(list(details(fact))),
        context(t("By {by}, {at}.", by=user(event.by), at=time_of(event.at))),
    ]


def told_in_words(event: TimelineEvent, fact: StakeholdersTold) -> str:
    """The same for those who only hear it."""
    more = " ".join(f"{label}: {said.rstrip('.')}." for label, said in details(fact))
    return t(
        "{progress}, says {by}: {changed} {details}",
        progress=t(PROGRESS[fact.progress]),
        by=user(event.by),
        changed=ended(_own(one_line(fact.changed), WORDS_SHOWN)),
        details=more,
    )


def now_known(incident: Incident) -> list[tuple[str, str]]:
    """What the last update said, for the stakeholders' message; nothing before there was one."""
    if incident.is_over or (incident.progress is None and incident.eta is None):
        return []
    progress = [] if incident.progress is None else [(t("Progress"), t(PROGRESS[incident.progress]))]
    impact = [(t("Impact"), _own(incident.impact, FIELD_SHOWN))] if incident.impact else []
    return [*progress, *impact, (t("Expected to be solved"), _eta(incident))]


def last_told(incident: Incident) -> list[Block]:
    """The last update, for those who work on it."""
    if incident.told_at is None or incident.told_by is None or incident.progress is None or incident.is_over:
        return []
    words = cut(escape(one_line(incident.told)), LAST_SHOWN)
    progress = t(PROGRESS[incident.progress]).lower()
    return [
        context(
            t(
                "💬 {told_by} told stakeholders {told_at} ({progress}): {words}",
                told_by=user(incident.told_by),
                told_at=time_of(incident.told_at),
                progress=progress,
                words=words,
            )
        )
    ]


def aftermath(incident: Incident) -> list[tuple[str, str]]:
    """What remains of it, once it is resolved: explicitly nothing, where nothing was said of it."""
    if incident.resolved_at is None:
        return []
    impact, lost = _own(incident.impact, FIELD_SHOWN), _own(incident.data_loss, FIELD_SHOWN)
    return [(t("Impact"), impact or t("none was reported")), (t("Data loss"), lost or t("none was reported"))]


def details(fact: StakeholdersTold, *, limit: int = FIELD_SHOWN) -> Iterator[tuple[str, str]]:
    """What it says beside what is new, each with its label."""
    if fact.impact:
        yield t("Impact"), _own(fact.impact, limit)
    owner = "" if fact.owner is None else user(fact.owner)
    if fact.action:
        yield t("Being done"), _own(fact.action, limit) + (f" ({owner})" if owner else "")
    elif owner:
        yield t("In the hands of"), owner
    yield t("Expected to be solved"), t(NOT_KNOWN) if fact.eta is None else time_of(fact.eta)


def _eta(incident: Incident) -> str:
    return t(NOT_KNOWN) if incident.eta is None else time_of(incident.eta)


def _own(words: str, limit: int) -> str:
    return cut(links(escape(words)), limit)
