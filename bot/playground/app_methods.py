"""api.test, auth.test and apps.connections.open."""

from . import limits
from .arguments import Arguments
from .local_slack import LocalSlack
from .method import Method, Methods, TokenKind
from .model import Json
from .refusal import Refused


def api_test(_slack: LocalSlack, args: Arguments) -> Json:
    error = args.text("error")
    if error:
        raise Refused(error, args=args.raw)
    return {"args": args.raw} if args.raw else {}


def auth_test(slack: LocalSlack, _args: Arguments) -> Json:
    workspace, app = slack.workspace, slack.app
    return {
        "url": f"{slack.url}/",
        "team": workspace.team.name,
        "user": workspace.users[app.user_id].name,
        "team_id": workspace.team.id,
        "user_id": app.user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(slack: LocalSlack, _args: Arguments) -> Json:
    if slack.sockets is None:
        raise Refused("socket_mode_not_enabled")
    return {"url": slack.url.replace("http://", "ws://", 1) + slack.sockets.issue_ticket()}


METHODS: Methods = {
    "api.test": Method(run=api_test, token=TokenKind.NONE),
    "auth.test": Method(run=auth_test, per_minute=limits.HUNDREDS),
    "apps.connections.open": Method(run=open_connection, per_minute=limits.TIER_3, token=TokenKind.APP),
}
