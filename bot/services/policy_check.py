"""A policy file against the workspace: its people are there, its groups have somebody, its channels can be used."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import MentionKind
from bot.policy_file import Directory, PolicyDocument
from bot.services.policies import look_up
from bot.slack.workspace import ChannelFacts, PersonFacts, Standing

SCOPES_OF_ROOMS = frozenset({"bookmarks:read", "bookmarks:write", "channels:manage", "groups:write"})


class Workspace(Protocol):
    """What the gateway tells of a workspace; each raises `SlackUnavailable`."""

    async def channel_facts(self) -> Sequence[ChannelFacts]: ...

    async def person_facts(self) -> Sequence[PersonFacts]: ...

    async def user_groups(self) -> Mapping[str, str]: ...

    async def members_of(self, group: str) -> Collection[UserId]: ...

    async def standing(self) -> Standing: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something at a line of the file, 0 when there is none; `serious` when the bot cannot run with it."""

    line: int
    sentence: str
    serious: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`directory` is what the names mean; it lacks those that are `serious` findings."""

    directory: Directory
    findings: Sequence[Finding]


async def check(document: PolicyDocument, workspace: Workspace, *, today: date) -> Checked:
    """Raises `SlackUnavailable`."""
    listing = _Listing(workspace)
    directory = await look_up(document, listing, today=today)
    found = [
        *await _channels(document, directory, listing),
        *await _people(document, directory, listing, workspace),
        *await _scopes(document, workspace),
    ]
    first: dict[tuple[str, bool], Finding] = {}
    for finding in sorted(found, key=lambda each: each.line):
        first.setdefault((finding.sentence, finding.serious), finding)
    return Checked(directory=directory, findings=tuple(first.values()))


class _Listing:
    """What Slack lists, asked once; as a `Lookup` it knows what can be used."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._channels: Sequence[ChannelFacts] | None = None
        self._people: Sequence[PersonFacts] | None = None

    async def all_channels(self) -> Sequence[ChannelFacts]:
        if self._channels is None:
            self._channels = await self._workspace.channel_facts()
        return self._channels

    async def everybody(self) -> Sequence[PersonFacts]:
        if self._people is None:
            self._people = await self._workspace.person_facts()
        return self._people

    async def channels(self) -> Mapping[str, ChannelId]:
        return {channel.name: channel.id for channel in await self.all_channels() if not channel.is_archived}

    async def users(self) -> Mapping[str, UserId]:
        return {person.name: person.id for person in await self.everybody() if person.is_active}

    async def user_groups(self) -> Mapping[str, str]:
        return await self._workspace.user_groups()


async def _channels(document: PolicyDocument, directory: Directory, listing: _Listing) -> Sequence[Finding]:
    known = {channel.id: channel for channel in await listing.all_channels()}
    named = {channel.name: channel for channel in await listing.all_channels()}
    findings: list[Finding] = []
    for loc, name in document.channels():
        slack_id = directory.channel(name)
        facts = named.get(name.removeprefix("#")) if slack_id is None else known.get(slack_id)
        problem = _of_channel(name, facts)
        if problem is not None:
            sentence, serious = problem
            findings.append(Finding(line=document.marks.line(loc), sentence=sentence, serious=serious))
    return findings


def _of_channel(name: str, facts: ChannelFacts | None) -> tuple[str, bool] | None:
    if facts is None:
        return f"there is no channel {name} that the bot can see; create it, or invite the bot if it is private.", True
    if facts.is_archived:
        return f"the channel {name} is archived; unarchive it, or name another.", True
    if not facts.has_bot:
        return f"the bot is not in {name}; invite it: it joins by itself only when the first message is due.", False
    return None


async def _people(
    document: PolicyDocument, directory: Directory, listing: _Listing, workspace: Workspace
) -> Sequence[Finding]:
    empty = await _empty_groups(document, directory, workspace)
    people = await listing.everybody() if any(directory.mention(name) is None or _is_user(directory, name)
                                              for _, name in document.people()) else ()  # fmt: skip
    findings: list[Finding] = []
    for loc, name in document.people():
        problem = _of_person(name, directory, people, empty)
        if problem is not None:
            sentence, serious = problem
            findings.append(Finding(line=document.marks.line(loc), sentence=sentence, serious=serious))
    return findings


def _of_person(
    name: str, directory: Directory, people: Sequence[PersonFacts], empty: Collection[str]
) -> tuple[str, bool] | None:
    who = directory.mention(name)
    if who is not None and who.kind is MentionKind.USER_GROUP:
        lonely = f"nobody is in the user group {name}, so that its page rings for nobody; add people to it in Slack."
        return (lonely, False) if who.slack_id in empty else None
    wanted = name.removeprefix("@") if who is None else who.slack_id
    facts = next((person for person in people if wanted in (person.id, person.name)), None)
    if facts is None:
        return f"there is no person or user group {name} in Slack; write the name as it is there, or the id.", True
    if not facts.is_active:
        return f"{name} is deactivated in Slack, or is an app, and reads no page; name somebody else.", True
    return None


def _is_user(directory: Directory, name: str) -> bool:
    who = directory.mention(name)
    return who is not None and who.kind is MentionKind.USER


async def _scopes(document: PolicyDocument, workspace: Workspace) -> Sequence[Finding]:
    """What the bot may not do of what a channel for each incident takes."""
    if document.incident_channel is None:
        return ()
    granted = (await workspace.standing()).scopes
    missing = sorted(SCOPES_OF_ROOMS - granted) if granted is not None else []
    if not missing:
        return ()
    sentence = (
        f"the bot may not make channels for incidents: its token lacks {', '.join(missing)}; "
        "update the app from manifest.yml and install it again."
    )
    return [Finding(line=document.marks.line(("incident_channel",)), sentence=sentence, serious=False)]


async def _empty_groups(document: PolicyDocument, directory: Directory, workspace: Workspace) -> Collection[str]:
    groups = {
        who.slack_id
        for _, name in document.people()
        if (who := directory.mention(name)) is not None and who.kind is MentionKind.USER_GROUP
    }
    return {group for group in sorted(groups) if not await workspace.members_of(group)}
