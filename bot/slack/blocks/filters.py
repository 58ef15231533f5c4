"""The selects above a list: what is chosen now, and what else can be; and what a choice makes of the list."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from bot.catalogue import mark, t
from bot.domain.ids import UserId
from bot.domain.policy import Policy, Severity
from bot.domain.wanted import Wanted
from bot.slack.blocks.inputs import option, select
from bot.slack.blocks.layout import actions
from bot.slack.blocks.rendered import Block
from bot.slack.ids import ActionId
from bot.slack.queries import ListQuery

ROW = "list|"
"""Begins the block's id, and what the list was asked for ends it: the payload of a select carries no other value."""

SERVICES_SHOWN = 1_000
"""Characters: the names of all services may be more than a message holds. What is left out can be typed."""

ANY = "any"
KEPT = "kept"
"""What was typed, and is none of the choices."""

_OF = ":"
"""Before the name of a service, which may be any word."""


class Which(StrEnum):
    ALL = "all"
    MINE = "mine"
    BREACHED = "breached"
    OVER = "over"


_NAMES: Mapping[str, str] = {
    Which.ALL: mark("All open"),
    Which.MINE: mark("Mine"),
    Which.BREACHED: mark("Breached"),
    Which.OVER: mark("Closed"),
}


def filter_row(wanted: Wanted, policy: Policy, me: UserId) -> list[Block]:
    """As a list of one block; empty when more is chosen than the block's id can say."""
    query = ListQuery(wanted=wanted)
    if not query.fits:
        return []
    return [actions(ROW + query.encode(), [_severity(wanted, policy), _service(wanted, policy), _which(wanted, me)])]


def query_of(block_id: str) -> ListQuery:
    """Raises `ValueError` for a block that is no row of filters."""
    if not block_id.startswith(ROW):
        raise ValueError("not a row of filters")
    return ListQuery.decode(block_id.removeprefix(ROW))


def narrowed(query: ListQuery, action: str, choice: str, me: UserId) -> ListQuery:
    """The first page of what is wanted with this choice. Raises `ValueError` for what is not among the choices."""
    if choice == KEPT:
        return query
    wanted = query.wanted
    match action:
        case ActionId.LIST_SEVERITY:
            wanted = replace(wanted, severities=() if choice == ANY else (Severity(choice),))
        case ActionId.LIST_SERVICE if choice == ANY or choice.startswith(_OF):
            wanted = replace(wanted, services=() if choice == ANY else (choice.removeprefix(_OF),))
        case ActionId.LIST_WHICH:
            wanted = _of_these(Which(choice), wanted, me)
        case _:
            raise ValueError(f"{choice} is no choice of {action}")
    return ListQuery(wanted=wanted)


def _of_these(which: Which, wanted: Wanted, me: UserId) -> Wanted:
    people = (me,) if which is Which.MINE else ()
    return replace(wanted, people=people, breached=which is Which.BREACHED, over=which is Which.OVER)


def _severity(wanted: Wanted, policy: Policy) -> Block:
    offered = {ANY: t("Any severity")} | {severity.value: severity.value for severity in policy.severities}
    chosen = " or ".join(wanted.severities)
    return _filter(ActionId.LIST_SEVERITY, offered, chosen or ANY, chosen)


def _service(wanted: Wanted, policy: Policy) -> Block:
    offered = {ANY: t("Any service")} | {_OF + service: service for service in _shown(policy.services)}
    chosen = " or ".join(wanted.services)
    return _filter(ActionId.LIST_SERVICE, offered, _OF + chosen if chosen else ANY, chosen)


def _which(wanted: Wanted, me: UserId) -> Block:
    chosen = next((which for which in Which if _of_these(which, wanted, me) == wanted), KEPT)
    offered = {which: t(name) for which, name in _NAMES.items()}
    return _filter(ActionId.LIST_WHICH, offered, chosen, _in_words(wanted, me))


def _in_words(wanted: Wanted, me: UserId) -> str:
    """A combination that no choice makes; a plain text names nobody."""
    whose = "" if not wanted.people else t("Mine") if wanted.people == (me,) else t("Of those you named")
    parts = [whose, "breached" if wanted.breached else "", "closed" if wanted.over else ""]
    return ", ".join(filter(None, parts)).capitalize()


def _filter(action: ActionId, offered: Mapping[str, str], chosen: str, otherwise: str) -> Block:
    """What is chosen is shown, also when it is none of what is offered."""
    kept = {} if chosen in offered else {KEPT: otherwise}
    options = [option(value, text) for value, text in ({**kept, **offered}).items()]
    return {**select(options, chosen if chosen in offered else KEPT), "action_id": action.value}


def _shown(services: Iterable[str]) -> Iterator[str]:
    room = SERVICES_SHOWN
    for service in services:
        room -= len(service)
        if room < 0:
            return
        yield service
