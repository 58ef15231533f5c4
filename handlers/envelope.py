"""What every payload says before it is read: what it is, and who sends it from where."""

from collections.abc import Mapping

from bot.domain.ids import UserId
from handlers.payload import Payload


def says_what_it_is(body: Payload) -> bool:
    """Whether it names a command, an action, a form or an event: without that no listener is found for it."""
    match body:
        case {"type": "event_callback", "event": {"type": str()}}:
            return True
        case {"type": "block_actions", "actions": [{"action_id": str()}, *_]}:
            return True
        case {"type": "view_submission" | "view_closed", "view": {"callback_id": str()}}:
            return True
        case {"type": "shortcut" | "message_action", "callback_id": str()}:
            return True
        case {"type": "block_suggestion", "action_id": str()}:
            return True
        case {"type": _}:
            return False
        case _:
            return isinstance(body.get("command"), str)


def workspace_of(body: Payload) -> str | None:
    """The workspace that a request comes from, wherever this kind of payload says so."""
    team = body.get("team")
    user = body.get("user")
    candidates = (
        team.get("id") if isinstance(team, Mapping) else None,
        body.get("team_id"),
        user.get("team_id") if isinstance(user, Mapping) else None,
    )
    return next((str(candidate) for candidate in candidates if candidate), None)


def app_of(body: Payload) -> str | None:
    """The app that Slack sends it to."""
    app = body.get("api_app_id")
    return app if isinstance(app, str) and app else None


def asked_by(body: Payload) -> UserId | None:
    """The person behind a command, a click, a shortcut or a form."""
    user = body.get("user")
    found = user.get("id") if isinstance(user, Mapping) else body.get("user_id")
    return UserId(found) if isinstance(found, str) and found else None
