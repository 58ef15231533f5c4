"""A few hundred steps of the state machine; `tests/benchmarks/state_machine.py` walks many more."""

from hypothesis import HealthCheck, settings

from tests.domain.state_machine import IncidentMachine

TestIncident = IncidentMachine.TestCase
TestIncident.settings = settings(
    max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
