"""Modals and App Home: open, push, replace, close. Shared by the Web API, by answers to a form, and by people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .block_kit import view_problems
from .delivery import Envelope, EnvelopeType
from .inputs import placed
from .local_slack import LocalSlack
from .model import Json, View, ViewType
from .payloads import view_closed
from .refusal import Refused

MAX_STACK = 3
MAX_VIEW_BYTES = 250_000


def checked_view(view: Any, *, type_: ViewType) -> Json:
    """The view, when Slack takes it; raises Refused otherwise."""
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", messages=["[ERROR] must provide an object [json-pointer:/view]"])
    problems = view_problems(view)
    if not problems and view["type"] != type_:
        problems = [f'[ERROR] must be of type "{type_}" [json-pointer:/view/type]']
    if problems:
        raise Refused("invalid_arguments", messages=problems)
    if len(json.dumps(view)) > MAX_VIEW_BYTES:
        raise Refused("view_too_large")
    return view


def open_modal(slack: LocalSlack, user: str, source: Json) -> View:
    """Shows a modal; whatever modal the person had open gives way."""
    own = slack.workspace.modals.get(user, [])
    _check_external_id(slack, source, but=own)
    close_all(slack, user)
    view = _new_modal(slack, user, source, previous=None)
    slack.workspace.modals[user] = [view]
    slack.changes.happened()
    return view


def push_modal(slack: LocalSlack, user: str, source: Json) -> View:
    stack = slack.workspace.modals.get(user)
    if not stack:
        raise Refused("not_found")
    if len(stack) >= MAX_STACK:
        raise Refused("push_limit_reached")
    _check_external_id(slack, source)
    view = _new_modal(slack, user, source, previous=stack[-1])
    stack.append(view)
    slack.changes.happened()
    return view


def replace(slack: LocalSlack, view: View, source: Json) -> View:
    """New contents for a view. What was typed stays where field and block keep their ids."""
    _check_external_id(slack, source, but=[view])
    view.source = source | {"blocks": slack.fill_ids(source["blocks"])}
    view.hash = _hash(slack)
    kept = {(one.block_id, one.action_id): one.type for one in placed(view.blocks)}
    view.values = {
        block_id: {
            action_id: held for action_id, held in fields.items() if kept.get((block_id, action_id)) == held["type"]
        }
        for block_id, fields in view.values.items()
    }
    slack.changes.happened()
    return view


def publish(slack: LocalSlack, user: str, source: Json) -> View:
    """A person's App Home, new or replaced."""
    home = slack.workspace.homes.get(user)
    if home is not None:
        return replace(slack, home, source)
    view_id = slack.ids.numbered("V")
    view = View(
        id=view_id,
        type=ViewType.HOME,
        user=user,
        source=source | {"blocks": slack.fill_ids(source["blocks"])},
        hash=_hash(slack),
        root_id=view_id,
    )
    slack.workspace.homes[user] = view
    slack.workspace.views[view_id] = view
    slack.changes.happened()
    return view


def close(slack: LocalSlack, view: View) -> None:
    """A modal goes away after its submission; the one below shows again."""
    stack = slack.workspace.modals.get(view.user, [])
    if view in stack:
        stack.remove(view)
    _forget(slack, [view])


def close_all(slack: LocalSlack, user: str) -> None:
    stack = slack.workspace.modals.pop(user, [])
    _forget(slack, stack)


def dismiss(slack: LocalSlack, view: View) -> None:
    """The person closes the view; the app hears of it when it asked to."""
    stack = slack.workspace.modals.get(view.user, [])
    clear = bool(view.source.get("clear_on_close"))
    gone = list(stack) if clear else [one for one in stack if one is view]
    for one in gone:
        stack.remove(one)
        if one.source.get("notify_on_close"):
            payload = view_closed(slack.workspace, one, is_cleared=clear)
            slack.background.spawn(slack.delivery.send(Envelope(type=EnvelopeType.INTERACTIVE, payload=payload)))
    _forget(slack, gone)


def find_by_external_id(slack: LocalSlack, external_id: str) -> View | None:
    return next((one for one in slack.workspace.views.values() if one.external_id == external_id), None)


def _new_modal(slack: LocalSlack, user: str, source: Json, *, previous: View | None) -> View:
    view_id = slack.ids.numbered("V")
    view = View(
        id=view_id,
        type=ViewType.MODAL,
        user=user,
        source=source | {"blocks": slack.fill_ids(source["blocks"])},
        hash=_hash(slack),
        root_id=view_id if previous is None else previous.root_id,
        previous_id=None if previous is None else previous.id,
    )
    slack.workspace.views[view_id] = view
    return view


def _forget(slack: LocalSlack, views: list[View]) -> None:
    for view in views:
        slack.workspace.views.pop(view.id, None)
    slack.changes.happened()


def _check_external_id(slack: LocalSlack, source: Mapping[str, Any], but: Sequence[View] = ()) -> None:
    external_id = source.get("external_id")
    if not external_id:
        return
    other = find_by_external_id(slack, str(external_id))
    if other is not None and other not in but:
        raise Refused("duplicate_external_id")


def _hash(slack: LocalSlack) -> str:
    return f"{int(slack.now().timestamp())}.{slack.ids.opaque('hash')[:8]}"
