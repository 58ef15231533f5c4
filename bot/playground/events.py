"""Events to the app: wrapped, sent, and sent again while nobody acknowledges them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from .agenda import Agenda
from .background import Background
from .delivery import Ack, Delivery, Envelope, EnvelopeType, Failure
from .manifest import AppManifest
from .model import Clock, Json, Workspace
from .timestamps import unix_seconds
from .triggers import Ids

RETRY_AFTER = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
DROPPED_AFTER = timedelta(hours=2)


@dataclass(slots=True, kw_only=True, eq=False)
class _Event:
    payload: Json
    happened_at: datetime
    attempts: int = 0
    failure: Failure | None = None


class Events:
    def __init__(
        self,
        workspace: Workspace,
        clock: Clock,
        *,
        manifest: AppManifest,
        ids: Ids,
        agenda: Agenda,
        background: Background,
        delivery: Delivery,
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._manifest = manifest
        self._ids = ids
        self._agenda = agenda
        self._background = background
        self._delivery = delivery
        self._waiting: list[_Event] = []
        self.lost: list[Json] = []
        """Events given up after the last retry, or too old by then."""

    def emit(self, event: Json, subscription: str | None = None) -> "asyncio.Task[Ack] | None":
        """Sends the event when the app subscribes to it (to `message.channels` and so on for messages).

        The task ends with the outcome of the first attempt.
        """
        if not self._manifest.subscribes(subscription or event["type"]):
            return None
        now = self._clock.now()
        wrapped = _Event(payload=self._wrap(event, now), happened_at=now)
        return self._background.spawn(self._attempt(wrapped))

    def connected(self) -> None:
        """The app can be reached again: what waited for that goes out, unless it is too old."""
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            if self._clock.now() - event.happened_at > DROPPED_AFTER:
                self.lost.append(event.payload)
            else:
                self._background.spawn(self._attempt(event))

    async def _attempt(self, event: _Event) -> Ack:
        if not self._delivery.connected:
            self._waiting.append(event)
            return Ack(failure=Failure.NO_CONNECTION)
        envelope = Envelope(
            type=EnvelopeType.EVENT,
            payload=event.payload,
            retry_num=event.attempts,
            retry_reason=str(event.failure or ""),
        )
        ack = await self._delivery.send(envelope)
        if ack.failure is not None:
            event.attempts += 1
            event.failure = ack.failure
            self._retry(event, ack)
        return ack

    def _retry(self, event: _Event, ack: Ack) -> None:
        if ack.no_retry or event.attempts > len(RETRY_AFTER):
            self.lost.append(event.payload)
            return
        due = self._clock.now() + RETRY_AFTER[event.attempts - 1]
        self._agenda.at(due, lambda: self._send_again(event))
        self._agenda.run_due()

    def _send_again(self, event: _Event) -> None:
        self._background.spawn(self._attempt(event))

    def _wrap(self, event: Json, now: datetime) -> Json:
        team, app = self._workspace.team, self._workspace.app
        authorization = {
            "enterprise_id": None,
            "team_id": team.id,
            "user_id": app.user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "playground",
            "team_id": team.id,
            "context_team_id": team.id,
            "context_enterprise_id": None,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self._ids.numbered("Ev"),
            "event_time": unix_seconds(now),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{self._ids.opaque('context')}",
        }
