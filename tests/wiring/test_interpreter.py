"""What the collector of cycles is told at the start."""

import gc

from bot.collector import NEW_OBJECTS, spare_what_stays


def test_what_is_there_at_the_start_is_looked_through_no_more() -> None:
    before = gc.get_threshold()
    try:
        spare_what_stays()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == (NEW_OBJECTS, *before[1:])
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
