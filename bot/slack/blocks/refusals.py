"""Each refusal in one sentence or two: what is so, who was first, what to do."""

from bot.domain.errors import (
    IncidentAlreadyAcknowledged,
    IncidentAlreadyResolved,
    IncidentMovedOn,
    IncidentNotFound,
    NoNextTier,
    Refusal,
)
from bot.slack.blocks.mrkdwn import cut, escape, one_line, time_of, user
from bot.slack.blocks.words import name

WORDS_LIMIT = 500


def refusal_text(refusal: Refusal) -> str:
    """mrkdwn for the person who asked."""
    match refusal:
        case IncidentNotFound(key=key):
            return f"There is no {_words(key)} here. `/incident list` shows what is open."
        case IncidentAlreadyAcknowledged(key=key, by=by, at=at):
            return f"{key} was already acknowledged by {user(by)} {time_of(at)}."
        case IncidentAlreadyResolved(key=key, by=by, at=at):
            return f"{key} was already resolved by {user(by)} {time_of(at)}."
        case IncidentMovedOn(key=key, tier=tier, tier_name=tier_name, since=since, by=by):
            how = f"moved by {user(by)}" if by is not None else "not acknowledged in time before" if tier > 1 else ""
            return (
                f"{key} is already at tier {tier}, {name(tier_name)}, since {time_of(since)}"
                f"{how and f' ({how})'}. Nothing was changed; please use its newest message."
            )
        case NoNextTier(key=key, tier=tier, tier_name=tier_name, since=since):
            return (
                f"{key} is already at its last tier, {tier}, {name(tier_name)}, since {time_of(since)}. "
                "Please acknowledge it, or reach somebody directly."
            )
        case _:
            return _words(str(refusal))


def _words(text: str) -> str:
    return cut(escape(one_line(text)), WORDS_LIMIT) or "That cannot be done."
