"""Whether the database still holds what was stored: each story's chain, and what else must follow from the story."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import PolicyVersionId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.promise import Promise
from bot.domain.retelling import DoesNotFollow, retell
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Breach
from bot.policy_file import PolicyFileError
from bot.services.policies import policy_of
from storage import policies, verification
from storage.chain import audit_key
from storage.chain_verdict import Entry, Flaw, Head, damages, is_sealed, readable
from storage.database import Database, Transaction
from storage.records import breach_of, event_of, incident_of
from storage.verification import Extent, Promised

MOST_FINDINGS = 10_000
"""More are counted, but not kept."""

NOT_OF_THE_STORY = frozenset({"id", "workspace_id", "number", "policy_version_id", "version", "last_digest"})
FROM_A_FACT = frozenset({
    "page", "page_again", "warning", "breach", "managers", "still_on_it", "hold_review", "assignment", "exhausted",
    "stakeholder_parent", "update", "update_nudge", "update_overdue", "opened_here",
})  # fmt: skip
"""Kinds of messages that only a fact promises; others follow from what became of a message."""


class KeyNeeded(Exception):
    """Entries are sealed with a key, and without it nobody can tell whether they were changed."""

    def __init__(self) -> None:
        super().__init__("The stories are sealed with a key and cannot be verified without it: set TIERLINE_AUDIT_KEY.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it was stored. `kind` is a stable word for scripts."""

    incident: str
    seq: int | None = None
    kind: str
    sentence: str


@dataclass(slots=True, kw_only=True)
class Verdict:
    """`sealed` entries were sealed with a key; `fitting` ones of them fit the key at hand."""

    incidents: int = 0
    entries: int = 0
    sealed: int = 0
    fitting: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.found += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    @property
    def key_fits(self) -> bool:
        """False when not one sealed entry fits: then the key is another, rather than every story changed."""
        return self.sealed == 0 or self.fitting > 0


Progress = Callable[[int, int], None]
"""Told how many of how many entries were looked at."""


async def verify_all(
    database: Database, progress: Progress = lambda _done, _of: None, *, opened_since: datetime | None = None
) -> Verdict:
    """In batches, each one consistent view: a bot that runs meanwhile changes nothing.

    What was opened before `opened_since` may be gone because it was old. Raises `KeyNeeded`.
    """
    async with database.read() as tx:
        check = await _Check.of(tx)
        for _, number in await verification.missing_numbers(tx, most=MOST_FINDINGS, opened_since=opened_since):
            check.add(number, "incident_missing", "its number was given out, and it is not there")
        for version in await verification.changed_policies(tx):
            said = f"policy version {version} is not what was applied"
            check.verdict.add(Finding(incident="", kind="policy_changed", sentence=said))
        for incident_id, count in await verification.orphans(tx, most=MOST_FINDINGS):
            said = f"{count} entries belong to an incident that is not there (its id is {incident_id})"
            check.verdict.add(Finding(incident="", kind="orphans", sentence=said))
    after = 0
    while True:
        async with database.read() as tx:
            heads = await verification.heads(tx, after=after)
            if not heads:
                return check.verdict
            await check.batch(tx, heads)
        after = heads[-1].id
        progress(check.verdict.entries, check.extent.entries)


async def verify_one(database: Database, workspace_id: WorkspaceId, number: int) -> Verdict | None:
    """None when there is no such incident. Raises `KeyNeeded`."""
    async with database.read() as tx:
        check = await _Check.of(tx)
        head = await verification.head_of(tx, workspace_id, number)
        if head is None:
            return None
        await check.batch(tx, [head])
        return check.verdict


class _Check:
    """One pass over the incidents."""

    def __init__(self, extent: Extent, key: bytes | None) -> None:
        self.extent = extent
        self.verdict = Verdict()
        self._key = key
        self._policies: dict[PolicyVersionId, Policy] = {}

    @classmethod
    async def of(cls, tx: Transaction) -> "_Check":
        extent, key = await verification.extent(tx), audit_key(tx)
        if extent.sealed_since is not None and key is None:
            raise KeyNeeded
        return cls(extent, key)

    def add(self, number: int, kind: str, sentence: str, seq: int | None = None) -> None:
        self.verdict.add(Finding(incident=f"INC-{number}", seq=seq, kind=kind, sentence=sentence))

    async def batch(self, tx: Transaction, heads: Sequence[Head]) -> None:
        stories = await verification.entries(tx, heads)
        sound = [head for head in heads if self._chain_holds(head, stories[head.id])]
        if not sound:
            return
        rows = await verification.incident_rows(tx, sound)
        ledgers, promised = await verification.breach_rows(tx, sound), await verification.promised(tx, sound)
        for head in sound:
            try:
                row = rows[head.id]
                held = _Held(
                    incident=incident_of(row),
                    asked_at=row["next_evaluation_at"],
                    story=[event_of(readable(entry)) for entry in stories[head.id]],
                    ledger=[breach_of(each) for each in ledgers.get(head.id, ())],
                    promised=promised.get(head.id, ()),
                )
                policy = await self._policy(tx, held.incident)
            except (ValueError, TypeError, LookupError, PolicyFileError) as error:
                self.add(head.number, "unreadable", f"what is stored of it cannot be read ({_first_line(error)})")
                continue
            for kind, sentence, seq in beyond_the_chain(held, policy):
                self.add(head.number, kind, sentence, seq)

    def _chain_holds(self, head: Head, story: Sequence[Entry]) -> bool:
        wrong = list(damages(head, story, key=self._key, sealed_since=self.extent.sealed_since))
        for damage in wrong:
            self.add(head.number, damage.flaw, _SENTENCES[damage.flaw], damage.seq)
        sealed = sum(is_sealed(entry) for entry in story)
        self.verdict.incidents += 1
        self.verdict.entries += len(story)
        self.verdict.sealed += sealed
        self.verdict.fitting += max(sealed - sum(each.flaw is Flaw.CHANGED for each in wrong), 0)
        return not wrong

    async def _policy(self, tx: Transaction, incident: Incident) -> Policy:
        """Raises `LookupError` when its version is not there."""
        version_id = incident.policy_version_id
        if version_id not in self._policies:
            version = await policies.numbered(tx, incident.workspace_id, version_id)
            if version is None:
                raise LookupError(f"policy version {version_id} is not there")
            self._policies[version_id] = policy_of(version)
        return self._policies[version_id]


_SENTENCES: Mapping[Flaw, str] = {
    Flaw.UNREADABLE: "the entry cannot be read",
    Flaw.MISSING: "the entry is missing",
    Flaw.SURPLUS: "the entry is one more than the incident counts",
    Flaw.CHANGED: "the entry, or the one before, is not as it was stored: its digest does not fit",
    Flaw.BACK_IN_TIME: "the entry is older than the one before",
    Flaw.UNSEALED: "the entry was stored without the key, though others had been sealed before",
    Flaw.LAST_DIGEST: "the incident remembers another last entry than this",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the database holds of one incident."""

    incident: Incident
    asked_at: datetime | None
    story: Sequence[TimelineEvent]
    ledger: Sequence[Breach]
    promised: Sequence[Promised]


Wrong = tuple[str, str, int | None]
"""A kind, a sentence, and the number of the entry it is about."""


def beyond_the_chain(held: _Held, policy: Policy) -> Iterator[Wrong]:
    """What follows from the story and is not there, or is there and does not follow."""
    try:
        told = retell(held.story, policy, of=held.incident)
    except DoesNotFollow as error:
        kind = held.story[error.seq - 1].fact.kind
        yield "does_not_follow", f"the entry ({kind}) cannot have come after those before it", error.seq
        return
    yield from _of_the_incident(held.incident, told.incident)
    yield from _of_the_ledger(held.ledger, told.breaches)
    yield from _of_the_promises(held.promised, told.promises)
    due_at = next_evaluation_at(held.incident, policy)
    if held.asked_at != due_at:
        asks, says = _at(held.asked_at), _at(due_at)
        yield "next_evaluation", f"the bot looks at it next {asks}, and by the rules it is {says}", None


def _of_the_incident(kept: Incident, told: Incident) -> Iterator[Wrong]:
    wrong = [name for name in _TOLD_FIELDS if getattr(kept, name) != getattr(told, name)]
    for name in wrong:
        said = f"its {name} is {getattr(kept, name)!s:.60}, and by its story {getattr(told, name)!s:.60}"
        yield "incident", said, None


_TOLD_FIELDS = [each.name for each in fields(Incident) if each.name not in NOT_OF_THE_STORY]


def _of_the_ledger(kept: Sequence[Breach], told: Sequence[Breach]) -> Iterator[Wrong]:
    by_number = {breach.number: breach for breach in kept}
    for breach in told:
        found = by_number.pop(breach.number, None)
        if found is None:
            yield "breach_missing", f"breach {breach.number} is in its story and not in the ledger", None
        elif found != breach:
            yield "breach_changed", f"breach {breach.number} is another in its story than in the ledger", None
    for number in by_number:
        yield "breach_unfounded", f"breach {number} is in the ledger and not in its story", None


def _of_the_promises(kept: Sequence[Promised], told: Sequence[Promise]) -> Iterator[Wrong]:
    there = {promise.key: promise for promise in kept}
    for promise in told:
        found = there.pop(promise.key, None)
        if found is None:
            yield "promise_missing", f"{promise.key} should have been promised to {promise.channel}, and was not", None
        elif found.channel != promise.channel:
            yield "promise_changed", f"{promise.key} was promised to {promise.channel}, not to {found.channel}", None
    for key, promise_row in there.items():
        if promise_row.kind in FROM_A_FACT:
            yield "promise_unfounded", f"{key} is promised, and nothing in its story asks for it", None


def _at(instant: datetime | None) -> str:
    return "never" if instant is None else f"at {instant:%Y-%m-%d %H:%M:%S.%f} UTC"


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0]
