"""One incident on the Home tab: what it is, who has it, what its clocks do next, and what can be done about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.catalogue import t
from bot.domain.clocks import expiry_due_at, repeat_due_at, resolution_due_at, response_due_at, update_due_at
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.buttons import of_card
from bot.slack.blocks.countdown import away
from bot.slack.blocks.layout import actions, plain_text, section
from bot.slack.blocks.mrkdwn import bold, time_of
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.words import MARK, name, route, state, tier_of, tier_place, title
from bot.slack.ids import ActionId, BlockId, ButtonValue

TITLE_SHOWN = 120
OFFERED = (ActionId.ACKNOWLEDGE, ActionId.STILL_ON_IT, ActionId.RESUME, ActionId.UPDATE, ActionId.RESOLVE)
"""Of the buttons of its card; the others are in the menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """An incident that is not over, with its own policy, and when it breached last."""

    incident: Incident
    policy: Policy
    breached_at: datetime | None = None


def with_buttons(one: GoingOn, now: datetime) -> list[Block]:
    """For those whose concern it is."""
    own = [element for row in of_card(one.incident, one.policy) for element in row["elements"]]
    offered = [element for action in OFFERED for element in own if element["action_id"] == action]
    menu = [element for element in own if element["action_id"] == ActionId.MORE]
    # Nothing else than the last can take up room of its own: a menu is wide.
    row = actions(f"{BlockId.INCIDENT_BUTTONS}|{one.incident.number}", [*offered, _details(one.incident), *menu])
    return [section(_text(one, now)), row]


def in_one_block(one: GoingOn, now: datetime) -> list[Block]:
    """For everybody else: a look at it, or taking it when nobody has."""
    taking = [element for row in of_card(one.incident, one.policy) for element in row["elements"]]
    offered = [element for element in taking if element["action_id"] == ActionId.ACKNOWLEDGE]
    beside = offered[0] if offered else _details(one.incident)
    return [section(_text(one, now)) | {"accessory": {key: beside[key] for key in beside if key != "style"}}]


def _text(one: GoingOn, now: datetime) -> str:
    incident, policy = one.incident, one.policy
    private = "🔒 " if incident.is_private else ""
    place = f"{tier_place(tier_of(incident, policy))}{route(incident)}"
    lines = (
        f"{MARK[incident.state]} {private}{_headline(incident)}",
        f"{state(incident)} · {name(incident.service)}, {place}",
        " · ".join([*_passed(one, now), *_waiting(incident, policy, now)]),
        " · ".join(_ahead(incident, policy, now)),
    )
    return "\n".join(line for line in lines if line)


def _headline(incident: Incident) -> str:
    head, called = f"{incident.key} · {incident.severity}", title(incident, TITLE_SHOWN)
    return f"{bold(head)} · {called}" if "*" in called else bold(f"{head} · {called}")


def _passed(one: GoingOn, now: datetime) -> Iterator[str]:
    """What nobody did in time."""
    incident = one.incident
    if incident.exhausted_at is not None and incident.is_open:
        yield t("🚨 *Nobody answered*: the alarm went out {away}", away=away(incident.exhausted_at, now))
    elif one.breached_at is not None:
        yield t("⏰ *Breached {away}*", away=away(one.breached_at, now))
    elif incident.breach_count:
        yield t("⏰ *Breached*")


def _waiting(incident: Incident, policy: Policy, now: datetime) -> Iterator[str]:
    """What is waited for, and until when."""
    yield from _at(t("*Acknowledge by*"), response_due_at(incident, policy), now)
    yield from _at(t("Paged again"), repeat_due_at(incident, policy), now)
    yield from _at(t("On hold until"), incident.hold_until, now)
    if incident.still_asked_at is not None:
        yield from _at(t("*Say “still on it” by*"), expiry_due_at(incident, policy), now)


def _ahead(incident: Incident, policy: Policy, now: datetime) -> Iterator[str]:
    """What else was promised."""
    yield from _at(t("Resolve by"), resolution_due_at(incident, policy), now)
    if incident.overdue_since is not None:
        yield t(
            "📭 Stakeholders wait for an update by a person since {overdue_since}",
            overdue_since=time_of(incident.overdue_since),
        )
    else:
        yield from _at(t("Next update"), update_due_at(incident, policy), now)


def _at(what: str, instant: datetime | None, now: datetime) -> Iterator[str]:
    if instant is not None:
        yield f"{what} {time_of(instant)}, {away(instant, now)}"


def _details(incident: Incident) -> Block:
    value = ButtonValue(number=incident.number, tier=incident.tier, cycle=incident.cycle)
    return {
        "type": "button",
        "action_id": ActionId.HOME_DETAILS.value,
        "text": plain_text(t("Details")),
        "accessibility_label": t("Details of {key}", key=incident.key),
        "value": value.encode(),
    }
