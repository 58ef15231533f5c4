"""The database of these tests has the workspace and the first version of its policy."""

import pytest

from storage.database import Database
from tests.storage.stored import FIRST_VERSION, a_workspace


@pytest.fixture
async def database(database: Database) -> Database:
    assert await a_workspace(database) == FIRST_VERSION
    return database
