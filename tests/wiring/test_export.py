"""`tierline export`: the whole story of an incident in three forms, and nothing that people typed is more than text."""

import json
import re
from collections.abc import Callable
from datetime import UTC

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.domain import verbs
from bot.domain.timeline import StakeholdersTold
from bot.export import Format, document
from bot.slack.blocks.voice import Plain
from tests.blocks import stories
from tests.blocks.stories import Situation
from tests.blocks.test_explanation import explained
from tests.builders import ANA, SAM, minutes

VOICE = Plain(zone=UTC, names={ANA: "@ana", SAM: "@sam"})
SITUATIONS: list[Callable[[], Situation]] = [stories.opened, stories.exhausted, stories.held, stories.resolved]


def exported(situation: Situation, form: Format) -> str:
    return document(explained(situation, later=minutes(1)), VOICE, form)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_as_markdown_it_tells_the_story_the_ledger_and_the_clocks(
    situation: Callable[[], Situation], snapshot: SnapshotAssertion
) -> None:
    assert exported(situation(), Format.MARKDOWN) == snapshot


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_every_form_has_every_entry_and_every_missed_target(situation: Callable[[], Situation]) -> None:
    told = explained(situation(), later=minutes(1))
    values = json.loads(exported(situation(), Format.JSON))
    page = exported(situation(), Format.HTML)
    assert [entry["seq"] for entry in values["timeline"]] == [event.seq for event in told.story]
    assert [breach["number"] for breach in values["breaches"]] == [breach.number for breach in told.ledger]
    assert page.count('<span class="what">') == len(told.story)
    assert exported(situation(), Format.MARKDOWN).count("\n* 0") == len(told.story)
    assert page.count("<tr><td>") == len(told.ledger) + len(told.clocks)


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    page = exported(stories.exhausted(), Format.HTML)
    assert not re.search(r"<script|<link|<img|src=|https?://", page)


def test_what_people_typed_is_text_in_every_form() -> None:
    situation = stories.opened(title="<script>alert(1)</script> | *bold* [x](y)", description="# no heading\n<b>")
    page, markdown = exported(situation, Format.HTML), exported(situation, Format.MARKDOWN)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>" not in page
    assert markdown.startswith(r"# INC-7: \<script\>alert(1)\</script\> \| \*bold\* \[x\](y)")
    assert "> \\# no heading\n> \\<b\\>\n" in markdown
    assert json.loads(exported(situation, Format.JSON))["title"] == "<script>alert(1)</script> | *bold* [x](y)"


def test_what_people_were_told_and_what_remains_is_there_in_full() -> None:
    long = "The replica lags. " * 40 + "So it is the disk."
    noted = stories.done(stories.told_by_hand(), verbs.note, by=ANA, text=f"{long}\n- not a list\n2. nor one")
    ended = stories.done(
        noted, verbs.resolve, by=ANA, summary="rolled back\n---\nfor good", impact="few", data_loss="3 <orders>"
    )
    markdown, page = exported(ended, Format.MARKDOWN), exported(ended, Format.HTML)
    report = next(event.fact for event in ended.story if isinstance(event.fact, StakeholdersTold))
    for label, said in (("Impact", report.impact), ("Being done", report.action), ("Data loss", "3 <orders>")):
        assert said
        assert f"  * {label}: {said}".replace("<", r"\<").replace(">", r"\>") in markdown
        assert f'<span class="label">{label}:</span> {said}'.replace(" <", " &lt;").replace("s>", "s&gt;") in page
    assert f"  > {long}\n  > \\- not a list\n  > 2\\. nor one\n" in markdown
    assert f'<span class="said words">{long}\n- not a list' in page
    assert "* **Resolution**: rolled back  \n  \\---  \n  for good\n" in markdown
    assert "* **Data loss**: 3 \\<orders\\>\n" in markdown
    values = json.loads(exported(ended, Format.JSON))
    assert (values["impact"], values["data_loss"], values["is_private"]) == ("few", "3 <orders>", False)
