"""views.*: modals and App Home by the Web API."""

from . import limits, views
from .arguments import Arguments
from .local_slack import LocalSlack
from .method import Method, Methods
from .model import Json, View, ViewType
from .refusal import Refused
from .slack_json import view_json
from .triggers import Trigger


def open_view(slack: LocalSlack, args: Arguments) -> Json:
    source = _source(args, ViewType.MODAL)
    trigger = _exchanged(slack, args)
    return _answer(slack, views.open_modal(slack, trigger.user, source))


def push(slack: LocalSlack, args: Arguments) -> Json:
    source = _source(args, ViewType.MODAL)
    trigger = _exchanged(slack, args)
    return _answer(slack, views.push_modal(slack, trigger.user, source))


def update(slack: LocalSlack, args: Arguments) -> Json:
    view = _addressed(slack, args)
    source = _source(args, view.type)
    _check_hash(args, view)
    return _answer(slack, views.replace(slack, view, source))


def publish(slack: LocalSlack, args: Arguments) -> Json:
    user = args.required("user_id")
    if user not in slack.workspace.users:
        raise Refused("user_not_found")
    source = _source(args, ViewType.HOME)
    home = slack.workspace.homes.get(user)
    if home is not None:
        _check_hash(args, home)
    return _answer(slack, views.publish(slack, user, source))


def _source(args: Arguments, type_: ViewType) -> Json:
    return views.checked_view(args.structure("view", "invalid_arguments"), type_=type_)


def _exchanged(slack: LocalSlack, args: Arguments) -> Trigger:
    """The trigger of this call, used up by it."""
    trigger = slack.triggers.find(args.required("trigger_id"))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if slack.triggers.is_expired(trigger):
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger


def _addressed(slack: LocalSlack, args: Arguments) -> View:
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if not view_id and not external_id:
        raise Refused("invalid_arguments", messages=["[ERROR] missing required field: view_id or external_id"])
    view = slack.workspace.views.get(view_id) if view_id else views.find_by_external_id(slack, str(external_id))
    if view is None:
        raise Refused("not_found")
    return view


def _check_hash(args: Arguments, view: View) -> None:
    given = args.text("hash")
    if given and given != view.hash:
        raise Refused("hash_conflict")


def _answer(slack: LocalSlack, view: View) -> Json:
    return {"view": view_json(slack.workspace, view)}


METHODS: Methods = {
    "views.open": Method(run=open_view, per_minute=limits.TIER_4),
    "views.push": Method(run=push, per_minute=limits.TIER_4),
    "views.update": Method(run=update, per_minute=limits.TIER_4),
    "views.publish": Method(run=publish, per_minute=limits.TIER_4),
}
