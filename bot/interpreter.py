"""Python's collector of cycles, told what a bot is like."""

import gc

NEW_OBJECTS = 10_000
"""A batch of decisions makes tens of thousands of objects and no cycle; Python would look at them after every 700."""


def spare_what_stays() -> None:
    """What is there once a bot is wired stays until its end: to look through all of that stops it for a tenth of a
    second, and it would be done again and again."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
