"""docs/operations.md promises that the workspace is the key of every hot query: a whole story holds it to that."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage import tables
from tests.clock import ManualClock
from tests.scenarios.world import PLAIN_POLICY, ROOT, World, playground, running_world

PAGE = (ROOT / "docs" / "operations.md").read_text()
BY_WORKSPACE = re.compile(r"workspace_id (=|IN)|workspaces\.id =")
BY_ROW = re.compile(r"\b(?:\w+\.)?(?:incident_)?id (=|IN|BETWEEN)")
NEXT_ID = "SELECT max(incidents.id)"
"""Only SQLite asks that; PostgreSQL has a sequence."""


@contextmanager
def said_to_the_database() -> Iterator[set[str]]:
    said: set[str] = set()

    def listen(_connection: Any, _cursor: Any, sql: str, _parameters: Any, _context: Any, _many: bool) -> None:
        said.add(" ".join(sql.split()))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


async def test_every_statement_of_a_story_names_its_workspace_or_a_row(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    policy_file = tmp_path / "policy.yml"
    policy_file.write_text(PLAIN_POLICY.read_text() + "incident_channel: {severities: [sev1], archive_after: 1m}\n")
    async with (
        playground(clock) as slack,
        running_world(slack, clock, sqlite_database, policy_file=policy_file) as story,
    ):
        with said_to_the_database() as said:
            await _everything(story)
            await slack.open_home("sam")
            await story.advance(minutes=12)
            story.said()
    questions = {sql for sql in said if " WHERE " in sql}
    keyed = {sql for sql in questions if BY_WORKSPACE.search(sql.partition(" WHERE ")[2])}
    by_row = {sql for sql in questions - keyed if BY_ROW.search(sql.partition(" WHERE ")[2])}
    assert len(keyed) > len(by_row) > 0
    assert not questions - keyed - by_row
    unkeyed = [sql for sql in said - questions if sql.startswith(("SELECT", "UPDATE", "DELETE"))]
    assert [sql for sql in unkeyed if not sql.startswith(NEXT_ID)] == []
    assert all("workspace_id" in sql or "INTO workspaces" in sql for sql in said if sql.startswith("INSERT"))


async def _everything(story: World) -> None:
    await story.opened()
    await story.click("ana", "tier-1-support", "acknowledge")
    await story.click("ana", "tier-1-support", "escalate")
    await story.advance(minutes=12)
    for words in ("why INC-1", "list", "show INC-1", "hold INC-1 1h a vendor", "resume INC-1", "resolve INC-1 done"):
        await story.command("ana", f"/incident {words}")
    await story.advance(seconds=5)
    story.said()


def test_the_page_names_the_tables_whose_keys_do_not_hold_the_workspace() -> None:
    without = {
        table.name
        for table in tables.metadata.sorted_tables
        if table.name != "workspaces" and "workspace_id" not in table.primary_key.columns
    }
    paragraph = PAGE.partition("**Rows of many workspaces")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", paragraph)) - {"workspace_id", "incident_id", "id"} == without


def test_every_row_says_to_which_workspace_it_belongs() -> None:
    assert all("workspace_id" in table.columns for table in tables.metadata.sorted_tables if table.name != "workspaces")
