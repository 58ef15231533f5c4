"""The wiring is tested with what stories use."""

from tests.scenarios.conftest import logs, sqlite_database

__all__ = ["logs", "sqlite_database"]
