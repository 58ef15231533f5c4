"""Messages that people pin to their channel."""

from .actor import Actor
from .chat_methods import permalink
from .conversation import Hearing
from .model import Channel, Json, Message
from .slack_json import message_json
from .timestamps import unix_seconds


def pin(actor: Actor, channel: str, ts: str) -> Hearing:
    """Pins the message, or takes the pin back when it is there."""
    place, message = actor.place(channel), actor.message(channel, ts)
    added = message.pinned_by is None
    message.pinned_by = actor.user.id if added else None
    actor.slack.changes.happened()
    if not actor.slack.bot_is_in(place):
        return []
    hearing = actor.slack.events.emit(_event(actor, place, message, added=added))
    return [] if hearing is None else [hearing]


def _event(actor: Actor, place: Channel, message: Message, *, added: bool) -> Json:
    created = unix_seconds(actor.slack.now())
    item: Json = {
        "type": "message",
        "created": created,
        "created_by": actor.user.id,
        "channel": place.id,
        "message": message_json(actor.workspace, message) | {"permalink": permalink(actor.slack, message)},
    }
    pinned = sum(one.pinned_by is not None for one in place.visible())
    return {
        "type": "pin_added" if added else "pin_removed",
        "user": actor.user.id,
        "channel_id": place.id,
        "item": item,
        "item_user": message.user,
        "pin_count": pinned,
        "pinned_info": {"channel": place.id, "pinned_by": actor.user.id, "pinned_ts": created},
        "event_ts": actor.slack.next_ts(),
    } | ({} if added else {"has_pins": pinned > 0})
