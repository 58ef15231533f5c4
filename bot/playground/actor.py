"""A person about to do something: what they can reach, and how the app is told of it."""

from .answer import Answer, failed
from .delivery import Ack, Envelope, EnvelopeType
from .local_slack import LocalSlack
from .model import Channel, Json, Message, NotThere, User, View, Workspace
from .payloads import Invitation
from .triggers import ResponseUrl


class Actor:
    """Raises NotThere for somebody, or something, that this person does not see."""

    def __init__(self, slack: LocalSlack, user: str) -> None:
        self.slack = slack
        self.user: User = slack.workspace.user(user)

    @property
    def workspace(self) -> Workspace:
        return self.slack.workspace

    @property
    def modal(self) -> View | None:
        return self.workspace.modal(self.user.id)

    def place(self, channel: str) -> Channel:
        """A channel the person is in."""
        place = self.workspace.channel(channel)
        if self.user.id not in place.members:
            raise NotThere(f"{self.user.name} is not in {place.name or place.id}")
        return place

    def message(self, channel: str, ts: str) -> Message:
        place = self.place(channel)
        message = place.find(ts)
        if message is None or message.deleted or message.ephemeral_to not in (None, self.user.id):
            raise NotThere(f"{self.user.name} sees no message {ts} in {place.name or place.id}")
        return message

    def view(self, view_id: str) -> View:
        view = self.workspace.views.get(view_id)
        if view is None or view.user != self.user.id:
            raise NotThere(f"{self.user.name} has no view {view_id} open")
        return view

    def trigger(self) -> Invitation:
        return Invitation(trigger_id=self.slack.triggers.issue(self.user.id))

    def invitation(self, channel: str, source: Message | None = None) -> tuple[ResponseUrl, Invitation]:
        path, url = self.slack.response_urls.issue(channel, self.user.id, source)
        trigger_id = self.slack.triggers.issue(self.user.id)
        return url, Invitation(trigger_id=trigger_id, response_url=f"{self.slack.url}{path}")

    async def tell(self, payload: Json, type_: EnvelopeType = EnvelopeType.INTERACTIVE) -> Ack:
        """Tells the app, and waits for its acknowledgement."""
        self.slack.agenda.run_due()
        takes_payload = payload.get("type") in (None, "view_submission", "block_suggestion")
        return await self.slack.delivery.send(Envelope(type=type_, payload=payload, takes_payload=takes_payload))

    async def act(self, payload: Json) -> Answer:
        """An act the app only acknowledges."""
        ack = await self.tell(payload)
        return Answer(ok=True, view=self.modal) if ack.failure is None else failed(ack.failure)
