"""What the pieces of one running bot have in common; the wiring makes it once and hands it to each."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.ids import WorkspaceId
from bot.metrics import Metrics
from bot.services.errands import Errands
from bot.services.health import Health
from bot.services.homes import Homes
from bot.services.incidents import IncidentDesk
from bot.services.memberships import Memberships
from bot.services.on_call import OnCallBook
from bot.services.policies import PolicyBook
from bot.services.signal import Signal
from bot.slack.gateway import SlackGateway
from bot.slack.workspace import Identity, SlackWorkspace
from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    database: Database
    identity: Identity
    slack: SlackGateway
    workspace: SlackWorkspace
    clock: Clock
    book: PolicyBook
    memberships: Memberships
    on_call: OnCallBook
    desk: IncidentDesk
    tabs: Homes
    errands: Errands
    changed: Signal
    """What there is to do is new."""
    drawing: Signal
    """A Home tab is to be drawn anew."""
    health: Health
    metrics: Metrics

    @property
    def workspace_id(self) -> WorkspaceId:
        return self.identity.workspace_id
