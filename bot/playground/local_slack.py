"""The state of the local Slack with its time, limits and faults: what every door to it shares."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .agenda import Agenda
from .background import Background
from .changes import Changes
from .delivery import Carrier, Delivery
from .events import Events
from .faults import Faults
from .inputs import interactive
from .limits import RateLimits
from .manifest import AppManifest, read_manifest
from .model import App, Channel, ChannelKind, Clock, Json, Workspace
from .refusal import Refused
from .socket_mode import SocketMode
from .timestamps import Timestamps
from .triggers import Ids, ResponseUrls, Triggers

BOT_TOKEN = "xoxb-playground"  # noqa: S105  a token of this loopback Slack opens nothing else
APP_TOKEN = "xapp-playground"  # noqa: S105


class LocalSlack:
    def __init__(
        self, workspace: Workspace, clock: Clock, *, manifest: Mapping[str, Any] | None, rate_limits: bool
    ) -> None:
        self.workspace = workspace
        self.clock = clock
        self.manifest: AppManifest = read_manifest(manifest)
        self.changes = Changes()
        self.background = Background()
        self.agenda = Agenda(clock)
        self.ids = Ids()
        self.faults = Faults(self.changes)
        self.limits = RateLimits(enforced=rate_limits)
        self.triggers = Triggers(clock, self.ids)
        self.response_urls = ResponseUrls(clock, self.ids)
        self.url = ""
        self.clock_rev = 0
        self.token_revoked = False
        self.scheduled: dict[str, Json] = {}
        """Messages scheduled and not yet posted, by id."""
        self.sockets: SocketMode | None = None
        self.delivery = Carrier(self.faults, self.changes)
        self.events = Events(
            workspace,
            clock,
            manifest=self.manifest,
            ids=self.ids,
            agenda=self.agenda,
            background=self.background,
            delivery=self.delivery,
        )
        self._timestamps = Timestamps()

    def deliver_by(self, way: Delivery) -> None:
        """How the app is reached from now on."""
        self.delivery.way = way
        self.sockets = way if isinstance(way, SocketMode) else None
        if self.sockets is not None:
            self.sockets.on_connect(self.events.connected)
        if way.connected:
            self.events.connected()

    def clock_moved(self) -> None:
        """The clock jumped or changed its speed: something may be due, and pages show another time."""
        self.clock_rev += 1
        self.agenda.clock_changed()
        self.changes.happened()

    @property
    def app(self) -> App:
        return self.workspace.app

    def now(self) -> datetime:
        return self.clock.now()

    def next_ts(self) -> str:
        return self._timestamps.next(self.clock.now())

    def require_scope(self, *alternatives: str) -> None:
        """Raises Refused("missing_scope") when none of these is granted."""
        if not any(self.manifest.grants(scope) for scope in alternatives):
            raise Refused("missing_scope", needed=",".join(alternatives), provided=",".join(self.manifest.scopes))

    def bot_sees(self, channel: Channel) -> bool:
        return channel.kind is ChannelKind.PUBLIC or self.bot_is_in(channel)

    def bot_is_in(self, channel: Channel) -> bool:
        return self.app.user_id in channel.members

    def fill_ids(self, blocks: list[Json]) -> list[Json]:
        """The blocks with the ids their app left out; what the app sent stays as it was."""
        return [self._identified(block) for block in blocks]

    def _identified(self, block: Json) -> Json:
        if not block.get("block_id"):
            block = block | {"block_id": self.ids.block()}
        match block["type"]:
            case "actions" | "context_actions":
                return block | {"elements": [self._with_action_id(one) for one in block["elements"]]}
            case "section" if block.get("accessory"):
                return block | {"accessory": self._with_action_id(block["accessory"])}
            case "input":
                return block | {"element": self._with_action_id(block["element"])}
            case _:
                return block

    def _with_action_id(self, element: Json) -> Json:
        if element.get("action_id") or not interactive(element):
            return element
        return element | {"action_id": self.ids.block()}
