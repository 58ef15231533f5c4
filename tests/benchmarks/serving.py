"""The task “serve”: a process with a whole bot that is reached over signed HTTP."""

import cProfile
import io
import pstats
from datetime import datetime

from bot.app import running_bot
from bot.interpreter import settle_in
from bot.settings import Settings
from tests.benchmarks.child import Asked, Json, usage
from tests.benchmarks.held_clock import HeldClock


def profile_text(profile: cProfile.Profile, lines: int) -> str:
    """What SQLite itself does is in a thread of its own, and shows as waiting in `poll`."""
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text).strip_dirs()
    stats.sort_stats("tottime").print_stats(lines)
    stats.sort_stats("cumulative").print_stats(lines)
    return text.getvalue()


async def serve(asked: Asked, given: Json) -> None:
    """`given`: the settings; with `shows` the clock stands there until it is released, else it is the machine's."""
    clock = HeldClock(datetime.fromisoformat(given["shows"])) if given.get("shows") else None
    async with running_bot(Settings.model_validate(given["settings"]), clock) as bot:
        settle_in()
        (tick,) = [loop for loop in bot.scheduler.loops if loop.name == "tick"]

        async def port() -> int | None:
            return bot.http_port

        async def release(*, showing: str, at: str) -> None:
            if clock is None:
                raise ValueError("the machine's clock is not held")
            clock.release(showing=datetime.fromisoformat(showing), at=datetime.fromisoformat(at))

        async def next_look() -> str | None:
            return None if tick.next_at is None else tick.next_at.isoformat()

        profile = cProfile.Profile()

        async def start_profiling() -> None:
            profile.enable()

        async def stop_profiling(*, lines: int) -> str:
            profile.disable()
            return profile_text(profile, lines)

        await asked.answer(
            {
                "be ready": port,
                "release the clock": release,
                "say when the tick looks again": next_look,
                "tell the usage": usage,
                "start profiling": start_profiling,
                "stop profiling": stop_profiling,
            }
        )
