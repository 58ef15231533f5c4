"""A bot on a machine whose own clock is wrong: `python -m tests.replicas.skewed 30 run`, for half a minute ahead."""

import sys
from datetime import datetime, timedelta

from bot import app, cli, clock


def main() -> None:
    """Timers stay right: they would be wrong in the same way as what they are compared with."""
    skew = timedelta(seconds=float(sys.argv.pop(1)))

    class WrongClock(clock.SystemClock):
        def now(self) -> datetime:
            return super().now() + skew

    app.SystemClock = WrongClock  # type: ignore[attr-defined]
    cli.main()


if __name__ == "__main__":
    main()
