"""All of one incident, and its story page by page."""

import pytest

from bot.domain import verbs
from bot.domain.ids import THE_BOT
from bot.domain.timeline import DeliveryFailed, Fact, Noted, NotSent, TimelineEvent, UpdateDue
from bot.domain.wanted import Wanted
from bot.slack.blocks.detail import ENTRIES_SHOWN, detail_view, incident_detail, timeline
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.navigation import place_of, with_way_back
from bot.slack.blocks.rendered import Rendered
from bot.slack.queries import ListQuery, Place
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import block_types, problems_of_message
from tests.builders import ANA, FALLBACK_CHANNEL, NOW, TIER_2_CHANNEL, a_policy, an_incident, minutes

BACK = ListQuery(wanted=Wanted(breached=True), page=2)


def test_an_open_incident_in_full(picture: Picture) -> None:
    situation = stories.escalated_by_the_clock()
    picture(incident_detail(situation.incident, situation.policy, situation.story, situation.now + minutes(2)))


def test_an_acknowledged_incident_in_full_with_a_long_story(picture: Picture) -> None:
    situation = stories.acknowledged(stories.exhausted())
    picture(incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_a_resolved_incident_in_full(picture: Picture) -> None:
    situation = stories.resolved(stories.acknowledged(stories.escalated_by_ben()))
    picture(incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_an_incident_on_hold_in_full(picture: Picture) -> None:
    situation = stories.held()
    picture(incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_a_cancelled_incident_in_full(picture: Picture) -> None:
    situation = stories.cancelled()
    picture(incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_an_incident_whose_story_is_not_known_is_shown_without_it() -> None:
    assert "divider" not in block_types(incident_detail(an_incident(), a_policy(), (), NOW).blocks)


def test_the_story_tells_what_became_of_messages(picture: Picture) -> None:
    facts: list[Fact] = [
        UpdateDue(number=2),
        NotSent(promise="INC-7/page/tier:2/cycle:0", reason="resolved"),
        NotSent(promise="INC-7/something/new", reason=""),
        DeliveryFailed(
            promise="INC-7/breach/tier:1/cycle:0", channel=TIER_2_CHANNEL, error="is_archived", told=FALLBACK_CHANNEL
        ),
        DeliveryFailed(
            promise="INC-7/breach/tier:1/cycle:0/fallback", channel=FALLBACK_CHANNEL, error="is_archived", told=None
        ),
        DeliveryFailed(promise="INC-7/update/3", channel=TIER_2_CHANNEL, error="not_in_channel", told=None),
    ]
    story = [TimelineEvent(seq=seq, at=NOW, by=THE_BOT, fact=fact) for seq, fact in enumerate(facts, start=2)]
    picture(incident_detail(an_incident(), a_policy(), story, NOW))


def test_an_incident_that_was_shown_from_a_list_leads_back_to_it(picture: Picture) -> None:
    picture(incident_detail(an_incident(), a_policy(), (), NOW, back=BACK))


def test_the_buttons_of_an_incident_remember_where_it_was_shown_from() -> None:
    shown = incident_detail(an_incident(), a_policy(), (), NOW, back=BACK)
    named = [block["block_id"] for block in shown.blocks if block["type"] == "actions"]
    assert [place_of(name) for name in named] == [Place(number=7, back=BACK), None]


@pytest.mark.parametrize("block_id", ["", "incident_buttons", "shown|", "shown|x", "shown|7|0|x"])
def test_another_block_is_no_place(block_id: str) -> None:
    assert place_of(block_id) is None


def test_on_top_of_a_form_an_incident_is_only_read(picture: Picture) -> None:
    situation = stories.escalated_by_the_clock()
    picture(detail_view(situation.incident, situation.policy, situation.story, situation.now + minutes(2)))


def test_a_short_story_is_told_on_one_page(picture: Picture) -> None:
    situation = stories.acknowledged(stories.escalated_by_ben())
    picture(timeline(situation.incident, situation.policy, situation.story))


def test_the_whole_story_has_what_people_wrote_whole_and_every_message_fits() -> None:
    at_length = "the replica lags & " * 100 + "so it is the disk"
    noted = stories.done(stories.told_by_hand(), verbs.note, by=ANA, text=at_length)
    ended = stories.done(noted, verbs.resolve, by=ANA, summary="a new disk", data_loss="12 orders")
    shown = timeline(ended.incident, ended.policy, ended.story)
    assert not problems_of_message(shown)
    assert "\n> Impact: Nobody can pay by card\n> Being done: The key is rotated (<@U0BEN00001>)\n" in shown.text
    assert f"\n> {at_length.replace('&', '&amp;')}\n" in shown.text
    assert shown.text.endswith("a new disk\n> Data loss: 12 orders")


def test_a_page_amid_a_long_story_leads_to_all_others(picture: Picture) -> None:
    picture(timeline(an_incident(), a_policy(), notes(ENTRIES_SHOWN * 4), page=2, back=BACK))


@pytest.mark.parametrize(
    ("page", "first", "last", "buttons"),
    [
        (0, 61, 70, ["◀ Earlier", "Show INC-7"]),
        (1, 1, 30, ["Later ▶", "Newest", "Show INC-7"]),
        (2, 31, 60, ["◀ Earlier", "Later ▶", "Show INC-7"]),
        (3, 61, 70, ["◀ Earlier", "Show INC-7"]),
        (9, 61, 70, ["◀ Earlier", "Show INC-7"]),
    ],
)
def test_a_story_is_told_page_by_page_the_newest_unless_asked(
    page: int, first: int, last: int, buttons: list[str]
) -> None:
    shown = timeline(an_incident(), a_policy(), notes(70), page=page)
    lines = shown.text.splitlines()[1:]
    assert (f": note {first}" in lines[0], f": note {last}" in lines[-1]) == (True, True)
    assert [element["text"]["text"] for element in shown.blocks[-1]["elements"]] == buttons
    assert problems_of_message(shown) == []


def test_long_entries_make_short_pages() -> None:
    story = notes(40, "🔥" * 140)
    seen: list[str] = []
    for page in range(1, 9):
        shown = timeline(an_incident(), a_policy(), story, page=page)
        assert problems_of_message(shown) == []
        seen += [line for block in shown.blocks if block["type"] == "section"
                 for line in block["text"]["text"].splitlines()]  # fmt: skip
    assert len(dict.fromkeys(seen)) == 40


def test_a_page_that_is_full_stays_as_it_is_when_the_story_goes_on() -> None:
    def sections(story: list[TimelineEvent]) -> list[str]:
        return [block["text"]["text"] for block in told(story).blocks if block["type"] == "section"]

    def told(story: list[TimelineEvent]) -> Rendered:
        return timeline(an_incident(), a_policy(), story, page=1)

    assert sections(notes(ENTRIES_SHOWN)) == sections(notes(ENTRIES_SHOWN * 3))


def test_a_story_that_is_not_known_is_an_empty_page() -> None:
    shown = timeline(an_incident(), a_policy(), ())
    assert block_types(shown.blocks) == ["header", "actions"]
    assert problems_of_message(shown) == []


def test_an_explanation_leads_back_to_its_incident() -> None:
    shown = with_way_back(sentence("It waits."), Place(number=7, page=3, back=BACK))
    assert [(element["action_id"], element["value"]) for element in shown.blocks[-1]["elements"]] == [
        ("show_incident", f"7|0|{BACK.encode()}"),
        ("list_back", BACK.encode()),
    ]


def notes(count: int, words: str = "") -> list[TimelineEvent]:
    return [
        TimelineEvent(seq=number, at=NOW + minutes(number), by=ANA, fact=Noted(text=f"note {number} {words}"))
        for number in range(1, count + 1)
    ]
