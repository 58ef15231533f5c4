"""A measured figure: the median of several runs, what it should be, and the baseline of the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure should be. A missed one is shown, it stops nothing."""

    sense: Literal["at least", "at most"]
    bound: float

    def met_by(self, value: float) -> bool:
        return value >= self.bound if self.sense == "at least" else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.sense == 'at least' else '≤'} {shown(self.bound)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`runs` are the values of the single runs; `baseline_runs` those of what it is compared with."""

    group: str
    what: str
    unit: str
    runs: Sequence[float]
    target: Target | None = None
    baseline: str | None = None
    baseline_runs: Sequence[float] = ()

    @property
    def name(self) -> str:
        return f"{self.group}: {self.what}"

    @property
    def value(self) -> float:
        return median(self.runs)

    @property
    def baseline_value(self) -> float | None:
        return median(self.baseline_runs) if self.baseline_runs else None

    @property
    def ok(self) -> bool | None:
        return self.target.met_by(self.value) if self.target else None

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "target": str(self.target) if self.target else None,
            "baseline": self.baseline,
            "baseline_value": self.baseline_value,
            "ok": self.ok,
            "runs": list(self.runs),
            "baseline_runs": list(self.baseline_runs),
        }


def at_least(bound: float) -> Target:
    return Target(sense="at least", bound=bound)


def at_most(bound: float) -> Target:
    return Target(sense="at most", bound=bound)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__trunc__() - 1)]


def shown(value: float) -> str:
    """Three figures that matter, thousands set apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
