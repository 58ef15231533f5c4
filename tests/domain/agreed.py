"""Policies of a few words, under which nobody is told by the cadence: only the clocks a test is about are heard."""

from datetime import timedelta
from typing import Any, Final

from bot.domain.policy import EscalationPolicy, Policy, Severity, Targets
from tests.builders import a_policy, a_tier, an_escalation, minutes

RARELY: Final = timedelta(days=30)

ONE_TIER: Final = an_escalation(tiers=(a_tier(),), repeat=None)


def targets(**changes: Any) -> Targets:
    """An answer within 5 minutes, and no other promise."""
    return Targets(**({"ack_within": minutes(5), "update_every": RARELY} | changes))


def agreed(escalation: EscalationPolicy | None = None, **changes: Any) -> Policy:
    """The same targets for every severity."""
    return ladder(dict.fromkeys(Severity, targets(**changes)), escalation)


def ladder(severities: dict[Severity, Targets], escalation: EscalationPolicy | None = None) -> Policy:
    ladder = escalation or an_escalation()
    return a_policy(severities=severities, services={"checkout": ladder, "search": an_escalation()})
