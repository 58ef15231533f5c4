"""The Web API at /api/<method>: authentication, scopes, limits, faults, the record of calls."""

from starlette.types import Receive, Scope, Send

from . import (
    app_methods,
    bookmark_methods,
    channel_methods,
    chat_methods,
    conversation_methods,
    user_methods,
    view_methods,
)
from .arguments import Arguments, header, parse
from .call import reply_to
from .local_slack import APP_TOKEN, BOT_TOKEN, LocalSlack
from .method import Method, Methods, TokenKind
from .model import Json
from .refusal import RateLimited, Refused
from .wire import Reply, json_reply, rate_limited, read_body, send_reply

METHODS: Methods = {
    **app_methods.METHODS,
    **bookmark_methods.METHODS,
    **channel_methods.METHODS,
    **chat_methods.METHODS,
    **conversation_methods.METHODS,
    **user_methods.METHODS,
    **view_methods.METHODS,
}

OK = "ok"


class WebApi:
    """An ASGI application: one request, one call."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._headers = {
            "x-oauth-scopes": ",".join(slack.manifest.scopes),
            "x-slack-backend": "playground",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].rpartition("/")[2]
        body = await read_body(receive)
        content_type = header(scope["headers"], b"content-type")
        try:
            raw = parse(scope["query_string"].decode(), content_type, body)
        except Refused as refused:
            reply = self._refusal(refused)
        else:
            token = _token(raw, header(scope["headers"], b"authorization"))
            reply = await reply_to(
                self._slack,
                name,
                raw,
                lambda: self._carried_out(name, Arguments(raw), token),
                channels=self._channels(raw),
            )
        await send_reply(reply, scope, receive, send)

    def _carried_out(self, name: str, args: Arguments, token: str) -> tuple[str, Reply]:
        try:
            answer = self._answer(name, args, token)
        except Refused as refused:
            return refused.error, self._refusal(refused)
        except RateLimited as limited:
            return "ratelimited", rate_limited(limited.retry_after)
        return OK, json_reply({"ok": True} | answer, headers=self._headers)

    def _answer(self, name: str, args: Arguments, token: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        self._authenticate(method, token)
        retry_after = self._slack.limits.take_call(name, method.per_minute, self._slack.now())
        if retry_after is not None:
            raise RateLimited(retry_after)
        if method.scope is not None:
            self._slack.require_scope(method.scope)
        return method.run(self._slack, args)

    def _authenticate(self, method: Method, token: str) -> None:
        if method.token is TokenKind.NONE:
            return
        if not token:
            raise Refused("not_authed")
        if token not in (BOT_TOKEN, APP_TOKEN):
            raise Refused("invalid_auth")
        if token == BOT_TOKEN and self._slack.token_revoked:
            raise Refused("token_revoked")
        if (token == APP_TOKEN) is not (method.token is TokenKind.APP):
            raise Refused("not_allowed_token_type")

    def _channels(self, raw: Json) -> frozenset[str]:
        """The id and the name of the channel a call is about."""
        given = raw.get("channel") or raw.get("channel_id")
        if not self._slack.faults or not isinstance(given, str):
            return frozenset()
        channel = self._slack.workspace.find_channel(given)
        return frozenset({given} if channel is None else {given, channel.id, channel.name})

    def _refusal(self, refused: Refused) -> Reply:
        return json_reply({"ok": False, "error": refused.error} | refused.extra, headers=self._headers)


def _token(raw: Json, authorization: str) -> str:
    """The token of the call, taken out of its arguments."""
    given = str(raw.pop("token", ""))
    scheme, _, bearer = authorization.partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else given
