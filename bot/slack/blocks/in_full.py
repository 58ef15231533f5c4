"""What people wrote, whole: below the line of the story that has no more than its beginning."""

from collections.abc import Iterator

from bot.catalogue import t
from bot.domain.timeline import Fact, Noted, Pinned, Resolved, StakeholdersTold
from bot.slack.blocks.mrkdwn import cut, escape, length, links, one_line
from bot.slack.blocks.progress import details
from bot.slack.blocks.words import REASON_SHOWN

SHOWN = 2_700
"""Of each part: a section of a message holds little more."""


def in_full(fact: Fact) -> Iterator[str]:
    """One or several texts, each of which fits a section; none when the line says it all."""
    match fact:
        case StakeholdersTold(changed=changed):
            yield from _quoted(changed)
            yield from (f"> {label}: {words}" for label, words in details(fact, limit=SHOWN))
        case Resolved(summary=summary, impact=impact, data_loss=lost):
            yield from _quoted(summary)
            yield from (f"> {label}: {_own(words)}" for label, words in _remains(impact, lost) if words)
        case Noted(text=text) | Pinned(text=text):
            yield from _quoted(text)
        case _:
            yield from _quoted(str(getattr(fact, "reason", "")))


def _quoted(words: str) -> Iterator[str]:
    if length(escape(one_line(words))) > REASON_SHOWN:
        yield f"> {_own(words)}"


def _own(words: str) -> str:
    return cut(links(escape(one_line(words))), SHOWN)


def _remains(impact: str, lost: str) -> Iterator[tuple[str, str]]:
    yield t("Impact"), impact
    yield t("Data loss"), lost
