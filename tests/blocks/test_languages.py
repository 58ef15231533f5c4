"""In another language nothing of the English is left but what people wrote and what things are called."""

import gettext
import inspect
import re
from collections.abc import Callable, Iterator

import pytest

from bot import catalogue
from bot.domain.notice import Notice
from bot.slack.blocks.detail import incident_detail, timeline
from bot.slack.blocks.message import render, render_card
from bot.slack.blocks.rendered import Rendered
from tests.blocks import stories
from tests.blocks.stories import Situation

MARKUP = re.compile(r"<[^>]*>|`[^`]*`")
"""Mentions, dates and commands are the same in every language."""

WORD = re.compile(r"[A-Za-z]{2,}")
SAME = {"INC", "amp", "lt", "gt"}
DURATIONS = {f"{unit}{ending}" for unit in ("second", "minute", "hour", "day") for ending in ("", "s")} | {"and"}
"""A library says them, in the languages that it knows."""


class Foreign(gettext.NullTranslations):
    """Says every word with letters that English does not have, and leaves the names of the parts."""

    def gettext(self, message: str) -> str:
        return re.sub(r"\{[^}]*\}|<[^>]*>|`[^`]*`|[A-Za-z]", lambda found: _foreign(found[0]), message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)


def _foreign(found: str) -> str:
    return found if len(found) > 1 else "ж"


def situations() -> Iterator[Callable[[], Situation]]:
    """Every story that needs nothing."""
    for _, make in inspect.getmembers(stories, inspect.isfunction):
        needed = [each for each in inspect.signature(make).parameters.values() if each.default is each.empty]
        if make.__module__ == stories.__name__ and not needed and make.__annotations__.get("return") is Situation:
            yield make


def shown(situation: Situation) -> Iterator[Rendered]:
    incident, policy, story = situation.incident, situation.policy, situation.story
    for message in situation.messages:
        if not isinstance(message, Notice):
            yield render(message, incident, policy, rings=True, story=story, now=situation.now)
    yield render_card("stakeholders", incident, policy)
    yield render_card(f"tier:{incident.tier}:{incident.card_cycle}", incident, policy)
    yield incident_detail(incident, policy, story, situation.now)
    yield timeline(incident, policy, story, page=1)


@pytest.mark.parametrize("make", list(situations()), ids=lambda make: make.__name__)
def test_every_word_is_said_in_it(make: Callable[[], Situation], monkeypatch: pytest.MonkeyPatch) -> None:
    situation = make()
    own = set(WORD.findall(f"{situation.incident} {situation.story} {situation.policy}"))
    monkeypatch.setattr(catalogue, "_spoken", Foreign())
    for rendered in shown(situation):
        said = " ".join([rendered.text, *_texts(rendered.blocks)])
        assert set(WORD.findall(MARKUP.sub("", said))) - own <= SAME | DURATIONS


def _texts(node: object) -> Iterator[str]:
    match node:
        case {"text": str(text)}:
            yield text
        case dict():
            for each in node.values():
                yield from _texts(each)
        case list():
            for each in node:
                yield from _texts(each)
        case _:
            return
