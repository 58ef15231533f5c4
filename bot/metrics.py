"""The bot in numbers, for Prometheus: in a registry of its own, so that two bots in one process do not mix."""

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

from bot.domain.policy import Severity
from bot.domain.promise import Lane
from bot.domain.timeline import Target
from bot.domain.transition import Breach

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATENESS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
RUN = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)
UNKNOWN = math.nan
"""What a gauge shows while nobody can tell."""


class Metrics:
    """Counted where it happens; the gauges are set just before they are read."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._lateness = Histogram(
            "tierline_escalation_lateness_seconds",
            "How long after its deadline a breach was decided and stored.",
            buckets=LATENESS,
            registry=self.registry,
        )
        self._decisions = self._counter("decisions", "Incidents that the tick looked at because a clock had run out.")
        self._breaches = self._counter("breaches", "Deadlines that passed.", "target")
        self._runs = Histogram(
            "tierline_loop_run_seconds",
            "How long a run of a loop took; the tick is one of them.",
            ("loop",),
            buckets=RUN,
            registry=self.registry,
        )
        self._failures = self._counter("loop_failures", "Runs of a loop that ended in an error.", "loop")
        self._calls = self._counter(
            "slack_calls", "Calls of Slack's Web API by what became of them.", "method", "outcome"
        )
        self._requests = self._counter(
            "requests", "Commands, clicks and forms of people by what became of them.", "entrance", "result"
        )
        self._outbox_age = self._gauge("outbox_age_seconds", "Age of the oldest promise that waits; 0: none.", "lane")
        self._waiting = self._gauge("outbox_waiting", "Promises that are not settled.", "lane")
        self._due = self._gauge("deadlines_due", "Incidents whose clock has run out and that were not decided yet.")
        self._open = self._gauge("open_incidents", "Incidents neither resolved nor cancelled.", "severity")
        self._connected = self._gauge("socket_connected", "1 while Slack's Socket Mode connection is there.")
        self._silent = self._gauge("socket_silent_seconds", "Since Slack was last heard on that connection.")
        self._healthy = self._gauge("healthy", "1 unless something keeps this part from its work.", "part")
        Info("tierline_build", "What is running.", registry=self.registry).info({"version": version("tierline")})
        self._begin()

    def decided(self, incidents: int, breaches: Iterable[Breach]) -> None:
        self._decisions.inc(incidents)
        for breach in breaches:
            self._breaches.labels(breach.target.value).inc()
            self._lateness.observe((breach.breached_at - breach.due_at).total_seconds())

    def loop_ran(self, name: str, seconds: float, *, failed: bool) -> None:
        self._runs.labels(name).observe(seconds)
        if failed:
            self._failures.labels(name).inc()

    def slack_answered(self, method: str, outcome: str) -> None:
        self._calls.labels(method, outcome).inc()

    def request_ended(self, entrance: str, result: str) -> None:
        self._requests.labels(entrance, result).inc()

    def show_waiting(self, ages: Mapping[Lane, timedelta], counts: Mapping[Lane, int]) -> None:
        """A lane that is not named is empty."""
        for lane in Lane:
            self._outbox_age.labels(_name(lane)).set(ages.get(lane, timedelta(0)).total_seconds())
            self._waiting.labels(_name(lane)).set(counts.get(lane, 0))

    def show_incidents(self, due: int, open_ones: Mapping[Severity, int]) -> None:
        self._due.set(due)
        for severity in Severity:
            self._open.labels(severity.value).set(open_ones.get(severity, 0))

    def show_stored_unknown(self) -> None:
        """The database does not say: an old number would look like a good one."""
        self._due.set(UNKNOWN)
        for severity in Severity:
            self._open.labels(severity.value).set(UNKNOWN)
        for lane in Lane:
            self._outbox_age.labels(_name(lane)).set(UNKNOWN)
            self._waiting.labels(_name(lane)).set(UNKNOWN)

    def show_socket(self, *, connected: bool, silent_seconds: float | None) -> None:
        """`silent_seconds` is None when Slack has not been heard yet."""
        self._connected.set(connected)
        self._silent.set(UNKNOWN if silent_seconds is None else silent_seconds)

    def show_health(self, parts: Collection[str], ill: Collection[str]) -> None:
        for part in parts:
            self._healthy.labels(part).set(part not in ill)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)

    def _begin(self) -> None:
        """Nothing is known of what is shown; what is counted begins at 0, so that an alert sees the first rise."""
        self.show_stored_unknown()
        self._connected.set(UNKNOWN)
        self._silent.set(UNKNOWN)
        for target in Target:
            self._breaches.labels(target.value)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"tierline_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"tierline_{name}", text, labels, registry=self.registry)


def _name(lane: Lane) -> str:
    return lane.name.lower()
