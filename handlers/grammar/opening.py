"""`/incident open …`: what can be opened at once is, and for everything else the form asks."""

from dataclasses import dataclass, field

from bot.catalogue import t
from bot.domain.policy import Impact, Severity, Urgency
from handlers.grammar.commands import OpenForm, OpenIncident
from handlers.grammar.known import Known, Matrix
from handlers.grammar.marks import Kind, Mark, is_dash, mark_of
from handlers.grammar.prose import services_in, severities_in
from handlers.grammar.quotes import one_quoted

_LEAVING_ROOM = frozenset(
    ("a", "an", "and", "as", "be", "from", "in", "is", "like", "not", "of", "on", "or", "than", "the", "to", "was")
)
"""After these a severity is a word of the title, not said of the incident: `raised to sev1`."""


@dataclass(slots=True)
class _Understood:
    """What the words beside the title say, and what is wrong with them.

    It is not `sure` when a word of the title may be more than that.
    """

    severity: Severity | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    service: str | None = None
    is_private: bool = False
    said: set[Kind] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    sure: bool = True

    def takes(self, mark: Mark) -> bool:
        """Whether it was not said before, or was the very same."""
        return mark.kind not in self.said or (mark.value is not None and self._value(mark.kind) == mark.value)

    def take(self, mark: Mark) -> None:
        if mark.problem is not None:
            self.problems.append(mark.problem)
        match mark.value:
            case Severity():
                self.severity = mark.value
            case Impact():
                self.impact = mark.value
            case Urgency():
                self.urgency = mark.value
            case bool():
                self.is_private = mark.value
            case str():
                self.service = mark.value
            case None:
                pass
        self.said.add(mark.kind)

    def contradicted_by(self, mark: Mark | None) -> None:
        """Two severities beside one another, or one in brackets: neither is a word of the title."""
        if mark is not None and mark.kind is Kind.SEVERITY and mark.value is not None and not self.takes(mark):
            self.problems.append(
                t("Both {severity} and {value} are said; choose one.", severity=self.severity, value=mark.value)
            )

    def _value(self, kind: Kind) -> Severity | Impact | Urgency | str | bool | None:
        return {
            Kind.SEVERITY: self.severity,
            Kind.IMPACT: self.impact,
            Kind.URGENCY: self.urgency,
            Kind.SERVICE: self.service,
            Kind.PRIVATE: self.is_private,
        }[kind]


def read_opening(rest: str, known: Known) -> OpenIncident | OpenForm:
    """In any order: the marks are taken out of the words, and what is left of them is the title."""
    said = _Understood()
    title = _quoted_title(rest, known, said)
    if title is None:
        said = _Understood()
        title = _title(rest, known, said)
        _look_for_severity(title, known, said)
    _look_for_service(title, known, said)
    derived = _derived(said, known.matrix)
    if derived is None or said.service is None or not title or said.problems or not said.sure:
        return OpenForm(
            severity=said.severity,
            impact=said.impact,
            urgency=said.urgency,
            service=said.service,
            title=title,
            is_private=said.is_private,
            problem=" ".join(said.problems) or None,
        )
    return OpenIncident(severity=derived, service=said.service, title=title, is_private=said.is_private)


def is_marked(text: str, known: Known) -> bool:
    """Whether it has a mark that can be no word of a sentence, so that it opens one though it does not say `open`."""
    words = text.split()
    marks = [mark_of(word, known.services) for word in words]
    said = _Understood()
    start = _head(words, marks, said)
    return start > 0 or any(_stands_out(mark, said) for mark in marks)


def _quoted_title(text: str, known: Known, said: _Understood) -> str | None:
    """What is in quotation marks, if all that is outside of them is understood."""
    parts = one_quoted(text)
    if parts is None:
        return None
    for word in f"{parts[0]} {parts[2]}".split():
        mark = mark_of(word, known.services)
        if is_dash(word):
            continue
        if mark is None or not said.takes(mark) or (mark.heading and mark.value is None):
            return None
        said.take(mark)
    return parts[1]


def _title(text: str, known: Known, said: _Understood) -> str:
    """The words that are no marks; the space within a run of them is kept."""
    words = text.split()
    marks = [mark_of(word, known.services) for word in words]
    start = _head(words, marks, said)
    end = _tail(words, marks, start, said)
    dropped = {at for at in range(start, end) if _stands_out(marks[at], said)}
    return _kept(text, words, set(range(start, end)) - dropped, trimmed=end < len(words))


def _head(words: list[str], marks: list[Mark | None], said: _Understood) -> int:
    """Takes the marks that the words begin with; where the title begins."""
    at = 0
    for at, (word, mark) in enumerate(zip(words, marks, strict=True)):
        if at > 0 and is_dash(word):
            continue
        following = marks[at + 1] if at + 1 < len(words) else None
        if mark is None or not said.takes(mark) or not _leads(mark, following, words[at + 1 : at + 2]):
            said.contradicted_by(mark)
            break
        said.take(mark)
        if mark.heading and mark.value is None:
            break
    else:
        return len(words)
    return at


def _leads(mark: Mark, following: Mark | None, next_word: list[str]) -> bool:
    """The bare name of a service begins a title as often as it says what is affected: `checkout is down`. So does
    `private`, as in `private keys were published`, which is a mark only before another one."""
    if mark.kind not in (Kind.SERVICE, Kind.PRIVATE) or not mark.plain:
        return True
    if mark.kind is Kind.PRIVATE:
        return following is not None and following.value is not None
    if any(is_dash(word) for word in next_word):
        return True
    return following is not None and following.value is not None and following.kind is not Kind.SERVICE


def _tail(words: list[str], marks: list[Mark | None], start: int, said: _Understood) -> int:
    """Takes the marks that the words end with; where the title ends."""
    end = len(words)
    while end > start:
        mark, before = marks[end - 1], marks[end - 2] if end - 2 >= start else None
        if is_dash(words[end - 1]) and end < len(words):
            end -= 1
            continue
        if mark is None or mark.value is None or mark.heading or not said.takes(mark):
            break
        if mark.plain and not _trails(mark, before, words[end - 2] if end - 2 >= start else ""):
            break
        said.take(mark)
        end -= 1
    return end


def _trails(mark: Mark, before: Mark | None, word_before: str) -> bool:
    """Of a bare word at the end: `it is down sev1`, `it is down sev1 checkout`, but not `raised to sev1`."""
    if mark.kind is Kind.PRIVATE:
        return False
    if mark.kind is Kind.SERVICE:
        return before is not None and before.kind is Kind.SEVERITY and before.value is not None
    return word_before.lower() not in _LEAVING_ROOM


def _stands_out(mark: Mark | None, said: _Understood) -> bool:
    """Takes a mark amid the title that can be nothing else."""
    if mark is None or mark.value is None or mark.plain or mark.heading:
        return False
    if said.takes(mark):
        said.take(mark)
        return True
    said.contradicted_by(mark)
    return False


def _kept(text: str, words: list[str], kept: set[int], *, trimmed: bool) -> str:
    runs: list[str] = []
    at, run_start, run_end = 0, -1, -1
    for number, word in enumerate(words):
        start = text.index(word, at)
        at = start + len(word)
        if number in kept:
            run_start = start if run_start < 0 else run_start
            run_end = at
        elif run_start >= 0:
            runs.append(text[run_start:run_end])
            run_start = -1
    if run_start >= 0:
        runs.append(text[run_start:run_end])
    title = " ".join(runs)
    return title.rstrip(" ,;-\u2013\u2014") if trimmed else title


def _look_for_service(title: str, known: Known, said: _Understood) -> None:
    """In the title, when it was not said beside it."""
    if Kind.SERVICE in said.said:
        return
    named = services_in(title, known.services)
    if len(named) == 1:
        said.service = named[0]
    elif named:
        said.problems.append(t("Several services are named: {listed}; choose one.", listed=", ".join(named)))


def _look_for_severity(title: str, known: Known, said: _Understood) -> None:
    """One within the title is only a guess."""
    if not said.said & {Kind.SEVERITY, Kind.IMPACT, Kind.URGENCY}:
        severities = severities_in(title, known.services)
        if len(severities) == 1:
            said.severity, said.sure = severities[0], False


def disagreement(impact: Impact, urgency: Urgency, made: Severity | None) -> str:
    return t(
        "Impact {impact} and urgency {urgency} make it {made}; choose that severity, or none.",
        impact=impact,
        urgency=urgency,
        made=made,
    )


def _derived(said: _Understood, matrix: Matrix) -> Severity | None:
    """The severity that was said, or that impact and urgency make. Both at once must agree."""
    if said.impact is None and said.urgency is None:
        return said.severity
    if not matrix:
        said.problems.append(t("This policy does not derive the severity from impact and urgency; choose a severity."))
        return None
    if said.impact is None or said.urgency is None:
        return None
    made = matrix.get((said.impact, said.urgency))
    if said.severity not in (None, made):
        said.problems.append(disagreement(said.impact, said.urgency, made))
    return made
