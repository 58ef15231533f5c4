"""Forms sent to the app, and what the app does with them; App Home."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import inputs, payloads, views
from .actor import Actor
from .answer import Answer, failed
from .clicks import fill
from .model import Json, NotThere, View, ViewType
from .refusal import Refused
from .slack_json import view_json


async def submit(actor: Actor, view_id: str, values: Mapping[str, Any]) -> Answer:
    """Sends a form, with these values entered before. Slack's own complaints come first."""
    view = actor.view(view_id)
    if view.type is not ViewType.MODAL:
        raise NotThere("only a modal can be submitted")
    await fill(actor, view, values)
    state = inputs.state_values(view.blocks, view.values)
    complaints = inputs.complaints(view.blocks, state)
    if complaints:
        return Answer(ok=False, errors=complaints, view=view)
    payload = payloads.view_submission(actor.workspace, actor.user, view, values=state, invitation=actor.trigger())
    ack = await actor.tell(payload | {"response_urls": _response_urls(actor, view, state)})
    if ack.failure is not None:
        return replace(failed(ack.failure), view=view)
    return _responded(actor, view, ack.body or {})


def close(actor: Actor, view_id: str) -> None:
    views.dismiss(actor.slack, actor.view(view_id))


async def open_home(actor: Actor) -> View | None:
    """Opens App Home, which the app may publish when it hears of that. Returns what is there then."""
    home = actor.workspace.homes.get(actor.user.id)
    event: Json = {
        "type": "app_home_opened",
        "user": actor.user.id,
        "channel": actor.workspace.dm(actor.user.id).id,
        "tab": "home",
        "event_ts": actor.slack.next_ts(),
    }
    if home is not None:
        event["view"] = view_json(actor.workspace, home)
    hearing = actor.slack.events.emit(event)
    if hearing is not None:
        await asyncio.shield(hearing)
    return actor.workspace.homes.get(actor.user.id)


def _response_urls(actor: Actor, view: View, state: Json) -> list[Json]:
    """Response urls for the conversations chosen in selects that ask for one."""
    found: list[Json] = []
    for one in inputs.placed(view.blocks):
        held = state.get(one.block_id, {}).get(one.action_id, {})
        chosen = held.get("selected_conversation") or held.get("selected_channel")
        if one.element.get("response_url_enabled") and chosen:
            _, invitation = actor.invitation(chosen)
            found.append(
                {
                    "block_id": one.block_id,
                    "action_id": one.action_id,
                    "channel_id": chosen,
                    "response_url": invitation.response_url,
                }
            )
    return found


def _responded(actor: Actor, view: View, body: Json) -> Answer:
    """Does what the app's `response_action` says."""
    try:
        errors = _respond(actor, view, body)
    except Refused as refused:
        return Answer(ok=False, error=refused.error, view=actor.modal)
    return Answer(ok=not errors, errors=errors, view=actor.modal)


def _respond(actor: Actor, view: View, body: Json) -> dict[str, str]:
    match body.get("response_action"):
        case "errors":
            return _errors(view, body)
        case "update":
            views.replace(actor.slack, view, views.checked_view(body.get("view"), type_=ViewType.MODAL))
        case "push":
            source = views.checked_view(body.get("view"), type_=ViewType.MODAL)
            views.push_modal(actor.slack, actor.user.id, source)
        case "clear":
            views.close_all(actor.slack, actor.user.id)
        case None:
            views.close(actor.slack, view)
        case _:
            raise Refused("invalid_response_action")
    return {}


def _errors(view: View, body: Json) -> dict[str, str]:
    """Slack shows errors only at input blocks of the form."""
    errors = body.get("errors")
    fields = {one.block_id for one in inputs.placed(view.blocks) if one.is_input}
    if not isinstance(errors, dict) or not errors or not set(errors) <= fields:
        raise Refused("invalid_response_action")
    return {block_id: str(sentence) for block_id, sentence in errors.items()}
