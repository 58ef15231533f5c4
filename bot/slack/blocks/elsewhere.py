"""What people read where there is no Slack: plain text that stands alone, in an e-mail or a text message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.catalogue import n, t
from bot.domain.incident import Incident
from bot.domain.policy import Mention, MentionKind, Policy

LISTED = 40
NAMED_IN_SUBJECT = 4
TITLE_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


def letter(waiting: Sequence[tuple[Incident, Policy]], *, error: str, now: datetime) -> Letter:
    """`waiting` are the incidents of the pages, each with its policy; `error` is Slack's word when it refused them."""
    keys = [incident.key for incident, _ in waiting]
    named = ", ".join(keys[:NAMED_IN_SUBJECT]) + (", …" if len(keys) > NAMED_IN_SUBJECT else "")
    pages = n("{number} page", "{number} pages", len(keys))
    said = t("Slack refused {pages}", pages=pages) if error else t("Slack has not confirmed {pages}", pages=pages)
    why = (
        t("Slack refused to show what follows where it belongs ({error}).", error=error)
        if error
        else t("Slack has not confirmed what follows; perhaps nobody has seen it.")
    )
    parts = [t("{why} Please make sure that somebody is on it.", why=why)]
    parts.extend(_about(incident, policy) for incident, policy in waiting[:LISTED])
    if len(waiting) > LISTED:
        parts.append(t("… and {waiting} more.", waiting=len(waiting) - LISTED))
    parts.append(
        t("Tierline, {at}. The clocks go on meanwhile; /incident list shows all once Slack is back.", at=_at(now))
    )
    return Letter(t("Tierline: {said} ({named})", said=said, named=named), "\n\n".join(parts))


def _about(incident: Incident, policy: Policy) -> str:
    escalation = policy.escalation(incident.routed_to)
    tier = escalation.tier(incident.tier)
    lines = [
        f"{incident.key}  {incident.severity}  {incident.service}: {_line(incident.title)}",
        t(
            "Open since {opened_at}, at tier {number} ({name}) since {tier_entered_at}.",
            opened_at=_at(incident.opened_at),
            number=tier.number,
            name=tier.name,
            tier_entered_at=_at(incident.paged_at),
        ),
        _holder(incident),
    ]
    if tier.everyone:
        lines.append(t("Paged: {names}.", names=_names(tier.everyone)))
    if tier.managers:
        lines.append(t("Managers: {names}.", names=_names(tier.managers)))
    return "\n".join(lines)


def _holder(incident: Incident) -> str:
    return t("Nobody has acknowledged it.") if incident.assignee is None else t("Somebody had acknowledged it.")


def _names(people: Sequence[Mention]) -> str:
    return ", ".join(
        t("everybody in its channel") if who.kind is MentionKind.CHANNEL else f"@{who.name}" for who in people
    )


def _line(title: str) -> str:
    one_line = " ".join(title.split())
    return one_line if len(one_line) <= TITLE_SHOWN else f"{one_line[: TITLE_SHOWN - 1]}…"


def _at(instant: datetime) -> str:
    return t("{astimezone:%a %Y-%m-%d %H:%M} UTC", astimezone=instant.astimezone(UTC))
