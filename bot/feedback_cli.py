"""`tierline feedback`: what those who were affected thought of how incidents were handled."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from statistics import fmean
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from bot.clock import now
from bot.domain.feedback import BEST, WORST, Given
from bot.settings import read_tool_settings
from bot.tools import output, print_json, reading_database, the_workspace
from storage import feedback

WORDS_SHOWN = 20
"""So many of the newest comments are printed; `--json` has all."""

ALL = "all of them"
Days = Annotated[int, typer.Option("--days", min=1, max=3_650, help="How far back.")]
AsJson = Annotated[bool, typer.Option("--json", help="For a script: a stable structure.")]


async def show_feedback(days: int, *, as_json: bool) -> None:
    async with reading_database(read_tool_settings()) as database, database.read() as tx:
        given = await feedback.since(tx, await the_workspace(tx), now() - timedelta(days=days))
    if as_json:
        print_json(as_values(given))
    elif given:
        _show(given, days)
    else:
        output.print(f"Nobody has said anything in the last {days} days.")


def as_values(given: Sequence[Given]) -> dict[str, Any]:
    return {
        "services": {service: _in_numbers(those) for service, those in _by_service(given).items()},
        "answers": [
            {
                "incident": f"INC-{each.number}",
                "service": each.service,
                "at": each.at.isoformat(),
                "score": each.feedback.score,
                "comment": each.feedback.comment,
                "by": each.feedback.given_by,
            }
            for each in given
        ],
    }


def _in_numbers(given: Sequence[Given]) -> dict[str, Any]:
    scores = [each.feedback.score for each in given]
    return {
        "answers": len(scores),
        "mean": round(fmean(scores), 2),
        "of_each_score": {str(score): scores.count(score) for score in _SCORES},
    }


_SCORES = range(WORST, BEST + 1)


def _by_service(given: Iterable[Given]) -> Mapping[str, Sequence[Given]]:
    found: dict[str, list[Given]] = {}
    for each in given:
        found.setdefault(each.service, []).append(each)
    return dict(sorted(found.items()))


def _show(given: Sequence[Given], days: int) -> None:
    services = _by_service(given)
    table = Table(
        title=f"How well incidents were handled, last {days} days",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_footer=len(services) > 1,
    )
    whole = _in_numbers(given)
    table.add_column("service", footer=ALL)
    table.add_column("answers", justify="right", footer=str(whole["answers"]))
    table.add_column("mean", justify="right", footer=f"{whole['mean']:.2f}")
    for score in _SCORES:
        table.add_column(str(score), justify="right", footer=str(whole["of_each_score"][str(score)]))
    for service, those in services.items():
        numbers = _in_numbers(those)
        of_each = [str(count) if count else "·" for count in numbers["of_each_score"].values()]
        table.add_row(Text(service), str(numbers["answers"]), f"{numbers['mean']:.2f}", *of_each)
    output.print(table)
    with_words = [each for each in reversed(given) if each.feedback.comment]
    for each in with_words[:WORDS_SHOWN]:
        words = " ".join(each.feedback.comment.split())
        output.print(f"INC-{each.number}  {each.feedback.score} of {BEST}  {words}", markup=False)
    if len(with_words) > WORDS_SHOWN:
        output.print(f"{len(with_words) - WORDS_SHOWN} more: --json has all of them.")
