"""A policy file against a workspace: what is gone, archived, empty or not joined is found at its line."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.domain.ids import ChannelId, UserId
from bot.policy_file import read
from bot.services.policy_check import Finding, check
from bot.slack.workspace import ChannelFacts, PersonFacts, Standing
from tests.builders import NOW

FILE = """\
severities:
  sev1: {ack_within: 5m, update_every: 20m}
  sev2: {ack_within: 5m, update_every: 20m}
  sev3: {ack_within: 5m, update_every: 20m}
  sev4: {ack_within: 5m, update_every: 20m}
services:
  checkout: {policy: default}
policies:
  default:
    tiers:
      - name: First line
        channel: "#tier-1"
        people: ["@ana", "@first-line", U0BEN0001]
        managers: ["@ana"]
stakeholder_channel: "#updates"
fallback_channel: C0FALLBACK
"""
TIER, PEOPLE, UPDATES = 12, 13, 15


@dataclass(slots=True)
class Workspace:
    rooms: dict[str, ChannelFacts] = field(default_factory=dict)
    people: dict[str, PersonFacts] = field(default_factory=dict)
    members: tuple[UserId, ...] = (UserId("U0ANA0001"),)
    scopes: frozenset[str] | None = None

    async def channel_facts(self) -> Sequence[ChannelFacts]:
        return list(self.rooms.values())

    async def person_facts(self) -> Sequence[PersonFacts]:
        return list(self.people.values())

    async def user_groups(self) -> Mapping[str, str]:
        return {"first-line": "S0FIRST01"}

    async def members_of(self, group: str) -> Collection[UserId]:
        assert group == "S0FIRST01"
        return self.members

    async def standing(self) -> Standing:
        return Standing(scopes=self.scopes, answered_at=None)


@pytest.fixture
def workspace() -> Workspace:
    """Everything is as it should be."""
    rooms = {"tier-1": "C0TIER001", "updates": "C0UPDATES", "fallback": "C0FALLBACK"}
    people = {"ana": "U0ANA0001", "ben": "U0BEN0001"}
    return Workspace(
        rooms={
            name: ChannelFacts(id=ChannelId(slack_id), name=name, is_archived=False, has_bot=True)
            for name, slack_id in rooms.items()
        },
        people={name: PersonFacts(id=UserId(slack_id), name=name, is_active=True) for name, slack_id in people.items()},
    )


async def findings(workspace: Workspace, folder: Path, file: str = FILE) -> Sequence[Finding]:
    path = folder / "policy.yml"
    path.write_text(file)
    return (await check(read(path), workspace, today=NOW.date())).findings


async def test_nothing_is_found_where_all_is_well(workspace: Workspace, tmp_path: Path) -> None:
    assert await findings(workspace, tmp_path) == ()


async def test_an_unknown_channel_is_serious(workspace: Workspace, tmp_path: Path) -> None:
    del workspace.rooms["tier-1"]
    sentence = "there is no channel #tier-1 that the bot can see; create it, or invite the bot if it is private."
    assert await findings(workspace, tmp_path) == (Finding(line=TIER, sentence=sentence, serious=True),)


async def test_an_archived_channel_is_serious_by_name_and_by_id(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("updates", "fallback"):
        workspace.rooms[name] = replace(workspace.rooms[name], is_archived=True)
    found = await findings(workspace, tmp_path)
    assert [(finding.line, finding.sentence, finding.serious) for finding in found] == [
        (UPDATES, "the channel #updates is archived; unarchive it, or name another.", True),
        (UPDATES + 1, "the channel C0FALLBACK is archived; unarchive it, or name another.", True),
    ]


async def test_a_channel_without_the_bot_is_a_warning(workspace: Workspace, tmp_path: Path) -> None:
    workspace.rooms["tier-1"] = replace(workspace.rooms["tier-1"], has_bot=False)
    (found,) = await findings(workspace, tmp_path)
    assert (found.line, found.serious) == (TIER, False)
    assert found.sentence.startswith("the bot is not in #tier-1; invite it")


async def test_a_deactivated_person_is_serious_and_told_once(workspace: Workspace, tmp_path: Path) -> None:
    workspace.people["ana"] = replace(workspace.people["ana"], is_active=False)
    sentence = "@ana is deactivated in Slack, or is an app, and reads no page; name somebody else."
    assert await findings(workspace, tmp_path) == (Finding(line=PEOPLE, sentence=sentence, serious=True),)


async def test_a_person_by_an_id_that_nobody_has_is_serious(workspace: Workspace, tmp_path: Path) -> None:
    del workspace.people["ben"]
    sentence = "there is no person or user group U0BEN0001 in Slack; write the name as it is there, or the id."
    assert await findings(workspace, tmp_path) == (Finding(line=PEOPLE, sentence=sentence, serious=True),)


async def test_an_empty_group_is_a_warning(workspace: Workspace, tmp_path: Path) -> None:
    workspace.members = ()
    (found,) = await findings(workspace, tmp_path)
    assert (found.line, found.serious) == (PEOPLE, False)
    assert found.sentence.startswith("nobody is in the user group @first-line")


async def test_what_the_bot_may_not_do_for_the_channels_of_incidents_is_said(
    workspace: Workspace, tmp_path: Path
) -> None:
    with_rooms = FILE + "incident_channel: {severities: [sev1]}\n"
    all_of_it = frozenset({"bookmarks:read", "bookmarks:write", "channels:manage", "groups:write", "chat:write"})
    assert await findings(workspace, tmp_path, with_rooms) == (), "Slack did not say what it may"
    workspace.scopes = all_of_it
    assert await findings(workspace, tmp_path, with_rooms) == ()
    workspace.scopes = all_of_it - {"channels:manage", "bookmarks:write"}
    assert await findings(workspace, tmp_path, with_rooms) == (
        Finding(
            line=17,
            sentence="the bot may not make channels for incidents: its token lacks bookmarks:write, channels:manage; "
            "update the app from manifest.yml and install it again.",
            serious=False,
        ),
    )
    assert await findings(workspace, tmp_path) == ()
