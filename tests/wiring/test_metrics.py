"""The numbers: counted where it happens, one registry per bot, and known to the dashboard and the alerts."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.domain.policy import Severity
from bot.domain.promise import Lane
from bot.domain.timeline import Target
from bot.domain.transition import Breach
from bot.metrics import Metrics
from bot.services.gauges import GOOD_FOR_SECONDS, StoredGauges
from bot.services.health import Part
from storage.database import Database, open_database
from tests.builders import NOW, WORKSPACE, minutes
from tests.clock import ManualClock
from tests.scenarios.world import ROOT
from tests.storage.stored import a_page, a_workspace, an_incident_in, promised

DASHBOARD = ROOT / "docs" / "grafana-dashboard.json"
ALERTS = ROOT / "docs" / "alerts.yml"
NAME = re.compile(r"tierline_[a-z_]+")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def a_breach(late: timedelta, target: Target = Target.RESPONSE) -> Breach:
    return Breach(
        number=1, target=target, route="checkout", tier=1, cycle=0, due_at=NOW, breached_at=NOW + late, told=()
    )


def test_a_decision_counts_its_breaches_and_how_late_they_are() -> None:
    metrics = Metrics()
    metrics.decided(3, [a_breach(timedelta(seconds=0.2)), a_breach(timedelta(seconds=45), Target.RESOLUTION)])
    assert value(metrics, "tierline_decisions_total") == 3
    assert [value(metrics, "tierline_breaches_total", target=target.value) for target in Target] == [1, 1]
    buckets = [
        value(metrics, "tierline_escalation_lateness_seconds_bucket", le=le) for le in ("0.1", "0.25", "30.0", "60.0")
    ]
    assert buckets == [0, 1, 1, 2]
    assert value(metrics, "tierline_escalation_lateness_seconds_sum") == 45.2


def test_calls_of_slack_are_counted_by_method_and_outcome() -> None:
    metrics = Metrics()
    for outcome in ("Delivered", "Delivered", "Limited"):
        metrics.slack_answered("chat.postMessage", outcome)
    assert value(metrics, "tierline_slack_calls_total", method="chat.postMessage", outcome="Delivered") == 2
    assert value(metrics, "tierline_slack_calls_total", method="chat.postMessage", outcome="Limited") == 1


def test_requests_of_people_are_counted_by_entrance_and_result() -> None:
    metrics = Metrics()
    for result in ("answered", "answered", "refused"):
        metrics.request_ended("command", result)
    assert value(metrics, "tierline_requests_total", entrance="command", result="answered") == 2
    assert value(metrics, "tierline_requests_total", entrance="command", result="refused") == 1


def test_runs_of_loops_are_timed_and_failures_counted() -> None:
    metrics = Metrics()
    metrics.loop_ran("tick", 0.02, failed=False)
    metrics.loop_ran("tick", 0.5, failed=True)
    assert value(metrics, "tierline_loop_run_seconds_count", loop="tick") == 2
    assert value(metrics, "tierline_loop_failures_total", loop="tick") == 1


def test_health_and_the_socket_are_shown_as_they_are() -> None:
    metrics = Metrics()
    metrics.show_health(list(Part), {Part.SOCKET: "gone"})
    metrics.show_socket(connected=False, silent_seconds=41)
    assert [value(metrics, "tierline_healthy", part=part.value) for part in (Part.SOCKET, Part.SLACK)] == [0, 1]
    assert value(metrics, "tierline_socket_connected") == 0
    assert value(metrics, "tierline_socket_silent_seconds") == 41


def test_two_bots_in_one_process_do_not_mix() -> None:
    one, other = Metrics(), Metrics()
    one.decided(1, ())
    assert (value(one, "tierline_decisions_total"), value(other, "tierline_decisions_total")) == (1, 0)


@pytest.fixture
async def stored(sqlite_database_url: str) -> Database:
    database = open_database(sqlite_database_url)
    await a_workspace(database)
    return database


async def test_what_waits_is_read_from_the_database_at_most_once_a_second(stored: Database, clock: ManualClock) -> None:
    seconds, metrics = [100.0], Metrics()
    gauges = StoredGauges(stored, WORKSPACE, metrics, clock, monotonic=lambda: seconds[0])
    await gauges.refresh()
    incident = await an_incident_in(stored, next_at=NOW)
    await promised(stored, incident, a_page("page"))
    clock.advance(minutes=2)
    await gauges.refresh()
    seen = [value(metrics, "tierline_outbox_age_seconds", lane="page")]
    seconds[0] += GOOD_FOR_SECONDS
    await gauges.refresh()
    seen.append(value(metrics, "tierline_outbox_age_seconds", lane="page"))
    assert seen == [0, minutes(2).total_seconds()]
    assert [value(metrics, "tierline_outbox_waiting", lane=lane.name.lower()) for lane in Lane] == [1, 0, 0, 0, 0]
    assert value(metrics, "tierline_deadlines_due") == 1
    assert [value(metrics, "tierline_open_incidents", severity=one.value) for one in Severity] == [1, 0, 0, 0]
    await stored.close()


async def test_numbers_that_cannot_be_read_are_not_the_old_ones(tmp_path: Path, clock: ManualClock) -> None:
    database = open_database(f"sqlite:///{tmp_path}/empty.sqlite3")
    metrics = Metrics()
    await StoredGauges(database, WORKSPACE, metrics, clock, monotonic=lambda: 0).refresh()
    due = value(metrics, "tierline_deadlines_due")
    assert due is not None
    assert due != due, "not a number"
    await database.close()


def known_names() -> set[str]:
    metrics = Metrics()
    metrics.slack_answered("m", "o")
    metrics.request_ended("e", "r")
    metrics.loop_ran("l", 0, failed=True)
    metrics.show_waiting({}, {})
    metrics.show_incidents(0, {})
    metrics.show_health(list(Part), ())
    return {sample.name for family in metrics.registry.collect() for sample in family.samples}


def expressions(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, held in value.items():
                if key == "expr":
                    yield str(held)
                else:
                    yield from expressions(held)
        case list():
            for held in value:
                yield from expressions(held)
        case _:
            return


def names_in(texts: Sequence[str]) -> set[str]:
    return {name for text in texts for name in NAME.findall(text)}


@pytest.mark.parametrize("path", [DASHBOARD, ALERTS], ids=lambda path: path.name)
def test_every_number_that_is_asked_for_exists(path: Path) -> None:
    # JSON is YAML.
    used = names_in(list(expressions(yaml.safe_load(path.read_text()))))
    assert used
    assert used <= known_names()


def test_the_dashboard_shows_every_number() -> None:
    used = names_in(list(expressions(json.loads(DASHBOARD.read_text()))))
    assert {_family(name) for name in used} == {_family(name) for name in known_names()}


def _family(name: str) -> str:
    """The name without what the kind of number adds to it."""
    return re.sub(r"_(bucket|sum|count|created|total)$", "", name)


def test_every_alert_says_what_to_do() -> None:
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["description"].endswith(".")
