"""What several machines do at their start: they migrate at the same time, and their clocks do not agree."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot import clock as machine
from tests.databases import PostgresServer
from tests.forked import run_forked
from tests.replicas.world import a_fleet

SKEW = timedelta(seconds=30)


async def test_two_that_migrate_at_once_both_succeed(own_server: PostgresServer, tmp_path: Path) -> None:
    url = own_server.fresh_url(migrated=False)
    environment = {"TIERLINE_DATABASE_URL": url, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    migrating = await asyncio.gather(*(run_forked(environment, tmp_path, "migrate") for _ in range(2)))
    said = [each.err.strip() for each in migrating]
    assert said == ["The database has this version's schema."] * 2


async def test_machines_whose_clocks_differ_agree_what_time_it_is(own_server: PostgresServer, tmp_path: Path) -> None:
    started_at = machine.now()
    async with a_fleet(own_server, tmp_path, real_time=True) as fleet:
        await asyncio.gather(fleet.add(1, ahead=SKEW), fleet.add(1, ahead=-SKEW))
        heard = await fleet.open_many(["Early", "Late"])
        assert len(heard.opened) == 2
        facts = await fleet.until(lambda facts: all(one.settled for one in facts.promises.values()))
        for incident in facts.incidents.values():
            assert started_at <= incident.opened_at <= machine.now()
        fleet.check(facts)
