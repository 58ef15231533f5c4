"""What the words of the grammar's tests may name: three services, three people, a channel and a group."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.policy import Impact, Severity, Urgency
from handlers.grammar import Known
from handlers.mentions import Mentions
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, TIER_2_CHANNEL

_LEVELS = {(Impact.HIGH, Urgency.HIGH): Severity.SEV1, (Impact.LOW, Urgency.LOW): Severity.SEV4}

MENTIONS: Final = Mentions(
    people={"@ana": ANA, "@ana ruiz": BEN, "@Chloé": CHLOE},
    channels={"#tier-2-platform": TIER_2_CHANNEL},
    groups=("@first-line",),
)
KNOWN: Final = Known(
    services=("checkout", "payments", "Données"), mentions=MENTIONS, now=NOW, zone=ZoneInfo("Europe/Paris"), me=SAM
)
WITH_MATRIX: Final = Known(
    services=KNOWN.services,
    now=NOW,
    zone=KNOWN.zone,
    matrix={
        (impact, urgency): _LEVELS.get((impact, urgency), Severity.SEV2) for impact in Impact for urgency in Urgency
    },
)
DOWN: Final = "Checkout is down"
HOUR: Final = timedelta(hours=1)
