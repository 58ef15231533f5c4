"""A few hundred steps of the state machine; `tests/benchmarks/state_machine.py` walks many more."""

from hypothesis import settings

from tests.domain.state_machine import IncidentMachine
from tests.examples import up_to

TestIncident = IncidentMachine.TestCase
TestIncident.settings = settings(max_examples=up_to(30), stateful_step_count=20)
