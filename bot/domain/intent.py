"""What somebody is about to do to an incident: may they, and is it still as they saw it when they began to write."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, assert_never

from bot.domain.destination import destinations
from bot.domain.errors import Refusal
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.permission import permit
from bot.domain.policy import Policy, Severity, Verb
from bot.domain.verbs import no_next_tier, refuse_if_over


class Aspect(StrEnum):
    """What others may change while somebody writes."""

    TOLD = "told"
    ETA = "eta"
    SEVERITY = "severity"
    HOLDER = "holder"
    HOLD = "hold"
    PLACE = "place"
    PAGE = "page"
    STANDSTILL = "standstill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a person saw of an incident when the form opened. `standstills` counts how often it had gone on again."""

    told_at: datetime | None
    eta: datetime | None
    severity: Severity
    assignee: UserId | None
    hold_until: datetime | None
    routed_to: str
    tier: int
    cycle: int
    standstills: int

    @classmethod
    def at(cls, incident: Incident) -> Self:
        return cls(
            told_at=incident.told_at,
            eta=incident.eta,
            severity=incident.severity,
            assignee=incident.assignee,
            hold_until=incident.hold_until,
            routed_to=incident.routed_to,
            tier=incident.tier,
            cycle=incident.cycle,
            standstills=len(incident.pauses),
        )

    def of(self, aspect: Aspect) -> object:
        match aspect:
            case Aspect.TOLD:
                return self.told_at
            case Aspect.ETA:
                return self.eta
            case Aspect.SEVERITY:
                return self.severity
            case Aspect.HOLDER:
                return self.assignee
            case Aspect.HOLD:
                return self.hold_until
            case Aspect.PLACE:
                return self.routed_to, self.tier
            case Aspect.PAGE:
                return self.cycle
            case Aspect.STANDSTILL:
                return self.standstills
            case _:
                assert_never(aspect)


CONCERNS: Mapping[Verb, Sequence[Aspect]] = {
    Verb.UPDATE: (Aspect.TOLD, Aspect.ETA),
    Verb.RESOLVE: (Aspect.TOLD, Aspect.STANDSTILL),
    Verb.CANCEL: (Aspect.HOLDER, Aspect.STANDSTILL),
    Verb.ESCALATE: (Aspect.PLACE, Aspect.PAGE, Aspect.HOLDER),
    Verb.ASSIGN: (Aspect.HOLDER,),
    Verb.HOLD: (Aspect.HOLD,),
    Verb.SEVERITY: (Aspect.SEVERITY,),
}
"""What each verb would overrule. Who resolves says what the impact was, which an update may have said anew; who
cancels says that it is nothing, which somebody who took it meanwhile may know better."""


class Overtaken(Refusal):
    """Others changed meanwhile what this would change; `incident` is as it is now, `changed` in what it differs."""

    def __init__(self, incident: Incident, policy: Policy, *, changed: Sequence[Aspect]) -> None:
        super().__init__(f"{incident.key} has changed: {', '.join(changed)}")
        self.incident, self.policy, self.changed = incident, policy, tuple(changed)


def admit(verb: Verb, incident: Incident, policy: Policy, *, by: UserId, groups: Collection[str] = ()) -> None:
    """Before somebody begins to write. Raises `NotAllowed`, `IncidentAlreadyOver` where that is in the way, or
    `NoNextTier` where there is nowhere to go."""
    permit(verb, incident, policy, by=by, groups=groups)
    if verb is not Verb.NOTE:
        refuse_if_over(incident)
    if verb is Verb.ESCALATE and not destinations(incident, policy):
        raise no_next_tier(incident, policy)


def refuse_if_overtaken(verb: Verb, incident: Incident, policy: Policy, saw: Glance | None) -> None:
    """Raises `Overtaken`. What is over is for the verb itself to refuse."""
    if saw is None or incident.is_over:
        return
    now = Glance.at(incident)
    changed = [aspect for aspect in CONCERNS.get(verb, ()) if now.of(aspect) != saw.of(aspect)]
    if Aspect.PLACE in changed and Aspect.PAGE in changed:
        changed.remove(Aspect.PAGE)  # who comes to a tier pages it
    if changed:
        raise Overtaken(incident, policy, changed=changed)
