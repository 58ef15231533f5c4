"""The keys of the severities: their targets, and the severity of an impact and an urgency."""

from typing import Annotated

from pydantic import AfterValidator

from bot.domain.policy import Severity
from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.values import Duration, Label, Percent, SeverityName

ALWAYS = "always"
"""The clock that counts day and night; no calendar can have its name."""


class SlowerUpdatesEntry(Entry):
    """Fewer updates for an incident that lasts."""

    after: Annotated[Duration, Like("2h")]
    """How old the incident is by then."""
    every: Annotated[Duration, Like("60m")]
    """From then on stakeholders read an update at least this often."""


def _rising(percents: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(percents)))


class TargetsEntry(Entry):
    """What a severity promises."""

    ack_within: Annotated[Duration, Like("5m")]
    """Each tier has this long to acknowledge, from the incident's arrival there; then it is a breach."""
    update_every: Annotated[Duration, Like("20m")]
    """At least this often the stakeholders read an update while the incident is not resolved."""
    resolve_within: Annotated[Duration | None, Like("4h")] = left_out(None)
    """The incident is resolved this long after it was opened, without the time on hold; then it is a breach."""
    slower_updates: Annotated[SlowerUpdatesEntry | None, Like("{after: 2h, every: 60m}")] = left_out(None)
    """Fewer updates for an incident that lasts."""
    warn_at: Annotated[tuple[Percent, ...], AfterValidator(_rising), Like("[50%, 75%]")] = left_out((50, 75))
    """A warning goes out when this much of ack_within or resolve_within is over; [] for no warnings."""
    ack_expires_after: Annotated[Duration | None, Like("30m")] = left_out(None)
    """After this long without activity whoever acknowledged is asked whether they are still on it."""
    clock: Annotated[Label, Like("always")] = left_out(ALWAYS)
    """`always`, or the calendar whose open hours count."""


class SeveritiesEntry(Entry):
    """The four severities, sev1 the worst."""

    sev1: Annotated[TargetsEntry, Like("{ack_within: 5m, update_every: 20m}")]
    sev2: Annotated[TargetsEntry, Like("{ack_within: 15m, update_every: 30m}")]
    sev3: Annotated[TargetsEntry, Like("{ack_within: 60m, update_every: 4h}")]
    sev4: Annotated[TargetsEntry, Like("{ack_within: 4h, update_every: 24h}")]

    def of(self, severity: Severity) -> TargetsEntry:
        return {Severity.SEV1: self.sev1, Severity.SEV2: self.sev2, Severity.SEV3: self.sev3, Severity.SEV4: self.sev4}[
            severity
        ]


class UrgencyEntry(Entry):
    """The severity at each urgency."""

    high: Annotated[SeverityName, Like("sev1")]
    medium: Annotated[SeverityName, Like("sev2")]
    low: Annotated[SeverityName, Like("sev3")]


class ImpactEntry(Entry):
    """The severity of each impact at each urgency."""

    high: Annotated[UrgencyEntry, Like("{high: sev1, medium: sev2, low: sev3}")]
    medium: Annotated[UrgencyEntry, Like("{high: sev2, medium: sev3, low: sev3}")]
    low: Annotated[UrgencyEntry, Like("{high: sev3, medium: sev4, low: sev4}")]
