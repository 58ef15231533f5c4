"""What people say in channels, and how they react."""

import asyncio

from . import posting
from .actor import Actor
from .delivery import Ack
from .model import Message, NotThere
from .posting import Draft
from .typed_text import as_message

Hearing = list[asyncio.Task[Ack]]
"""The tasks that tell the app of an act; each ends with the first acknowledgement, or without one."""


def say(actor: Actor, channel: str, text: str, *, thread_ts: str | None = None) -> tuple[Message, Hearing]:
    place = actor.place(channel)
    if place.is_archived:
        raise NotThere(f"#{place.name} is archived")
    root = None if thread_ts is None else actor.message(channel, thread_ts)
    draft = Draft(
        user=actor.user.id,
        text=as_message(actor.workspace, text),
        thread_ts=None if root is None else root.thread_ts or root.ts,
    )
    message = posting.post(actor.slack, place, draft)
    return message, posting.announce(actor.slack, place, message)


def react(actor: Actor, channel: str, ts: str, name: str) -> Hearing:
    """Adds the reaction, or takes it back when it was there."""
    message = actor.message(channel, ts)
    added = _toggle(message.reactions, name, actor.user.id)
    actor.slack.changes.happened()
    if not actor.slack.bot_is_in(actor.place(channel)):
        return []
    hearing = actor.slack.events.emit(
        {
            "type": "reaction_added" if added else "reaction_removed",
            "user": actor.user.id,
            "reaction": name,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "item_user": message.user,
            "event_ts": actor.slack.next_ts(),
        }
    )
    return [] if hearing is None else [hearing]


def mark_read(actor: Actor, channel: str) -> None:
    """Everything said so far."""
    place = actor.place(channel)
    if place.messages:
        place.last_read[actor.user.id] = place.messages[-1].ts
        actor.slack.changes.happened()


async def heard(hearing: Hearing) -> None:
    await asyncio.gather(*(asyncio.shield(one) for one in hearing))


def _toggle(reactions: dict[str, list[str]], name: str, user: str) -> bool:
    """Whether the reaction is there now."""
    users = reactions.setdefault(name, [])
    if user not in users:
        users.append(user)
        return True
    users.remove(user)
    if not users:
        del reactions[name]
    return False
