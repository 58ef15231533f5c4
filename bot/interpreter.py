"""Python itself, told what a bot is like: much that stays, and a thread for the database beside the deciding one."""

import gc
import sys

NEW_OBJECTS = 10_000
"""A batch of decisions makes tens of thousands of objects and no cycle; Python would look at them after every 700."""

SWITCH_SECONDS = 0.0005
"""What the database's thread has read or written waits so long for a thread that is busy deciding, instead of 5 ms."""


def settle_in() -> None:
    """To be called once a bot is wired: what is there stays until its end, and to look through all of it for garbage
    would stop the bot for a tenth of a second, again and again."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    sys.setswitchinterval(SWITCH_SECONDS)
