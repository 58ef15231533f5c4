"""Slack's pace: a post a second and channel, so many edits a minute, and the pauses it asks for."""

from bot.services.pace import EDIT_WINDOW, EDITS, POST_EVERY, Pace
from tests.builders import NOW, TIER_1_CHANNEL, TIER_2_CHANNEL
from tests.storage.stored import seconds


def test_a_channel_rests_while_a_post_is_on_its_way_and_a_second_after_the_answer() -> None:
    pace = Pace()
    pace.post_started(TIER_1_CHANNEL)
    assert pace.resting(NOW) == {TIER_1_CHANNEL}
    assert pace.free_at(TIER_1_CHANNEL, NOW) is None
    answered_at = NOW + seconds(7)
    pace.post_ended(TIER_1_CHANNEL, answered_at, posted=True)
    assert pace.free_at(TIER_1_CHANNEL, answered_at) == answered_at + POST_EVERY
    assert pace.resting(answered_at + seconds(0.999)) == {TIER_1_CHANNEL}
    assert pace.resting(answered_at + POST_EVERY) == set()


def test_what_was_not_posted_takes_no_second() -> None:
    pace = Pace()
    pace.post_started(TIER_1_CHANNEL)
    pace.post_ended(TIER_1_CHANNEL, NOW, posted=False)
    assert pace.free_at(TIER_1_CHANNEL, NOW) == NOW


def test_channels_do_not_wait_for_each_other() -> None:
    pace = Pace()
    pace.post_started(TIER_1_CHANNEL)
    assert TIER_2_CHANNEL not in pace.resting(NOW)
    assert pace.free_at(TIER_2_CHANNEL, NOW) == NOW


def test_a_pause_that_slack_asks_for_counts_for_every_channel() -> None:
    pace = Pace()
    pace.posts_rest(NOW + seconds(30))
    assert not pace.may_post(NOW + seconds(29.9))
    assert pace.free_at(TIER_1_CHANNEL, NOW) == NOW + seconds(30)
    assert pace.may_post(NOW + seconds(30))


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    pace = Pace()
    pace.posts_rest(NOW + seconds(60))
    pace.posts_rest(NOW + seconds(5))
    assert not pace.may_post(NOW + seconds(59))
    pace.edits_rest(NOW + seconds(60))
    pace.edits_rest(NOW + seconds(5))
    assert pace.edits_left(NOW + seconds(59)) == 0


def test_edits_are_counted_in_a_sliding_minute() -> None:
    pace = Pace()
    for number in range(EDITS):
        assert pace.edits_left(NOW + seconds(number)) == EDITS - number
        pace.edited(NOW + seconds(number))
    later = NOW + seconds(EDITS)
    assert pace.edits_left(later) == 0
    assert pace.edits_free_at(later) == NOW + EDIT_WINDOW
    assert pace.edits_left(NOW + EDIT_WINDOW) == 1
