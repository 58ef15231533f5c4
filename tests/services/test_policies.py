"""Policies: what the file's names mean, one version of each content, and a bot that goes on when a name is gone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import Mention, MentionKind, Severity
from bot.policy_file import Directory, PolicyDocument, PolicyFileError, read, to_policy
from bot.services.policies import PolicyBook, adopt, look_up
from storage import tables
from storage.database import Database
from tests.builders import NOW, WORKSPACE, minutes

POLICY_FILE = Path(__file__).resolve().parents[2] / "policy.yml"


@dataclass(slots=True)
class SampleWorkspace:
    """Everybody and everything that the shipped policy names."""

    groups: dict[str, str] = field(default_factory=lambda: {"first-line": "S0FIRST", "platform": "S0PLATFORM"})
    people: dict[str, UserId] = field(
        default_factory=lambda: {
            "emi": UserId("U0EMI"),
            "finn": UserId("U0FINN"),
            "grace": UserId("U0GRACE"),
            "hugo": UserId("U0HUGO"),
            "iris": UserId("U0IRIS"),
            "platform": UserId("U0NAMESAKE"),
        }
    )
    rooms: dict[str, ChannelId] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def channels(self) -> Mapping[str, ChannelId]:
        self.asked.append("channels")
        return self.rooms

    async def users(self) -> Mapping[str, UserId]:
        self.asked.append("users")
        return self.people

    async def user_groups(self) -> Mapping[str, str]:
        self.asked.append("user_groups")
        return self.groups


@pytest.fixture
def document() -> PolicyDocument:
    return read(POLICY_FILE)


@pytest.fixture
def workspace(document: PolicyDocument) -> SampleWorkspace:
    rooms = {name.removeprefix("#"): ChannelId(f"C{name[1:].upper()}") for name in document.names().channels}
    return SampleWorkspace(rooms=rooms)


async def adopted(database: Database, document: PolicyDocument, workspace: SampleWorkspace) -> PolicyBook:
    return await adopt(database, WORKSPACE, document, await look_up(document, workspace, today=NOW.date()), now=NOW)


async def versions(database: Database) -> int:
    async with database.read() as tx:
        return await tx.scalar(select(func.count()).select_from(tables.policy_versions)) or 0


async def test_names_are_looked_up_and_a_group_goes_before_a_person_of_the_same_name(
    document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    directory = await look_up(document, workspace, today=NOW.date())
    assert directory.channel("#tier-1-support") == "CTIER-1-SUPPORT"
    assert directory.mention("@grace") == Mention(kind=MentionKind.USER, slack_id="U0GRACE", name="grace")
    assert directory.mention("@platform") == Mention(
        kind=MentionKind.USER_GROUP, slack_id="S0PLATFORM", name="platform"
    )


async def test_names_that_mean_nothing_are_left_out(document: PolicyDocument, workspace: SampleWorkspace) -> None:
    del workspace.people["iris"], workspace.rooms["tier-1-support"]
    directory = await look_up(document, workspace, today=NOW.date())
    assert directory.mention("@iris") is None
    assert directory.channel("#tier-1-support") is None


async def test_the_users_of_a_workspace_are_not_listed_when_groups_answer_it_all(
    document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    workspace.groups |= {name: f"S0{name.upper()}" for name in ("emi", "finn", "grace", "hugo", "iris")}
    await look_up(document, workspace, today=NOW.date())
    assert workspace.asked == ["channels", "user_groups"]


async def test_the_holidays_of_the_calendars_belong_to_the_version(
    document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    directory = await look_up(document, workspace, today=date(2026, 3, 2))
    calendar = to_policy(document, directory).targets(Severity.SEV3).calendar
    assert calendar is not None
    assert {day for day in calendar.holidays if day.year == 2026} >= {date(2026, 1, 1), date(2026, 7, 14)}
    assert {day.year for day in calendar.holidays} == set(range(2025, 2032))


async def test_another_year_is_a_new_version_of_the_same_file(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    first = await adopted(database, document, workspace)
    later = await look_up(document, workspace, today=date(2027, 1, 1))
    second = await adopt(database, WORKSPACE, document, later, now=NOW)
    assert second.current.version_id != first.current.version_id
    assert await versions(database) == 2


async def test_the_first_start_stores_the_first_version(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    book = await adopted(database, document, workspace)
    assert book.current.policy == to_policy(document, await look_up(document, workspace, today=NOW.date()))
    assert book.current.policy.targets(Severity.SEV1).ack_within == minutes(5)
    assert await versions(database) == 1


async def test_the_same_file_twice_is_one_version(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    first = await adopted(database, document, workspace)
    second = await adopted(database, document, workspace)
    assert first.current == second.current
    assert await versions(database) == 1


async def test_another_layout_of_the_same_agreement_is_the_same_version(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace, tmp_path: Path
) -> None:
    first = await adopted(database, document, workspace)
    other = tmp_path / "policy.yml"
    other.write_text("# another comment\n" + POLICY_FILE.read_text().replace("60m", "1h"))
    assert (await adopted(database, read(other), workspace)).current == first.current


async def test_a_channel_with_another_id_is_a_new_version(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    first = await adopted(database, document, workspace)
    workspace.rooms["tier-1-support"] = ChannelId("C0MADEANEW")
    second = await adopted(database, document, workspace)
    assert second.current.version_id != first.current.version_id
    assert second.current.policy.escalation("checkout").tier(1).channel == "C0MADEANEW"


async def test_a_name_that_slack_does_not_know_is_refused_at_the_first_start_with_its_line(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    del workspace.rooms["tier-1-support"]
    with pytest.raises(PolicyFileError) as refused:
        await adopted(database, document, workspace)
    line = POLICY_FILE.read_text().splitlines().index('        channel: "#tier-1-support"') + 1
    assert refused.value.problems == (
        f"{POLICY_FILE} line {line}: there is no channel #tier-1-support that the bot can see; "
        "create it, or invite the bot if it is private.",
    )
    assert await versions(database) == 0


async def test_a_bot_that_ran_with_this_file_before_goes_on_when_a_name_is_gone(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    first = await adopted(database, document, workspace)
    del workspace.people["iris"], workspace.rooms["tier-1-support"]
    assert (await adopted(database, document, workspace)).current == first.current
    nothing = Directory(channels={}, people={})
    assert (await adopt(database, WORKSPACE, document, nothing, now=NOW)).current == first.current
    assert await versions(database) == 1


async def test_another_file_with_an_unknown_name_is_refused_whatever_ran_before(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace, tmp_path: Path
) -> None:
    await adopted(database, document, workspace)
    other = tmp_path / "policy.yml"
    other.write_text(POLICY_FILE.read_text().replace("@iris", "@nobody"))
    with pytest.raises(PolicyFileError, match="there is no person or user group @nobody in Slack"):
        await adopted(database, read(other), workspace)


async def test_the_book_still_knows_the_policy_of_an_older_incident(
    database: Database, document: PolicyDocument, workspace: SampleWorkspace
) -> None:
    first = await adopted(database, document, workspace)
    workspace.rooms["tier-1-support"] = ChannelId("C0MADEANEW")
    second = await adopted(database, document, workspace)
    async with database.read() as tx:
        assert await second.of(tx, first.current.version_id) == first.current.policy
        assert await second.of(tx, second.current.version_id) == second.current.policy
