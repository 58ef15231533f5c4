"""Where a person wants an incident to go, from the words they wrote: a tier, by number or name, or another service."""

import re
from collections.abc import Iterator, Sequence

from bot.domain.errors import UnknownTier
from bot.domain.ids import ChannelId
from bot.domain.incident import Incident
from bot.domain.policy import EscalationPolicy, Policy, Tier
from bot.domain.verbs import Destination

ASKED_SHOWN = 40

_NUMBER = re.compile(r"(?:tier\s+)?([0-9]+)", re.IGNORECASE)
_TIER = re.compile(r"\s+tier\s+([0-9]+)", re.IGNORECASE)
_END = re.compile(r"(?:\s*[,:;.\u2013\u2014-])?(?:\s+|\Z)")
"""What separates the destination from the reason: `experts-only` does not begin with the tier Experts."""

Found = tuple[Destination, int]
"""A destination, and how much of the words names it."""


def read_destination(
    words: str, incident: Incident, policy: Policy, *, channel: ChannelId | None = None
) -> tuple[Destination, str]:
    """The destination that the words begin with, and the reason, which is the rest of them.

    The longest name wins; of equal ones a tier of the policy that the incident follows now goes before a service.
    With a `channel`, which the first word names, it is the tier that works there.
    Raises `UnknownTier`.
    """
    words = words.strip()
    escalation = policy.escalation(incident.routed_to)
    found = [
        *_by_number(words, incident.routed_to, escalation),
        *_by_name(words, incident.routed_to, escalation),
        *_by_service(words, incident, policy),
        *_by_channel(words, channel, incident, policy),
    ]
    if not found:
        raise _unknown(words, incident, escalation)
    destination, end = max(found, key=lambda each: each[1])
    return destination, words[_after(words, end) :]


def destinations(incident: Incident, policy: Policy) -> Sequence[Destination]:
    """Where it can be sent: another tier of the policy that it follows, then the first tier of each other policy."""
    followed = policy.escalation(incident.routed_to)
    return (
        *(
            Destination(route=incident.routed_to, tier=tier.number)
            for tier in _usable(followed)
            if tier.number != incident.tier
        ),
        *(
            Destination(route=service, tier=_usable(escalation)[0].number)
            for service, escalation in policy.services.items()
            if escalation is not followed and escalation != followed
        ),
    )


def refuse_if_unknown(to: Destination, incident: Incident, policy: Policy) -> None:
    """Raises `UnknownTier` for a tier that cannot hold an incident or is not there at all."""
    escalation = policy.services.get(to.route)
    if escalation is None or to.tier not in (tier.number for tier in _usable(escalation)):
        raise _unknown(f"{to.route} tier {to.tier}", incident, policy.escalation(incident.routed_to))


def _by_number(words: str, route: str, escalation: EscalationPolicy) -> Iterator[Found]:
    match = _NUMBER.match(words)
    if match is not None and _ends(words, match.end()):
        for tier in _usable(escalation):
            if str(tier.number) == match[1]:
                yield Destination(route=route, tier=tier.number), match.end()


def _by_name(words: str, route: str, escalation: EscalationPolicy) -> Iterator[Found]:
    for tier in _usable(escalation):
        end = _end_of(tier.name, words)
        if end is not None:
            yield Destination(route=route, tier=tier.number), end


def _by_service(words: str, incident: Incident, policy: Policy) -> Iterator[Found]:
    """`payments` is the first tier of its policy, `payments tier 2` says which. Raises `UnknownTier` for that one."""
    for service, escalation in policy.services.items():
        end = _end_of(service, words)
        if end is None:
            continue
        tiers = _usable(escalation)
        number = _TIER.match(words, end)
        if number is None or not _ends(words, number.end()):
            yield Destination(route=service, tier=tiers[0].number), end
        elif any(str(tier.number) == number[1] for tier in tiers):
            yield Destination(route=service, tier=int(number[1])), number.end()
        else:
            raise _unknown(words, incident, escalation)


def _by_channel(words: str, channel: ChannelId | None, incident: Incident, policy: Policy) -> Iterator[Found]:
    """Of the policy that is followed now, or of the first service that has a tier there."""
    if channel is None:
        return
    end = len(words.split(maxsplit=1)[0].rstrip(",:;.")) if words else 0
    for service in (incident.routed_to, *policy.services):
        for tier in _usable(policy.escalation(service)):
            if tier.channel == channel:
                yield Destination(route=service, tier=tier.number), end
                return


def _end_of(name: str, words: str) -> int | None:
    """Where the name ends that the words begin with, whatever its case and the space within it."""
    pattern = r"\s+".join(map(re.escape, name.split()))
    match = re.match(pattern, words, re.IGNORECASE) if pattern else None
    return match.end() if match is not None and _ends(words, match.end()) else None


def _ends(words: str, at: int) -> bool:
    return _END.match(words, at) is not None


def _after(words: str, end: int) -> int:
    match = _END.match(words, end)
    return end if match is None else match.end()


def _usable(escalation: EscalationPolicy) -> tuple[Tier, ...]:
    """Those that can hold an incident; there is always one."""
    return tuple(tier for tier in escalation.tiers if tier.channel is not None)


def _unknown(words: str, incident: Incident, escalation: EscalationPolicy) -> UnknownTier:
    asked = words if len(words) <= ASKED_SHOWN else f"{words[: ASKED_SHOWN - 1].rstrip()}…"
    return UnknownTier(incident.key, asked=asked, known=[tier.name for tier in _usable(escalation)])
