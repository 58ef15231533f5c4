"""Clicks on buttons and choices in selects, in messages and in views."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import inputs, payloads
from .actor import Actor
from .answer import Answer
from .inputs import Placed
from .model import Json, Message, NotThere, View


async def click(
    actor: Actor,
    channel: str,
    ts: str,
    action_id: str,
    *,
    block_id: str | None = None,
    value: object = None,
    stale: bool = False,
) -> Answer:
    """A button or a select of a message; `stale`: also one that an edit has taken away meanwhile."""
    message = actor.message(channel, ts)
    one = _shown(message, action_id, block_id, stale=stale)
    action = await _action(actor, message, one, value)
    held = _held(one, action)
    if held is not None:
        message.inputs.setdefault(actor.user.id, {}).setdefault(one.block_id, {})[one.action_id] = held
    _, invitation = actor.invitation(message.channel, message)
    return await actor.act(
        payloads.message_action(actor.workspace, actor.user, message, action=action, invitation=invitation)
    )


async def click_in_view(
    actor: Actor,
    view_id: str,
    action_id: str,
    *,
    block_id: str | None = None,
    value: object = None,
    values: Mapping[str, Any] | None = None,
) -> Answer:
    """A button or a select of a modal or of App Home. A field only tells the app when its block says so.

    `values`: what stands in the form by now, as for a submission.
    """
    view = actor.view(view_id)
    one = inputs.find(view.blocks, action_id, block_id)
    if one is None:
        raise NotThere(f"no {action_id!r} in view {view.callback_id or view.id}")
    await fill(actor, view, values or {})
    action = await _action(actor, view, one, value)
    held = _held(one, action)
    if held is not None:
        enter(actor, view, one, held)
    if one.is_input and not one.block.get("dispatch_action"):
        return Answer(ok=True, view=actor.modal)
    return await actor.act(
        payloads.view_action(actor.workspace, actor.user, view, action=action, invitation=actor.trigger())
    )


async def fill(actor: Actor, view: View, values: Mapping[str, Any]) -> None:
    """Enters values into a form: block_id → value, or block_id → {action_id: value}."""
    for block_id, value in values.items():
        fields = [one for one in inputs.placed(view.blocks) if one.block_id == block_id]
        if not fields:
            raise NotThere(f"no block {block_id!r} in view {view.callback_id or view.id}")
        by_action = value if isinstance(value, Mapping) else {fields[0].action_id: value}
        unknown = set(by_action) - {one.action_id for one in fields}
        if unknown:
            raise NotThere(f"no {sorted(unknown)} in block {block_id!r}")
        for one in fields:
            if one.action_id in by_action:
                await _fill_one(actor, view, one, by_action[one.action_id])


async def _fill_one(actor: Actor, view: View, one: Placed, value: object) -> None:
    suggested = await _options(actor, view, one, value)
    enter(actor, view, one, inputs.state(actor.workspace, one.element, value, suggested))


def enter(actor: Actor, view: View, one: Placed, held: Json) -> None:
    view.values.setdefault(one.block_id, {})[one.action_id] = held
    actor.slack.changes.happened()


async def suggest(actor: Actor, where: Message | View, action_id: str, query: str) -> list[Json]:
    """The options the app offers for what was typed into an external select."""
    one = inputs.find(where.blocks, action_id)
    if one is None:
        raise NotThere(f"no {action_id!r} here")
    return await _suggested(actor, where, one, query)


def _shown(message: Message, action_id: str, block_id: str | None, *, stale: bool) -> Placed:
    renderings = [message.blocks]
    if stale:
        renderings += [older.blocks for older in reversed(message.edited_versions)]
    for blocks in renderings:
        one = inputs.find(blocks, action_id, block_id)
        if one is not None:
            return one
    offered = sorted(one.action_id for one in inputs.placed(message.blocks))
    raise NotThere(f"no {action_id!r} in message {message.ts}, which offers {offered}")


async def _action(actor: Actor, where: Message | View, one: Placed, value: object) -> Json:
    suggested = await _options(actor, where, one, value)
    action = inputs.action(actor.workspace, one, value, suggested=suggested)
    return action | {"action_ts": actor.slack.next_ts()}


def _held(one: Placed, action: Json) -> Json | None:
    """What the element holds after the act; None for a button, which holds nothing."""
    empty = inputs.initial(one.element)
    return None if empty is None else {key: value for key, value in action.items() if key in empty}


async def _options(actor: Actor, where: Message | View, one: Placed, value: object) -> Sequence[Json]:
    """For an external select: what the app offers when the person types the value."""
    if not one.type.endswith("external_select") or value is None:
        return ()
    if isinstance(value, Mapping):
        return [dict(value)] if "text" in value else ()
    return await _suggested(actor, where, one, str(value))


async def _suggested(actor: Actor, where: Message | View, one: Placed, query: str) -> list[Json]:
    ack = await actor.tell(
        payloads.block_suggestion(
            actor.workspace,
            actor.user,
            block_id=one.block_id,
            action_id=one.action_id,
            query=query,
            place=payloads.suggestion_place(actor.workspace, where),
        )
    )
    body = ack.body or {}
    options = list(body.get("options") or ())
    for group in body.get("option_groups") or ():
        options.extend(group["options"])
    return options
