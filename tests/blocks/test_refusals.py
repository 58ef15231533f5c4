"""What a person reads when something cannot be done."""

import pytest

from bot.domain.errors import (
    IncidentAlreadyAcknowledged,
    IncidentAlreadyResolved,
    IncidentMovedOn,
    IncidentNotFound,
    InvalidIncident,
    NoNextTier,
    Refusal,
)
from bot.slack.blocks.refusals import refusal_text
from tests.builders import ANA, BEN, NOW

THEN = "<!date^1794625200^{date_short_pretty} at {time}|2026-11-14 at 03:00 UTC>"

SENTENCES: list[tuple[Refusal, str]] = [
    (
        InvalidIncident("An incident needs a title: say in a few words what is wrong."),
        "An incident needs a title: say in a few words what is wrong.",
    ),
    (IncidentNotFound("INC-99"), "There is no INC-99 here. `/incident list` shows what is open."),
    (IncidentNotFound("<!channel>"), "There is no &lt;!channel&gt; here. `/incident list` shows what is open."),
    (
        IncidentAlreadyAcknowledged("INC-7", by=ANA, at=NOW),
        f"INC-7 was already acknowledged by <@U0ANA00001> {THEN}.",
    ),
    (IncidentAlreadyResolved("INC-7", by=BEN, at=NOW), f"INC-7 was already resolved by <@U0BEN00001> {THEN}."),
    (
        IncidentMovedOn("INC-7", tier=2, tier_name="platform", since=NOW, by=BEN),
        f"INC-7 is already at tier 2, platform, since {THEN} (moved by <@U0BEN00001>). "
        "Nothing was changed; please use its newest message.",
    ),
    (
        IncidentMovedOn("INC-7", tier=2, tier_name="platform", since=NOW, by=None),
        f"INC-7 is already at tier 2, platform, since {THEN} (not acknowledged in time before). "
        "Nothing was changed; please use its newest message.",
    ),
    (
        IncidentMovedOn("INC-7", tier=1, tier_name="first line", since=NOW, by=None),
        f"INC-7 is already at tier 1, first line, since {THEN}. Nothing was changed; please use its newest message.",
    ),
    (
        NoNextTier("INC-7", tier=4, tier_name="management", since=NOW),
        f"INC-7 is already at its last tier, 4, management, since {THEN}. "
        "Please acknowledge it, or reach somebody directly.",
    ),
    (Refusal(), "That cannot be done."),
]


@pytest.mark.parametrize(("refusal", "sentence"), SENTENCES)
def test_a_refusal_says_what_is_so_and_what_to_do(refusal: Refusal, sentence: str) -> None:
    assert refusal_text(refusal) == sentence
