"""App Home: what I have, what is open, and when something happens next."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.ids import IncidentId, UserId
from bot.domain.incident import Incident
from bot.slack.blocks.layout import actions, context, divider, header, plain_text, section
from bot.slack.blocks.listing import row
from bot.slack.blocks.mrkdwn import duration, time_of
from bot.slack.blocks.rendered import Block, View
from bot.slack.blocks.words import count
from bot.slack.ids import ActionId, BlockId

MINE_SHOWN = 20
OTHERS_SHOWN = 40


def home_view(
    incidents: Sequence[Incident], *, user: UserId, now: datetime, next_due: Mapping[IncidentId, datetime | None]
) -> View:
    """`next_due` says for each incident when something happens by itself; it is computed from its own policy."""
    going_on = sorted((incident for incident in incidents if not incident.is_over), key=_urgency)
    mine = [incident for incident in going_on if incident.assignee == user]
    others = [incident for incident in going_on if incident.assignee != user]
    return {
        "type": "home",
        "blocks": [
            actions(BlockId.HOME_BUTTONS, [_open_button()]),
            *_group("Yours", mine, MINE_SHOWN, now, next_due, "You have no incident."),
            divider(),
            *_group("Open", others, OTHERS_SHOWN, now, next_due, "Nothing else is open."),
        ],
    }


def _urgency(incident: Incident) -> tuple[bool, bool, str, datetime]:
    """Breached first, then what nobody has, then the worst, then the oldest."""
    return incident.breach_count == 0, not incident.is_open, incident.severity.value, incident.opened_at


def _group(
    name: str,
    incidents: Sequence[Incident],
    limit: int,
    now: datetime,
    next_due: Mapping[IncidentId, datetime | None],
    nothing: str,
) -> list[Block]:
    if not incidents:
        return [header(name), context(nothing)]
    rows = [section(row(each, when=_when(each, now, next_due.get(each.id)))) for each in incidents[:limit]]
    more = len(incidents) - limit
    rest = [context(f"{more} more: `/incident list` shows them.")] if more > 0 else []
    return [header(f"{name}: {count(len(incidents), 'incident')}"), *rows, *rest]


def _when(incident: Incident, now: datetime, due: datetime | None) -> str:
    so_far = f"open for {duration(now - incident.opened_at)}"
    if due is None:
        return so_far
    return f"{so_far}, next deadline {time_of(due)}" if due > now else f"{so_far}, due since {time_of(due)}"


def _open_button() -> Block:
    return {
        "type": "button",
        "action_id": ActionId.OPEN_FORM.value,
        "style": "primary",
        "text": plain_text("Open incident"),
    }
