"""The buttons of an incident: only what makes sense in its present state."""

from collections.abc import Iterator, Sequence

from bot.catalogue import mark, t
from bot.domain.destination import destinations
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Policy
from bot.slack.blocks.layout import actions, plain_text
from bot.slack.blocks.rendered import Block
from bot.slack.ids import ActionId, BlockId, ButtonValue, MenuValue, MoreChoice

MORE = {
    MoreChoice.HOLD: mark("Put on hold…"),
    MoreChoice.ASSIGN: mark("Assign…"),
    MoreChoice.SEVERITY: mark("Change severity…"),
    MoreChoice.ESCALATE: mark("Escalate to…"),
    MoreChoice.NOTE: mark("Write a note…"),
    MoreChoice.WHY: mark("Why is it here?"),
    MoreChoice.TIMELINE: mark("Timeline"),
    MoreChoice.CANCEL: mark("Cancel it…"),
}
"""What ends in three dots opens a form."""


def of_card(incident: Incident, policy: Policy) -> list[Block]:
    """The row of buttons, as a list of one block."""
    more = _more(incident, policy)
    if incident.is_over:
        return _row([_reopen(incident), more])
    onward = [] if policy.escalation(incident.routed_to).is_last(incident.tier) else [_escalate(incident)]
    rest = [_resolve(incident), _update(incident), more]
    match incident.state:
        case IncidentState.OPEN:
            return _row([_acknowledge(incident), *onward, _not_mine(incident), *rest])
        case IncidentState.ON_HOLD:
            return _row([_resume(incident), *onward, *rest])
        case _:
            still = [] if incident.still_asked_at is None else [_still_on_it(incident)]
            return _row([*still, *onward, _not_mine(incident), *rest])


def of_alarm(incident: Incident) -> list[Block]:
    """Below an alarm, which is never edited: the one thing it asks for, if it still does."""
    return _row([_acknowledge(incident)]) if incident.is_open else []


def of_page(incident: Incident) -> list[Block]:
    """Below a page that is not a card, or a request to somebody: take it, or say that it is not yours."""
    return _row([_acknowledge(incident), _not_mine(incident)]) if incident.is_open else []


def of_question(incident: Incident) -> list[Block]:
    """Below “still on it?”."""
    return _row(
        [
            _still_on_it(incident),
            _button(incident, ActionId.NOT_MINE, t("Hand it over")),
        ]
    )


def of_owed_update(incident: Incident) -> list[Block]:
    """Below the reminder of an update, which is never edited: the one thing it asks for."""
    return _row([_primary(_update(incident))])


def of_resolve_question(incident: Incident) -> list[Block]:
    """Below “is it over?”: at once, or with words about it."""
    consequence = t("It is over: pages and stakeholder updates stop.")
    now = _button(incident, ActionId.RESOLVE_NOW, t("Resolve"))
    return _row(
        [
            _primary(_confirmed(now, t("Resolve {key}?", key=incident.key), consequence, t("Not yet"))),
            _button(incident, ActionId.RESOLVE, t("With a summary")),
        ]
    )


def of_assignment(incident: Incident) -> list[Block]:
    """Below the news that somebody has it now."""
    return of_page(incident) if incident.is_open else _row([_not_mine(incident)])


def of_stakeholders(incident: Incident) -> list[Block]:
    """Below the message that is kept current for those who do not work on it."""
    return [] if incident.is_over else _row([_button(incident, ActionId.FOLLOW, t("Follow"))])


def of_follower(incident: Incident) -> list[Block]:
    """Below what somebody is told directly."""
    return _row([_button(incident, ActionId.UNFOLLOW, t("Unfollow"))])


def _row(elements: Sequence[Block]) -> list[Block]:
    return [actions(BlockId.INCIDENT_BUTTONS, elements)]


def _acknowledge(incident: Incident) -> Block:
    return _primary(_button(incident, ActionId.ACKNOWLEDGE, t("Acknowledge")))


def _still_on_it(incident: Incident) -> Block:
    return _primary(_button(incident, ActionId.STILL_ON_IT, t("Still on it")))


def _escalate(incident: Incident) -> Block:
    return _button(incident, ActionId.ESCALATE, t("Escalate"))


def _not_mine(incident: Incident) -> Block:
    return _button(incident, ActionId.NOT_MINE, t("Not mine"))


def _update(incident: Incident) -> Block:
    return _button(incident, ActionId.UPDATE, t("Update"))


def _resume(incident: Incident) -> Block:
    return _primary(_button(incident, ActionId.RESUME, t("Resume")))


def _resolve(incident: Incident) -> Block:
    """It opens a form, which one more click sends in."""
    return _button(incident, ActionId.RESOLVE, t("Resolve"))


def _reopen(incident: Incident) -> Block:
    consequence = t("It goes on where it ended: its tier is paged, and stakeholders are told.")
    return _confirmed(
        _button(incident, ActionId.REOPEN, t("Reopen")), t("Reopen {key}?", key=incident.key), consequence, t("No")
    )


def _more(incident: Incident, policy: Policy) -> Block:
    """A select, as an overflow menu holds only five."""
    return {
        "type": "static_select",
        "action_id": ActionId.MORE.value,
        "placeholder": plain_text(t("More…")),
        "options": [
            {
                "text": plain_text(t(MORE[choice])),
                "value": MenuValue(choice=choice, number=incident.number).encode(),
            }
            for choice in _choices(incident, policy)
        ],
    }


def _choices(incident: Incident, policy: Policy) -> Iterator[MoreChoice]:
    if not incident.is_over:
        if not incident.is_on_hold:
            yield MoreChoice.HOLD
        yield MoreChoice.ASSIGN
        yield MoreChoice.SEVERITY
        if destinations(incident, policy):
            yield MoreChoice.ESCALATE
    yield MoreChoice.NOTE
    yield MoreChoice.WHY
    yield MoreChoice.TIMELINE
    if not incident.is_over:
        yield MoreChoice.CANCEL


def _confirmed(button: Block, question: str, consequence: str, deny: str) -> Block:
    confirm = {
        "title": plain_text(question),
        "text": plain_text(consequence),
        "confirm": button["text"],
        "deny": plain_text(deny),
    }
    return {**button, "confirm": confirm}


def _primary(button: Block) -> Block:
    return {**button, "style": "primary"}


def _button(incident: Incident, action: ActionId, label: str) -> Block:
    value = ButtonValue(number=incident.number, tier=incident.tier, cycle=incident.cycle)
    return {
        "type": "button",
        "action_id": action.value,
        "text": plain_text(label),
        "accessibility_label": f"{label} {incident.key}",
        "value": value.encode(),
    }
