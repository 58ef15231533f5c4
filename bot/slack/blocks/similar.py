"""What is open already and may be the same, for somebody who is about to open another one."""

from collections.abc import Sequence
from datetime import datetime

from bot.catalogue import mark, t
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.answers import opened
from bot.slack.blocks.layout import divider, section, sentence
from bot.slack.blocks.mrkdwn import duration, user
from bot.slack.blocks.navigation import show
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.words import MARK, title
from bot.slack.ids import ActionId
from bot.slack.queries import Place

TITLE_SHOWN = 120

IS_IT_THE_SAME = mark(
    "*Is it one of these?* Then it is known already: close this form, and nothing of it is sent. Otherwise open yours."
)


def similar_blocks(similar: Sequence[Incident], now: datetime) -> list[Block]:
    """On top of the form; nothing when there are none."""
    if not similar:
        return []
    rows = [
        section(f"{MARK[incident.state]} {_line(incident, now)}") | {"accessory": _show(incident)}
        for incident in similar
    ]
    return [section(t(IS_IT_THE_SAME)), *rows, divider()]


def opened_beside(incident: Incident, policy: Policy, similar: Sequence[Incident], now: datetime) -> Rendered:
    """To the person who opened it, with what was open already and could not be shown before."""
    answer = opened(incident, policy).text
    if not similar:
        return sentence(answer)
    lines = [f"• {_line(other, now)}" for other in similar]
    same = t(
        "If it is the same: `/incident cancel {newer} duplicate of {older}`", newer=incident.key, older=similar[0].key
    )
    return sentence("\n".join([answer, t("Similar, and open already:"), *lines, same]))


def _line(incident: Incident, now: datetime) -> str:
    """`INC-3 Checkout is down: open for 4 minutes, @ana has it`."""
    who = (
        t("nobody has it yet")
        if incident.assignee is None
        else t("{assignee} has it", assignee=user(incident.assignee))
    )
    paused = t(" and on hold") if incident.is_on_hold else ""
    return t(
        "*{key}* {incident}: open for {now}{paused}, {who}",
        key=incident.key,
        incident=title(incident, TITLE_SHOWN),
        now=duration(now - incident.opened_at),
        paused=paused,
        who=who,
    )


def _show(incident: Incident) -> Block:
    """It is shown on top of the form, which stays as it is."""
    return show(Place(number=incident.number)) | {"action_id": ActionId.SHOW_SIMILAR.value}
