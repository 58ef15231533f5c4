"""What Python is told when a bot is wired."""

import gc
import sys

import pytest

from bot.interpreter import NEW_OBJECTS, SWITCH_SECONDS, settle_in


def test_what_is_there_is_looked_through_no_more_and_threads_wait_less_for_each_other() -> None:
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    try:
        settle_in()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == (NEW_OBJECTS, *thresholds[1:])
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)
