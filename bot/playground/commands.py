"""Slash commands and shortcuts."""

from . import payloads, posting
from .actor import Actor
from .answer import Answer, failed
from .arguments import Arguments
from .delivery import EnvelopeType
from .model import SLACKBOT, Json
from .posting import Draft
from .refusal import Refused
from .response_url import answer as answer_by_url
from .triggers import ResponseUrl
from .typed_text import as_command_text


async def command(actor: Actor, channel: str, text: str) -> Answer:
    """A command as it is typed, such as `/incident list`."""
    place = actor.place(channel)
    name, _, rest = text.strip().partition(" ")
    declared = actor.slack.manifest.command(name)
    if declared is None:
        return _slackbot(actor, place.id, f"`{name}` is not a valid command.", error="unknown_command")
    typed = as_command_text(actor.workspace, rest.strip()) if declared.should_escape else rest.strip()
    url, invitation = actor.invitation(place.id)
    payload = payloads.slash_command(
        actor.workspace, actor.user, place, command=name, text=typed, invitation=invitation
    )
    ack = await actor.tell(payload, EnvelopeType.COMMAND)
    if ack.failure is not None:
        error = failed(ack.failure).error
        return _slackbot(actor, place.id, f'{name} failed with the error "{error}"', error=error)
    if (ack.body or {}).get("response_type") == "in_channel":
        posting.post(actor.slack, place, Draft(user=actor.user.id, text=text))
    return _told(actor, url, ack.body)


async def shortcut(actor: Actor, callback_id: str) -> Answer:
    """A global shortcut."""
    return await actor.act(
        payloads.global_shortcut(
            actor.workspace,
            actor.user,
            callback_id=callback_id,
            action_ts=actor.slack.next_ts(),
            invitation=actor.trigger(),
        )
    )


async def message_shortcut(actor: Actor, callback_id: str, channel: str, ts: str) -> Answer:
    message = actor.message(channel, ts)
    _, invitation = actor.invitation(message.channel, message)
    return await actor.act(
        payloads.message_shortcut(
            actor.workspace,
            actor.user,
            message,
            callback_id=callback_id,
            action_ts=actor.slack.next_ts(),
            invitation=invitation,
        )
    )


def refuse_in_thread(actor: Actor, channel: str, text: str, thread_ts: str) -> None:
    """Commands do not work in threads, and Slack says so."""
    refusal = f"{text.split()[0]} is not supported in threads. Sorry!"
    draft = Draft(user=SLACKBOT, text=refusal, thread_ts=thread_ts)
    posting.whisper(actor.slack, actor.place(channel), actor.user.id, draft)


def _slackbot(actor: Actor, channel: str, text: str, *, error: str | None) -> Answer:
    place = actor.workspace.channels[channel]
    posting.whisper(actor.slack, place, actor.user.id, Draft(user=SLACKBOT, text=text))
    return Answer(ok=False, text=text, error=error)


def _told(actor: Actor, url: ResponseUrl, body: Json | None) -> Answer:
    """The answer inside the acknowledgement, said as through the response url."""
    if body is not None:
        try:
            answer_by_url(actor.slack, url, Arguments(body))
        except Refused as refused:
            return _slackbot(actor, url.channel, f'failed with the error "{refused.error}"', error=refused.error)
    said = url.posted
    return Answer(
        ok=True,
        text=None if said is None else said.text,
        blocks=() if said is None else said.blocks,
        view=actor.modal,
    )
