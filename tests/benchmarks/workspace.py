"""The workspace and the policy of the measurements: the playground's people, and the shipped policy."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.clock import now
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.playground import Playground
from bot.playground.delivery import HttpDelivery
from bot.playground.model import Clock, Message, User
from bot.playground.sample import sample_workspace
from bot.policy_file import Directory, PolicyDocument
from bot.services.policies import look_up

ROOT = Path(__file__).resolve().parents[2]
SHIPPED_POLICY = ROOT / "policy.yml"
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
SIGNING_SECRET = "a-signing-secret-of-the-benchmark"

_SAMPLE = sample_workspace()
WORKSPACE = WorkspaceId(_SAMPLE.team.id)
REPORTER = UserId(_SAMPLE.user("sam").id)
READER = UserId(_SAMPLE.user("ana").id)
COLLEAGUES = 100
"""Who click: each of them no more often in a minute than the bot takes from one person."""


def colleague(number: int) -> UserId:
    """Another one for each of so many numbers in a row."""
    return UserId(f"U0COLL{number % COLLEAGUES:04}")


class _SampleLookup:
    """What the playground would say, without asking it."""

    async def channels(self) -> Mapping[str, ChannelId]:
        return {channel.name: ChannelId(channel.id) for channel in _SAMPLE.channels.values()}

    async def users(self) -> Mapping[str, UserId]:
        return {user.name: UserId(user.id) for user in _SAMPLE.users.values()}

    async def user_groups(self) -> Mapping[str, str]:
        return {group.handle: group.id for group in _SAMPLE.usergroups.values()}


async def directory_of(document: PolicyDocument) -> Directory:
    return await look_up(document, _SampleLookup(), today=now().date())


def shipped_policy(folder: Path) -> Path:
    """The shipped one, with its calendars open all the time: else nothing of sev3 runs out at night."""
    document = yaml.safe_load(SHIPPED_POLICY.read_text())
    always = {"zone": "Europe/Paris", "week": {"mon-sun": "00:00-24:00"}}
    document["calendars"] = dict.fromkeys(document["calendars"], always)
    path = folder / "policy.yml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))
    return path


def settings_of(slack: Playground, database_url: str, policy: Path) -> dict[str, str]:
    """Of a bot that lives in this playground and listens where the system has it listen."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "TIERLINE_MODE": "http",
        "TIERLINE_HTTP_BIND": "127.0.0.1:0",
        "TIERLINE_SLACK_API_URL": slack.api_url,
        "TIERLINE_DATABASE_URL": database_url,
        "TIERLINE_POLICY_FILE": str(policy),
        "TIERLINE_LOG_FORMAT": "json",
    }


def playground(clock: Clock) -> Playground:
    """With the colleagues in it. Nobody acts in it: the measurements send their own requests to the bot."""
    nowhere = HttpDelivery(url="http://127.0.0.1:9/", signing_secret=SIGNING_SECRET)
    slack = Playground(clock, delivery=nowhere, manifest=MANIFEST, wall=lambda: now().timestamp())
    for number in range(COLLEAGUES):
        user = User(id=colleague(number), name=f"colleague-{number}", real_name=f"Colleague {number}")
        slack.workspace.users[user.id] = user
    return slack


def put_up(slack: Playground, posted: list[tuple[str, str]]) -> None:
    """Messages of the bot from before, each by its channel and timestamp: what it edits and replies to is there."""
    for channel, ts in sorted(posted, key=lambda one: one[1]):
        app = slack.workspace.app
        slack.workspace.channel(channel).add(
            Message(ts=ts, channel=channel, user=app.user_id, bot_id=app.bot_id, text="An incident")
        )
