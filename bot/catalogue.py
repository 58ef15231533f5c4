"""The texts that people read in Slack: in English where they are said, in other languages in `bot/locale`.

`t("{who} has {key}", who=…, key=…)` says one; `n` one that depends on a number; `mark` notes one that is said with `t`
elsewhere. All of them are listed in `locale/tierline.pot`, the catalogue, from which a translation is made.
"""

import gettext
from contextlib import suppress
from pathlib import Path
from typing import Final

import humanize

ENGLISH: Final = "en"
DOMAIN: Final = "tierline"
LOCALE: Final = Path(__file__).resolve().parent / "locale"

_spoken: gettext.NullTranslations = gettext.NullTranslations()


class UnknownLanguage(Exception):
    """There is no translation; the text is one sentence that says which there are."""


def speak(language: str, *, folder: Path = LOCALE) -> None:
    """From now on this process says everything in that language; what is not translated, in English.

    Raises `UnknownLanguage`.
    """
    global _spoken  # noqa: PLW0603 - a process has one language, as it has one locale
    if language == ENGLISH:
        _spoken = gettext.NullTranslations()
        humanize.deactivate()
        return
    try:
        _spoken = gettext.translation(DOMAIN, folder, languages=[language])
    except OSError as error:
        known = sorted(each.parent.parent.name for each in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
        names = ", ".join([ENGLISH, *known])
        raise UnknownLanguage(f"“{language}” is no language that texts are translated to; choose {names}.") from error
    with suppress(FileNotFoundError):  # durations are the library's to say, and it may not know the language
        humanize.activate(language)


def t(message: str, **parts: object) -> str:
    """The text in the language of the process, with its parts filled in by name."""
    said = _spoken.gettext(message)
    return said.format(**parts) if parts else said


def n(one: str, many: str, number: int, **parts: object) -> str:
    """The form of the text that goes with the number, which it may name as `{number}`."""
    return _spoken.ngettext(one, many, number).format(number=number, **parts)


def mark(message: str) -> str:
    """The text as it is: for the catalogue to know of it."""
    return message
