"""One call, from its request to its reply: what is due first, a fault that strikes, the record."""

from collections.abc import Callable

from .local_slack import LocalSlack
from .model import Call, Json
from .wire import Reply, struck

CarryOut = Callable[[], tuple[str, Reply]]
"""Does what the call asks: its outcome and its reply."""


async def reply_to(
    slack: LocalSlack, name: str, args: Json, carry_out: CarryOut, *, channels: frozenset[str] = frozenset()
) -> Reply:
    """`channels`: id and name of the channel the call is about, for faults that strike only there."""
    slack.agenda.run_due()
    fault = slack.faults.take(name, channels)
    if fault is not None and not fault.after:
        if not fault.holds:
            return _recorded(slack, Call(name, args, fault.kind), struck(fault, Reply()))
        await slack.faults.hold(fault)
    outcome, reply = carry_out()
    if fault is None or not fault.after:
        return _recorded(slack, Call(name, args, outcome), reply)
    _recorded(slack, Call(name, args, fault.kind), reply)
    if fault.holds:
        await slack.faults.hold(fault)
    return struck(fault, reply)


def _recorded(slack: LocalSlack, call: Call, reply: Reply) -> Reply:
    slack.workspace.calls.append(call)
    slack.changes.happened()
    return reply
