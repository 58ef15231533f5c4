"""The ways from a list to an incident, to its story, and back: buttons that put another answer in place of this one."""

from collections.abc import Iterable

from bot.catalogue import t
from bot.slack.blocks.layout import actions, plain_text
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.ids import ActionId, BlockId
from bot.slack.queries import ListQuery, Place

SHOWN_FROM = "shown|"
"""Begins the id of the block with an incident's own buttons, and the place ends it: they carry other values."""


def show(place: Place) -> Block:
    """A button beside a row."""
    return _button(ActionId.SHOW, t("Show"), place.encode(), hint=t("Show INC-{number}", number=place.number))


def turns(query: ListQuery, pages: int) -> list[Block]:
    """To the pages beside this one."""
    sides = [
        (ActionId.LIST_PREVIOUS, t("◀ Previous"), query.page - 1),
        (ActionId.LIST_NEXT, t("Next ▶"), query.page + 1),
    ]
    return _row(
        BlockId.LIST_PAGES,
        (
            _button(
                action, label, query.of_page(page).encode(), hint=t("Page {page} of {pages}", page=page, pages=pages)
            )
            for action, label, page in sides
            if 1 <= page <= pages
        ),
    )


def from_incident(place: Place) -> list[Block]:
    """Below an incident in full, whose own menu leads to its story and its reasons."""
    return _row(BlockId.VIEWS, _to_list(place.back))


def from_timeline(place: Place, pages: int) -> list[Block]:
    """Below page `place.page` of so many."""
    here = place.page
    sides = [
        (ActionId.TIMELINE_EARLIER, t("◀ Earlier"), here - 1),
        (ActionId.TIMELINE_LATER, t("Later ▶"), here + 1),
    ]
    beside = [
        _button(action, label, place.of_page(page).encode(), hint=t("Page {page} of {pages}", page=page, pages=pages))
        for action, label, page in sides
        if 1 <= page <= pages
    ]
    newest = _button(ActionId.TIMELINE_NEWEST, t("Newest"), place.of_page(0).encode(), hint=t("The newest page"))
    return _row(BlockId.VIEWS, [*beside, *([newest] if here + 1 < pages else ()), *_to_incident(place)])


def with_way_back(answer: Rendered, place: Place) -> Rendered:
    return Rendered(text=answer.text, blocks=[*answer.blocks, *_row(BlockId.VIEWS, _to_incident(place))])


def remembering(own: Iterable[Block], place: Place) -> list[Block]:
    """An incident's own buttons, which bring the person back to the place they were at."""
    return [block | {"block_id": SHOWN_FROM + place.encode()} for block in own]


def place_of(block_id: str) -> Place | None:
    """Where the buttons of the block were shown; None when it does not say."""
    if not block_id.startswith(SHOWN_FROM):
        return None
    try:
        return Place.decode(block_id.removeprefix(SHOWN_FROM))
    except ValueError:
        return None


def _to_incident(place: Place) -> list[Block]:
    label = t("Show INC-{number}", number=place.number)
    return [_button(ActionId.SHOW, label, place.of_page(0).encode(), hint=label), *_to_list(place.back)]


def _to_list(query: ListQuery | None) -> list[Block]:
    if query is None:
        return []
    return [_button(ActionId.LIST_BACK, t("Back to list"), query.encode(), hint=t("Back to the list"))]


def _row(block_id: str, elements: Iterable[Block]) -> list[Block]:
    """As a list of one block, or of none when there is nothing in it."""
    held = list(elements)
    return [actions(block_id, held)] if held else []


def _button(action: ActionId, label: str, value: str, *, hint: str) -> Block:
    """`hint` says it to those who do not see what the button stands beside."""
    return {
        "type": "button",
        "action_id": action.value,
        "text": plain_text(label),
        "accessibility_label": hint,
        "value": value,
    }
