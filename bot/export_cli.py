"""`tierline export INC-42 --format html`: an incident's whole story, on the standard output or in a file."""

from pathlib import Path
from typing import Annotated

import typer

from bot.explained import explained
from bot.export import Format, document
from bot.start import CannotStart
from bot.tools import errors, output

Form = Annotated[Format, typer.Option("--format", help="html stands alone, md is for a wiki, json for a script.")]
Target = Annotated[Path | None, typer.Option("--output", help="The file to write; default: the standard output.")]


async def export(incident: str, *, form: Format, target: Path | None, zone: str) -> None:
    explanation, voice = await explained(incident, zone=zone)
    text = document(explanation, voice, form)
    if target is None:
        output.out(text, end="", highlight=False)
        return
    _write(target, text)
    errors.print(f"The story of {explanation.incident.key} is in {target}.", markup=False, soft_wrap=True)


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"{target} cannot be written: {error.strerror}.") from error
