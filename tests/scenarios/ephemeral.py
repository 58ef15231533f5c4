"""What only one person sees: read, and clicked in, where it stands."""

from collections.abc import Sequence
from typing import Protocol

from bot.playground import Message
from tests.scenarios.world import Json, World, readable

CHANNEL = "general"


class Shown(Protocol):
    """A message, a form, or the answer to a command."""

    @property
    def blocks(self) -> Sequence[Json]: ...


def newest(story: World, user: str, channel: str = CHANNEL) -> Message:
    user_id = story.slack.workspace.user(user).id
    told = [each for each in story.slack.workspace.channel(channel).ephemerals if each.ephemeral_to == user_id]
    return told[-1]


async def press(
    story: World, user: str, action: str, *, beside: str = "", value: object = None, channel: str = CHANNEL
) -> Message:
    """A button or a select in the newest of what only `user` sees, in the row that says `beside`; and what it made."""
    message = newest(story, user, channel)
    (block_id,) = {
        str(block["block_id"])
        for block in message.blocks
        if any(each["action_id"] == action for each in _elements(block)) and beside in str(block.get("text"))
    }
    answer = await story.slack.click(user, channel, message.ts, action, block_id=block_id, value=value)
    assert answer.ok, answer.error
    await story.bot.settled()
    return newest(story, user, channel)


def said_in(shown: Shown) -> list[str]:
    """Everything readable, block by block, with the labels of what can be pressed in brackets."""
    found = []
    for block in shown.blocks:
        parts = [block.get("text"), *block.get("fields", ())]
        parts += block.get("elements", ()) if block["type"] == "context" else ()
        found += [readable(part["text"]) for part in parts if part]
        labels = [_label(each) for each in _elements(block) if block["type"] == "actions"]
        found += [f"[{' | '.join(labels)}]"] if labels else []
    return found


def rows(shown: Shown) -> list[str]:
    """Of a list, each incident's first line."""
    return [line.partition("\n")[0] for line in said_in(shown) if "*INC-" in line]


def _elements(block: Json) -> Sequence[Json]:
    accessory = block.get("accessory")
    return [accessory] if accessory else block.get("elements", ()) if block["type"] == "actions" else ()


def _label(element: Json) -> str:
    chosen = element.get("initial_option") or element
    return str((chosen.get("text") or element.get("placeholder") or {}).get("text"))
