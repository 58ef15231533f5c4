"""Whatever is typed: it is some command, no word of a title or a reason is lost, and a command can be written again."""

import re
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.ids import UserId
from bot.domain.policy import Severity
from handlers.grammar import (
    VERBS,
    AcknowledgeIncident,
    CancelIncident,
    ChangeSeverity,
    Command,
    EscalateIncident,
    EscalateTo,
    HoldIncident,
    Known,
    OpenForm,
    OpenFormAbout,
    OpenIncident,
    ReopenIncident,
    ResolveIncident,
    StillOnIt,
    Unclear,
    parse,
    written,
)
from handlers.grammar.quotes import unquoted
from handlers.grammar.who_has_it import SAYING_AS_MUCH
from handlers.grammar.words import shown
from tests.examples import up_to
from tests.handlers.grammar.known import KNOWN, MENTIONS, WITH_MATRIX

HERE = replace(KNOWN, here=3)

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)
ODD_WORDS = [
    *("sev1", "SEV3", "sev9", "sev", "severe", "!sev1", "!sev2", "(sev3)", "sev1,", "SEV-2", "severity:4", "sev=9"),
    *("checkout:", "Payments:", "nosuch:", "checkout", "(payments)", "checkout's", "service:checkout", "service=x"),
    *("private", "Private:", "(private)", "!private", "eta", "eta:", "follow", "unfollow"),
    *("in", "the", "to", "for", "-", "\u2014", ",", ":", "a:b", "x" * 50),
    *("INC-1", "#12", "12", "inc0", "#", "INC-1:", *VERBS, "acknowledge", "opn", "resovle", "pause", "please"),
    *("<!channel>", "@here", "@ana", "@ana ruiz", "#tier-2-platform", "@first-line", "me", "mine", "breached"),
    *("*bold*", "`code`", "😀", "مرحبا", "\u202e", "&amp;", "\u0663", "\x1c", "\u2028"),
    *('"', '"quoted', 'quoted"', '"one"', "“a", "b”", "„c“", "«d»", "'e'", "it's", "‘f’"),  # noqa: RUF001 - as typed
    *("2h", "0s", "1.5w", "99999999w", "20", "minutes", "until", "14:00", "tomorrow", "9:00", "friday", "2026-99-99"),
    *("duplicate", "of", "simulate", "show", "at", "impact:high", "urgency=low", "impact:", "impact:none"),
]
WORD = st.sampled_from(ODD_WORDS)
WORDS = st.lists(st.one_of(WORD, WORD, WORD, ANYTHING), max_size=12).map(" ".join)
LINE = st.one_of(ANYTHING, WORDS, st.builds("{} {}".format, st.sampled_from(VERBS), WORDS))
_LABEL = re.compile(r"(?:\A|(?<=\s))(?:impact|action|owner|eta)\s*[:=]")
"""Parts of an update that have a name, which the form has too."""
AROUND = " ()[]{},:;.!?-\u2013\u2014\"'“”„«»\u2039\u203a\u2018\u2019"


def bare_words(text: str) -> Counter[str]:
    """As far as they are more than punctuation, which may go with what it was around."""
    return Counter(bare for word in text.split() if (bare := word.strip(AROUND)))


@settings(max_examples=up_to(2_000))
@given(text=LINE, known=st.sampled_from((KNOWN, WITH_MATRIX, HERE)))
def test_whatever_is_typed_is_some_command_and_no_word_of_a_title_is_lost(text: str, known: Known) -> None:
    command = parse(text, known)
    assert isinstance(command, Command)
    if isinstance(command, OpenIncident | OpenForm):
        assert_nothing_lost(text, command)
    if isinstance(command, OpenFormAbout):
        assert_all_in_the_form(text, command, known)
    assert_written_again(command, known)


def assert_all_in_the_form(text: str, form: OpenFormAbout, known: Known) -> None:
    """Each word stands in a field, or is repeated beside the problem."""
    assert is_subsequence(form.typed.split(), text.split())
    if form.problem is not None:
        return
    people = {user: name for name, user in known.mentions.people.items()}
    fields = " ".join(people.get(UserId(entry), entry) for entry in form.entries.values())
    lost = bare_words(_LABEL.sub(" ", form.typed.lower())) - bare_words(fields.lower())
    assert lost.keys() <= {"to", "me"}, f"lost of {text!r}: {form}"


def assert_nothing_lost(text: str, opened: OpenIncident | OpenForm) -> None:
    """What is not in the title was understood, or stands in the problem."""
    lost = bare_words(text) - bare_words(opened.title)
    problem = opened.problem or "" if isinstance(opened, OpenForm) else ""
    meant = {(opened.service or "").casefold(), str(opened.severity), "private" if opened.is_private else ""}
    if isinstance(opened, OpenForm):
        meant |= {str(opened.impact), str(opened.urgency)}
    for word in lost:
        said = word.casefold().replace("-", "").replace("=", ":").rpartition(":")[2]
        said = f"sev{said}" if said.isdigit() else said
        assert said in meant or word.lower() == "open" or shown(word) in problem or word in problem or is_level(word), (
            f"{word} of {text!r} is lost: {opened}"
        )
    assert is_subsequence(opened.title.split(), text.split())


def is_level(word: str) -> bool:
    """Of an incident that is opened only the severity is kept, which impact and urgency made."""
    return word.lower().startswith(("impact:", "impact=", "urgency:", "urgency="))


def is_subsequence(title: list[str], typed: list[str]) -> bool:
    rest = iter(typed)
    return all(any(word.strip(AROUND) == each.strip(AROUND) for each in rest) for word in title)


def assert_written_again(command: Command, known: Known) -> None:
    """What the form was opened with may be enough to open the incident, once it is said in so many words."""
    again = parse(written(command, known), known)
    match command:
        case Unclear():
            assert again == OpenForm()
        case OpenForm(problem=None) if isinstance(again, OpenIncident):
            assert (again.severity, again.service, again.title) == (command.severity, command.service, command.title)
            assert again.is_private is command.is_private
        case OpenForm() if command.problem is not None:
            assert isinstance(again, OpenForm | OpenIncident)
            assert again.title == command.title
        case _:
            assert again == command


_NAMED = re.compile(r"(?:\A|(?<=\s))(?:impact|data loss)\s*[:=]\s*", re.IGNORECASE)
"""Parts of an ending that have a name."""


@settings(deadline=None)
@given(words=WORDS)
def test_no_word_of_a_reason_or_a_summary_is_lost(words: str) -> None:
    words = words.strip()
    reason = unquoted(words)
    ended = parse(f"resolve INC-3 {words}", KNOWN)
    assert isinstance(ended, ResolveIncident)
    named = _NAMED.search(words)
    assert ended.summary == (reason if named is None else unquoted(words[: named.start()].strip()))
    parts = set(_NAMED.sub(" ", words[named.start() :] if named is not None else "").split())
    assert parts == {*ended.impact.split(), *ended.data_loss.split()}
    assert parse(f"reopen INC-3 {words}", KNOWN) == ReopenIncident(3, reason)
    assert parse(f"severity INC-3 sev2 {words}", KNOWN) == ChangeSeverity(3, Severity.SEV2, reason)
    held = parse(f"hold INC-3 2h {words}", KNOWN)
    assert isinstance(held, HoldIncident)
    assert words.endswith(held.reason) or held.reason == reason


@settings(deadline=None)
@given(words=WORDS)
def test_no_word_of_where_an_incident_goes_is_lost(words: str) -> None:
    words = words.strip()
    command = parse(f"escalate INC-3 {words}", KNOWN)
    match command:
        case EscalateIncident(reason=reason):
            assert reason == unquoted(words)
        case EscalateTo(words=where):
            assert bare_words(words) - bare_words(where) in (Counter(), Counter(["to"]), Counter(["To"]))
        case _:
            assert isinstance(command, OpenFormAbout)
            assert words.lower().startswith("to")
    cancelled = parse(f"cancel INC-3 {words}", KNOWN)
    assert isinstance(cancelled, CancelIncident)
    assert cancelled.duplicate_of is not None or cancelled.reason == unquoted(words)


NAMES = " ".join(MENTIONS.people).lower().split()
UNDERSTOOD = {*SAYING_AS_MUCH, *NAMES, "please", "thanks", "now", "to", "me", "myself", "eta", "unknown"}
"""What commands that take no text may do without."""


@settings(deadline=None)
@given(verb=st.sampled_from(("ack", "still", "pass", "resume", "assign", "follow", "unfollow")), words=WORDS)
def test_no_word_beside_a_command_that_takes_none_is_dropped(verb: str, words: str) -> None:
    command = parse(f"{verb} INC-3 {words}", KNOWN)
    kept = words if isinstance(command, OpenFormAbout | Unclear) else ""
    if isinstance(command, AcknowledgeIncident | StillOnIt):
        kept = words if isinstance(command, AcknowledgeIncident) and command.eta else command.beside
    lost = bare_words(words.lower()) - bare_words(kept.lower())
    assert lost.keys() <= UNDERSTOOD, f"lost of {verb} {words!r}: {command}"
