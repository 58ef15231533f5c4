"""What people do in the local Slack, and what they see of the app's answers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import inputs, payloads, posting, views
from .answer import Answer, failed
from .arguments import Arguments
from .delivery import Ack, Envelope, EnvelopeType
from .inputs import Placed
from .local_slack import LocalSlack
from .model import SLACKBOT, Channel, Json, Message, User, View, ViewType
from .payloads import Invitation
from .posting import Draft
from .refusal import Refused
from .response_url import answer as answer_by_url
from .slack_json import view_json
from .triggers import ResponseUrl
from .typed_text import as_command_text, as_message
from .workspace_changes import join_channel


class People:
    """Each act waits for the app's acknowledgement, or until Slack gives up on it.

    An act nobody could do (a button that is not there, a view that is closed) raises LookupError.
    """

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    # commands and shortcuts

    async def command(self, user: str, channel: str, text: str) -> Answer:
        person, place = self._person(user), self._place(user, channel)
        name, _, rest = text.strip().partition(" ")
        command = self._slack.manifest.command(name)
        if command is None:
            return self._slackbot(place, person, f"`{name}` is not a valid command.", error="unknown_command")
        typed = as_command_text(self._slack.workspace, rest.strip()) if command.should_escape else rest.strip()
        url, invitation = self._invitation(person, place)
        payload = payloads.slash_command(
            self._slack.workspace, person, place, command=name, text=typed, invitation=invitation
        )
        ack = await self._deliver(EnvelopeType.COMMAND, payload, takes_payload=True)
        if ack.failure is not None:
            error = failed(ack.failure).error
            return self._slackbot(place, person, f'{name} failed with the error "{error}"', error=error)
        if (ack.body or {}).get("response_type") == "in_channel":
            self._post(person, place, text)
        return self._told(person, url, ack.body)

    async def shortcut(
        self, user: str, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> Answer:
        """A global shortcut, or a message's when channel and ts are given."""
        person = self._person(user)
        action_ts = self._slack.next_ts()
        if channel is None or ts is None:
            payload = payloads.global_shortcut(
                self._slack.workspace,
                person,
                callback_id=callback_id,
                action_ts=action_ts,
                invitation=Invitation(trigger_id=self._slack.triggers.issue(person.id)),
            )
        else:
            place = self._place(user, channel)
            message = self._message(place, person, ts)
            _, invitation = self._invitation(person, place, message)
            payload = payloads.message_shortcut(
                self._slack.workspace,
                person,
                message,
                callback_id=callback_id,
                action_ts=action_ts,
                invitation=invitation,
            )
        return self._acknowledged(person, await self._deliver(EnvelopeType.INTERACTIVE, payload))

    # messages

    async def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        message, hearing = self.say_now(user, channel, text, thread_ts=thread_ts)
        await asyncio.gather(*(asyncio.shield(one) for one in hearing))
        return message

    def say_now(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None
    ) -> tuple[Message, list[asyncio.Task[Ack]]]:
        """The message, and the tasks that tell the app of it."""
        person, place = self._person(user), self._place(user, channel)
        if place.is_archived:
            raise LookupError(f"#{place.name} is archived")
        typed = as_message(self._slack.workspace, text)
        message = self._post(person, place, typed, thread_ts=thread_ts)
        return message, posting.announce(self._slack, place, message)

    def refuse_in_thread(self, user: str, channel: str, text: str, thread_ts: str) -> None:
        """Commands do not work in threads, and Slack says so."""
        person, place = self._person(user), self._place(user, channel)
        refusal = f"{text.split()[0]} is not supported in threads. Sorry!"
        posting.whisper(self._slack, place, person.id, Draft(user=SLACKBOT, text=refusal, thread_ts=thread_ts))

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        hearing = self.react_now(user, channel, ts, name)
        if hearing is not None:
            await asyncio.shield(hearing)

    def react_now(self, user: str, channel: str, ts: str, name: str) -> "asyncio.Task[Ack] | None":
        """Adds the reaction, or takes it back when it was there. The task tells the app of it."""
        person, place = self._person(user), self._place(user, channel)
        message = self._message(place, person, ts)
        added = _toggle(message.reactions, name, person.id)
        self._slack.changes.happened()
        if not self._slack.bot_is_in(place):
            return None
        return self._slack.events.emit(
            {
                "type": "reaction_added" if added else "reaction_removed",
                "user": person.id,
                "reaction": name,
                "item": {"type": "message", "channel": place.id, "ts": message.ts},
                "item_user": message.user,
                "event_ts": self._slack.next_ts(),
            }
        )

    def read(self, user: str, channel: str) -> None:
        """Marks everything said so far as read."""
        person, place = self._person(user), self._place(user, channel)
        if place.messages:
            place.last_read[person.id] = place.messages[-1].ts
            self._slack.changes.happened()

    def join(self, user: str, channel: str) -> None:
        join_channel(self._slack, self._slack.workspace.channel(channel), self._person(user).id)

    # clicks

    async def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: object = None,
        stale: bool = False,
    ) -> Answer:
        """A button or a select of a message; `stale`: also one that an edit has taken away meanwhile."""
        person, place = self._person(user), self._place(user, channel)
        message = self._message(place, person, ts)
        one = _shown(message, action_id, block_id, stale=stale)
        suggested = await self._options(person, message, one, value)
        action = self._action(one, value, suggested)
        held = inputs.initial(one.element)
        if held is not None:
            entered = {key: value for key, value in action.items() if key in held}
            message.inputs.setdefault(person.id, {}).setdefault(one.block_id, {})[one.action_id] = entered
        _, invitation = self._invitation(person, place, message)
        payload = payloads.message_action(self._slack.workspace, person, message, action=action, invitation=invitation)
        return self._acknowledged(person, await self._deliver(EnvelopeType.INTERACTIVE, payload))

    async def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: object = None,
        values: Mapping[str, Any] | None = None,
    ) -> Answer:
        """A button or a select of a modal or of App Home. A field only tells the app when its block says so.

        `values`: what stands in the form by now, as for `submit`.
        """
        person, view = self._person(user), self._view(user, view_id)
        await self._fill_all(person, view, values or {})
        one = inputs.find(view.blocks, action_id, block_id)
        if one is None:
            raise LookupError(f"no {action_id!r} in view {view.callback_id or view.id}")
        suggested = await self._options(person, view, one, value)
        action = self._action(one, value, suggested)
        self._enter(view, one, action)
        if one.is_input and not one.block.get("dispatch_action"):
            return Answer(ok=True, view=self._slack.workspace.modal(person.id))
        invitation = Invitation(trigger_id=self._slack.triggers.issue(person.id))
        payload = payloads.view_action(self._slack.workspace, person, view, action=action, invitation=invitation)
        return self._acknowledged(person, await self._deliver(EnvelopeType.INTERACTIVE, payload))

    async def suggest(self, user: str, where: Message | View, action_id: str, query: str) -> list[Json]:
        """The options the app offers for what was typed into an external select."""
        person = self._person(user)
        one = inputs.find(where.blocks, action_id)
        if one is None:
            raise LookupError(f"no {action_id!r} here")
        return await self._suggested(person, where, one, query)

    # modals and App Home

    async def submit(self, user: str, view_id: str, values: Mapping[str, Any] | None = None) -> Answer:
        """Sends a form. Values: block_id → value, or block_id → {action_id: value}."""
        person, view = self._person(user), self._view(user, view_id)
        if view.type is not ViewType.MODAL:
            raise LookupError("only a modal can be submitted")
        await self._fill_all(person, view, values or {})
        state = inputs.state_values(view.blocks, view.values)
        complaints = inputs.complaints(view.blocks, state)
        if complaints:
            return Answer(ok=False, errors=complaints, view=view)
        invitation = Invitation(trigger_id=self._slack.triggers.issue(person.id))
        payload = payloads.view_submission(self._slack.workspace, person, view, values=state, invitation=invitation) | {
            "response_urls": self._form_urls(person, view, state)
        }
        ack = await self._deliver(EnvelopeType.INTERACTIVE, payload, takes_payload=True)
        if ack.failure is not None:
            return replace(failed(ack.failure), view=view)
        return self._responded(person, view, ack.body or {})

    async def close_view(self, user: str, view_id: str) -> None:
        views.dismiss(self._slack, self._view(user, view_id))

    async def open_home(self, user: str) -> View | None:
        """Opens App Home; the app publishes it when it hears of that. Returns what was there already."""
        person = self._person(user)
        home = self._slack.workspace.homes.get(person.id)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self._slack.workspace.dm(person.id).id,
            "tab": "home",
            "event_ts": self._slack.next_ts(),
        }
        if home is not None:
            event["view"] = view_json(self._slack.workspace, home)
        await self._event(event)
        return self._slack.workspace.homes.get(person.id)

    # inside

    def _person(self, user: str) -> User:
        return self._slack.workspace.user(user)

    def _place(self, user: str, channel: str) -> Channel:
        person, place = self._person(user), self._slack.workspace.channel(channel)
        if person.id not in place.members:
            raise LookupError(f"{person.name} is not in {place.name or place.id}")
        return place

    def _message(self, place: Channel, person: User, ts: str) -> Message:
        message = place.find(ts)
        if message is None or message.deleted or message.ephemeral_to not in (None, person.id):
            raise LookupError(f"{person.name} sees no message {ts} in {place.name or place.id}")
        return message

    def _view(self, user: str, view_id: str) -> View:
        view = self._slack.workspace.views.get(view_id)
        if view is None or view.user != self._person(user).id:
            raise LookupError(f"{user} has no view {view_id} open")
        return view

    def _invitation(
        self, person: User, place: Channel, source: Message | None = None
    ) -> tuple[ResponseUrl, Invitation]:
        path, url = self._slack.response_urls.issue(place.id, person.id, source)
        trigger_id = self._slack.triggers.issue(person.id)
        return url, Invitation(trigger_id=trigger_id, response_url=f"{self._slack.url}{path}")

    async def _deliver(self, type_: EnvelopeType, payload: Json, *, takes_payload: bool = False) -> Ack:
        self._slack.agenda.run_due()
        return await self._slack.delivery.send(Envelope(type=type_, payload=payload, takes_payload=takes_payload))

    async def _event(self, event: Json) -> None:
        sending = self._slack.events.emit(event)
        if sending is not None:
            await asyncio.shield(sending)

    def _acknowledged(self, person: User, ack: Ack) -> Answer:
        if ack.failure is not None:
            return failed(ack.failure)
        return Answer(ok=True, view=self._slack.workspace.modal(person.id))

    def _post(self, person: User, place: Channel, text: str, *, thread_ts: str | None = None) -> Message:
        if thread_ts is not None:
            root = self._message(place, person, thread_ts)
            thread_ts = root.thread_ts or root.ts
        return posting.post(self._slack, place, Draft(user=person.id, text=text, thread_ts=thread_ts))

    def _slackbot(self, place: Channel, person: User, text: str, *, error: str | None) -> Answer:
        posting.whisper(self._slack, place, person.id, Draft(user=SLACKBOT, text=text))
        return Answer(ok=False, text=text, error=error)

    def _told(self, person: User, url: ResponseUrl, body: Json | None) -> Answer:
        """The answer inside the acknowledgement of a command, said as through its response url."""
        if body is not None:
            try:
                answer_by_url(self._slack, url, Arguments(body))
            except Refused as refused:
                place = self._slack.workspace.channels[url.channel]
                return self._slackbot(place, person, f'failed with the error "{refused.error}"', error=refused.error)
        said = url.posted
        return Answer(
            ok=True,
            text=None if said is None else said.text,
            blocks=() if said is None else said.blocks,
            view=self._slack.workspace.modal(person.id),
        )

    def _action(self, one: Placed, value: object, suggested: Sequence[Json]) -> Json:
        action = inputs.action(self._slack.workspace, one, value, suggested=suggested)
        return action | {"action_ts": self._slack.next_ts()}

    def _enter(self, view: View, one: Placed, action: Json) -> None:
        empty = inputs.initial(one.element)
        if empty is not None:
            held = {key: value for key, value in action.items() if key in empty}
            view.values.setdefault(one.block_id, {})[one.action_id] = held
            self._slack.changes.happened()

    async def _fill_all(self, person: User, view: View, values: Mapping[str, Any]) -> None:
        for block_id, value in values.items():
            await self._fill(person, view, block_id, value)

    async def _fill(self, person: User, view: View, block_id: str, value: object) -> None:
        fields = [one for one in inputs.placed(view.blocks) if one.block_id == block_id]
        if not fields:
            raise LookupError(f"no block {block_id!r} in view {view.callback_id or view.id}")
        by_action = value if isinstance(value, Mapping) else {fields[0].action_id: value}
        for one in fields:
            if one.action_id in by_action:
                entered = by_action[one.action_id]
                suggested = await self._options(person, view, one, entered)
                held = inputs.state(self._slack.workspace, one.element, entered, suggested)
                view.values.setdefault(block_id, {})[one.action_id] = held
        unknown = set(by_action) - {one.action_id for one in fields}
        if unknown:
            raise LookupError(f"no {sorted(unknown)} in block {block_id!r}")

    async def _options(self, person: User, where: Message | View, one: Placed, value: object) -> Sequence[Json]:
        """For an external select: what the app offers when the person types the value."""
        if not one.type.endswith("external_select") or value is None:
            return ()
        if isinstance(value, Mapping):
            return [dict(value)] if "text" in value else ()
        return await self._suggested(person, where, one, str(value))

    async def _suggested(self, person: User, where: Message | View, one: Placed, query: str) -> list[Json]:
        payload = payloads.block_suggestion(
            self._slack.workspace,
            person,
            block_id=one.block_id,
            action_id=one.action_id,
            query=query,
            place=payloads.suggestion_place(self._slack.workspace, where),
        )
        ack = await self._deliver(EnvelopeType.INTERACTIVE, payload, takes_payload=True)
        body = ack.body or {}
        options = list(body.get("options") or ())
        for group in body.get("option_groups") or ():
            options.extend(group["options"])
        return options

    def _form_urls(self, person: User, view: View, state: Json) -> list[Json]:
        """Response urls for the conversations chosen in selects that ask for one."""
        found: list[Json] = []
        for one in inputs.placed(view.blocks):
            held = state.get(one.block_id, {}).get(one.action_id, {})
            chosen = held.get("selected_conversation") or held.get("selected_channel")
            if one.element.get("response_url_enabled") and chosen:
                path, _ = self._slack.response_urls.issue(chosen, person.id)
                found.append(
                    {
                        "block_id": one.block_id,
                        "action_id": one.action_id,
                        "channel_id": chosen,
                        "response_url": f"{self._slack.url}{path}",
                    }
                )
        return found

    def _responded(self, person: User, view: View, body: Json) -> Answer:
        """Does what the app's `response_action` says with the form."""
        try:
            errors = self._respond(person, view, body)
        except Refused as refused:
            return Answer(ok=False, error=refused.error, view=self._slack.workspace.modal(person.id))
        return Answer(ok=not errors, errors=errors, view=self._slack.workspace.modal(person.id))

    def _respond(self, person: User, view: View, body: Json) -> dict[str, str]:
        match body.get("response_action"):
            case "errors":
                return _form_errors(view, body)
            case "update":
                views.replace(self._slack, view, views.checked_view(body.get("view"), type_=ViewType.MODAL))
            case "push":
                source = views.checked_view(body.get("view"), type_=ViewType.MODAL)
                views.push_modal(self._slack, person.id, source)
            case "clear":
                views.close_all(self._slack, person.id)
            case None:
                views.close(self._slack, view)
            case _:
                raise Refused("invalid_response_action")
        return {}


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


def _shown(message: Message, action_id: str, block_id: str | None, *, stale: bool) -> Placed:
    renderings = [message.blocks]
    if stale:
        renderings += [older.blocks for older in reversed(message.edited_versions)]
    for blocks in renderings:
        one = inputs.find(blocks, action_id, block_id)
        if one is not None:
            return one
    offered = sorted(one.action_id for one in inputs.placed(message.blocks))
    raise LookupError(f"no {action_id!r} in message {message.ts}, which offers {offered}")


def _form_errors(view: View, body: Json) -> dict[str, str]:
    """Slack shows errors only at input blocks of the form."""
    errors = body.get("errors")
    fields = {one.block_id for one in inputs.placed(view.blocks) if one.is_input}
    if not isinstance(errors, dict) or not errors or not set(errors) <= fields:
        raise Refused("invalid_response_action")
    return {block_id: str(sentence) for block_id, sentence in errors.items()}
