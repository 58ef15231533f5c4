"""policy.yml: what was agreed, as a person writes it, and its way to the domain's `Policy`.

Whatever it does not understand it refuses, with file, line and the fix. It looks nothing up in Slack.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import durationpy
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError, PydanticKnownError

from bot.domain.ids import ChannelId
from bot.domain.policy import (
    MINIMUM_TARGET,
    EscalationPolicy,
    Mention,
    MentionKind,
    Policy,
    Repeat,
    Severity,
    Targets,
    Tier,
)

LARGEST_FILE = 1_000_000
LONGEST_DURATION = timedelta(days=365)
MOST_VALUES = 50_000
"""More values than a file of this size can hold without aliases of aliases, which would grow without end."""
DEEPEST = 20
LONGEST_LABEL = 60

Loc = tuple[str | int, ...]
"""Where a value stands in the file: the keys and positions that lead to it."""

Problem = tuple[int, str]
"""A line, 0 when there is none, and a sentence."""


class PolicyFileError(Exception):
    """The file cannot be used. `problems` are sentences, one for each thing to fix; the first is the message."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems[0])
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Marks:
    """The file that a document was read from and the line of each value; no part of what was agreed."""

    source: str | None = field(default=None, compare=False)
    lines: Mapping[Loc, int] = field(default_factory=dict, compare=False)

    def line(self, loc: Loc) -> int:
        """The line of the value, or of the nearest one around it; 0 when there is none."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a document is validated."""

    allow_short: bool = False
    marks: Marks = Marks()


_DURATION = re.compile(r"(\d+(\.\d+)?[wdhms])+")


def _duration(value: object, info: ValidationInfo) -> timedelta:
    if isinstance(value, timedelta):
        duration = value
    elif isinstance(value, str):
        duration = _parsed_duration(value)
    else:
        raise PydanticKnownError("string_type")
    if duration <= timedelta(0):
        raise _wrong(value, "is no time at all; write 1m or more.")
    if duration < MINIMUM_TARGET and not (isinstance(info.context, Reading) and info.context.allow_short):
        raise _wrong(value, "is too short for a person to read a page; write 1m or more.")
    if duration > LONGEST_DURATION:
        raise _wrong(value, "is too long; write 365d or less.")
    return duration


def _parsed_duration(text: str) -> timedelta:
    """Stricter than durationpy, for which `5mm` is five months and what stands between two parts is nothing."""
    if not _DURATION.fullmatch(text.strip()):
        raise _wrong(text, "is not a duration; write it like 5m, 1h30m or 2h.")
    try:
        duration: timedelta = durationpy.from_str(text.strip())
    except durationpy.DurationError as error:
        raise _wrong(text, "is too long; write 365d or less.") from error
    if duration % timedelta(seconds=1):
        raise _wrong(text, "is not a duration in whole seconds; write it like 5m, 1h30m or 2h.")
    return duration


def _wrong(value: object, fix: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", '"{value}" {fix}', {"value": _shown(value), "fix": fix})


def _shown(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def _checked(pattern: str, fix: str) -> Callable[[str], str]:
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise _wrong(value, fix)
        return value

    return check


_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{8,}")
_PERSON_ID = re.compile(r"[UWS][A-Z0-9]{8,}")

Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(durationpy.to_str, return_type=str)]
ChannelName = Annotated[
    str,
    AfterValidator(
        _checked(
            rf"#[^\s#@,A-Z]{{1,80}}|{_CHANNEL_ID.pattern}",
            'is not a channel; write its name as in Slack, like "#tier-1" in quotes, or its id, like C0123ABCD.',
        )
    ),
]
PersonName = Annotated[
    str,
    AfterValidator(
        _checked(
            rf"@[^\s#@,]([^#@,\n]{{0,78}}[^\s#@,])?|{_PERSON_ID.pattern}",
            'is not a person or a user group; write the name as in Slack, like "@ana" in quotes, '
            "or the id, like U0123ABCD or S0123ABCD.",
        )
    ),
]
ServiceName = Annotated[
    str,
    AfterValidator(
        _checked(
            r"(?![_-])((?![A-Z])[\w-])+",
            "is not a service that people can type; use small letters, digits, - and _, like check-out.",
        )
    ),
    Field(max_length=LONGEST_LABEL),
]
Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class TargetsEntry(Entry):
    ack_within: Duration
    update_every: Duration


class SeveritiesEntry(Entry):
    sev1: TargetsEntry
    sev2: TargetsEntry
    sev3: TargetsEntry
    sev4: TargetsEntry


class ServiceEntry(Entry):
    policy: Label


class TierEntry(Entry):
    name: Label
    channel: ChannelName
    people: Annotated[tuple[PersonName, ...], Field(min_length=1)]
    managers: tuple[PersonName, ...] = ()


class RepeatEntry(Entry):
    every: Duration
    times: Annotated[int, Field(ge=1, le=1000)]


class PolicyEntry(Entry):
    tiers: Annotated[tuple[TierEntry, ...], Field(min_length=1)]
    repeat: RepeatEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What has to be looked up in Slack, as written in the file; ids need no look-up and are not among them."""

    channels: frozenset[str]
    people: frozenset[str]


class PolicyDocument(Entry):
    """The whole file. Two are equal when they agree on the same, wherever they were read from."""

    severities: SeveritiesEntry
    # before the services, whose check needs them
    policies: Annotated[Mapping[Label, PolicyEntry], Field(min_length=1)]
    services: Annotated[Mapping[ServiceName, ServiceEntry], Field(min_length=1)]
    stakeholder_channel: ChannelName
    fallback_channel: ChannelName
    _marks: Marks = PrivateAttr(default_factory=Marks)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `canonical_json` wrote. It was checked when it was read, so short targets are not refused again."""
        return cls.model_validate_json(text, context=Reading(allow_short=True))

    def canonical_json(self) -> str:
        """The same text for the same agreement, whatever its comments, layout and spelling of durations.

        Services keep the order of the file: it is the order in which people choose among them.
        """
        return self.model_dump_json()

    def names(self) -> Names:
        return Names(
            channels=frozenset(name for _, name in self.channels() if not _CHANNEL_ID.fullmatch(name)),
            people=frozenset(name for _, name in self.people() if not _PERSON_ID.fullmatch(name)),
        )

    def channels(self) -> Iterator[tuple[Loc, str]]:
        """Each channel with its place in the file."""
        yield ("stakeholder_channel",), self.stakeholder_channel
        yield ("fallback_channel",), self.fallback_channel
        for loc, tier in self._tiers():
            yield (*loc, "channel"), tier.channel

    def people(self) -> Iterator[tuple[Loc, str]]:
        """Each person and user group with the place in the file."""
        for loc, tier in self._tiers():
            for index, name in enumerate(tier.people):
                yield (*loc, "people", index), name
            for index, name in enumerate(tier.managers):
                yield (*loc, "managers", index), name

    @property
    def marks(self) -> Marks:
        return self._marks

    def model_post_init(self, context: Any, /) -> None:
        if isinstance(context, Reading):
            self._marks = context.marks

    def _tiers(self) -> Iterator[tuple[Loc, TierEntry]]:
        for name, policy in self.policies.items():
            for index, tier in enumerate(policy.tiers):
                yield ("policies", name, "tiers", index), tier

    @field_validator("services")
    @classmethod
    def _name_known_policies(
        cls, services: Mapping[str, ServiceEntry], info: ValidationInfo
    ) -> Mapping[str, ServiceEntry]:
        policies = info.data.get("policies")
        if policies is None:
            return services
        errors = [
            InitErrorDetails(type=_unknown_policy(entry.policy, policies), loc=(name, "policy"), input=entry.policy)
            for name, entry in services.items()
            if entry.policy not in policies
        ]
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return services


def _unknown_policy(name: str, known: Mapping[str, PolicyEntry]) -> PydanticCustomError:
    return PydanticCustomError(
        "unknown_policy", 'there is no policy "{name}"; {fix}', {"name": name, "fix": _nearest(name, known)}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What Slack knows the names of a policy file by: `#tier-1` and `@ana` as written there, with their ids."""

    channels: Mapping[str, ChannelId]
    people: Mapping[str, Mention]

    @classmethod
    def from_json(cls, text: str) -> Self:
        read = json.loads(text)
        return cls(
            channels={name: ChannelId(slack_id) for name, slack_id in read["channels"].items()},
            people={
                name: Mention(kind=MentionKind(person["kind"]), slack_id=person["slack_id"], name=person["name"])
                for name, person in read["people"].items()
            },
        )

    def to_json(self) -> str:
        people = {name: asdict(mention) for name, mention in self.people.items()}
        return json.dumps({"channels": dict(self.channels), "people": people}, ensure_ascii=False, sort_keys=True)

    def channel(self, name: str) -> ChannelId | None:
        """The channel of that name; an id is its own answer."""
        return ChannelId(name) if _CHANNEL_ID.fullmatch(name) else self.channels.get(name)

    def mention(self, name: str) -> Mention | None:
        """The person or user group of that name; an id is its own answer."""
        if not _PERSON_ID.fullmatch(name):
            return self.people.get(name)
        kind = MentionKind.USER_GROUP if name.startswith("S") else MentionKind.USER
        return Mention(kind=kind, slack_id=name, name=name)


def unresolved(document: PolicyDocument, directory: Directory, *, source: str | None = None) -> Sequence[str]:
    """One sentence for each name that Slack does not know, at the first place where the file has it.

    `source` names the file in place of the path it was read from.
    """
    unknown = [(name, loc, _NO_CHANNEL) for loc, name in document.channels() if directory.channel(name) is None]
    unknown += [(name, loc, _NOBODY) for loc, name in document.people() if directory.mention(name) is None]
    first: dict[str, Problem] = {}
    for name, loc, sentence in unknown:
        problem = (document.marks.line(loc), sentence.format(name=name))
        first[name] = min(problem, first.get(name, problem))
    return _placed(first.values(), source or document.marks.source)


_NO_CHANNEL = "there is no channel {name} that the bot can see; create it, or invite the bot if it is private."
_NOBODY = "there is no person or user group {name} in Slack; write the name as it is there, or the id."


def to_policy(document: PolicyDocument, directory: Directory) -> Policy:
    """The domain's value. Ask `unresolved` first: a name that Slack does not know is a ValueError here."""
    policies = {name: _escalation_policy(name, entry, directory) for name, entry in document.policies.items()}
    return Policy(
        severities={severity: _targets(getattr(document.severities, severity)) for severity in Severity},
        services={name: policies[service.policy] for name, service in document.services.items()},
        stakeholder_channel=_channel(document.stakeholder_channel, directory),
        fallback_channel=_channel(document.fallback_channel, directory),
    )


def _targets(entry: TargetsEntry) -> Targets:
    return Targets(ack_within=entry.ack_within, update_every=entry.update_every)


def _escalation_policy(name: str, entry: PolicyEntry, directory: Directory) -> EscalationPolicy:
    return EscalationPolicy(
        name=name,
        tiers=tuple(
            Tier(
                number=number,
                name=tier.name,
                channel=_channel(tier.channel, directory),
                people=_mentions(tier.people, directory),
                managers=_mentions(tier.managers, directory),
            )
            for number, tier in enumerate(entry.tiers, start=1)
        ),
        repeat=Repeat(every=entry.repeat.every, times=entry.repeat.times) if entry.repeat else None,
    )


def _channel(name: str, directory: Directory) -> ChannelId:
    channel = directory.channel(name)
    if channel is None:
        raise ValueError(f"the channel {name} was not looked up")
    return channel


def _mentions(names: Sequence[str], directory: Directory) -> tuple[Mention, ...]:
    """In the order of the file, each once, even if it is written by name and by id."""
    mentions: dict[str, Mention] = {}
    for name in names:
        mention = directory.mention(name)
        if mention is None:
            raise ValueError(f"{name} was not looked up")
        mentions.setdefault(mention.slack_id, mention)
    return tuple(mentions.values())


def read(path: Path, *, allow_short: bool = False) -> PolicyDocument:
    """The checked file. `allow_short` takes targets under a minute, for the playground.

    Raises `PolicyFileError` with everything that is wrong, in the order of the lines.
    """
    source = str(path)
    tree = _Tree(source)
    values = tree.values(_compose(_text(path), source))
    marks = Marks(source=source, lines=tree.lines)
    try:
        document = PolicyDocument.model_validate(values, context=Reading(allow_short=allow_short, marks=marks))
    except ValidationError as error:
        raise PolicyFileError(_placed([*tree.problems, *_problems(error.errors(), marks)], source)) from error
    if tree.problems:
        raise PolicyFileError(_placed(tree.problems, source))
    return document


def _placed(problems: Iterable[Problem], source: str | None) -> Sequence[str]:
    """`policy.yml line 12: what is wrong`, in the order of the lines, as far as these are known."""
    ordered = sorted(problems, key=lambda problem: problem[0])
    return [f"{_place(source, line)}{sentence}" for line, sentence in ordered]


def _place(source: str | None, line: int) -> str:
    if source is None:
        return ""
    return f"{source} line {line}: " if line else f"{source}: "


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        fix = "create it, or say in TIERLINE_POLICY_FILE where it is."
        raise PolicyFileError([f"{path} was not found; {fix}"]) from error
    except OSError as error:
        fix = "check that it is a file and that the bot may read it."
        raise PolicyFileError([f"{path} cannot be read ({error.strerror}); {fix}"]) from error
    if len(content) > LARGEST_FILE:
        raise PolicyFileError([f"{path} is larger than 1 MB; is it really the policy file?"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyFileError([f"{path} line {line}: this is not UTF-8 text; save the file as UTF-8."]) from error


def _compose(text: str, source: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{source} line {mark.line + 1}" if mark else source
        raise PolicyFileError(
            [f"{place}: this is not YAML ({(error.problem or '').removeprefix('but ')}); {_yaml_fix(error)}"]
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PolicyFileError(
            [f"{source} line {line}: there is a character that YAML does not allow; remove it."]
        ) from error
    except RecursionError as error:
        raise PolicyFileError([f"{source}: it is nested too deeply; start from the shipped policy.yml."]) from error


def _yaml_fix(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    if "'@'" in problem:
        return 'put a name that starts with @ in quotes, like "@ana".'
    if "'\\t'" in problem:
        return "indent with spaces, not with tabs."
    if "another document" in problem or "single document" in (error.context or ""):
        return "keep one policy in a file and remove the line with ---."
    return "check the indentation, colons, brackets and quotes here and in the line above."


class _Tree:
    """The values of the file, all as the text that was written (`no` is a name, not False), and their lines."""

    def __init__(self, source: str) -> None:
        self.lines: dict[Loc, int] = {}
        self.problems: list[Problem] = []
        self._source = source
        self._count = 0

    def values(self, root: yaml.Node | None) -> object:
        if isinstance(root, yaml.MappingNode):
            return self._value(root, ())
        what = "the file must hold keys with values" if root else "the file is empty"
        raise self._unusable(_line(root), f'{what}; start it with "severities:", as the shipped policy.yml does.')

    def _value(self, node: yaml.Node, loc: Loc) -> object:
        self._count += 1
        if self._count > MOST_VALUES or len(loc) > DEEPEST:
            raise self._unusable(_line(node), "it holds too much; write it plainly, without aliases within aliases.")
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self.problems.append((_line(node), f"{node.tag} has no meaning here; remove it."))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self._entry(entry, (*loc, index), _line(entry)) for index, entry in enumerate(node.value)]
        return None if node.tag == "tag:yaml.org,2002:null" else node.value

    def _entry(self, node: yaml.Node, loc: Loc, line: int) -> object:
        self.lines[loc] = line
        return self._value(node, loc)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> Mapping[str, object]:
        values: dict[str, object] = {}
        for key_node, value in node.value:
            key, line = key_node.value, _line(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._unusable(line, "this is not a key; a key is a word followed by a colon.")
            if key in values:
                first = self.lines[(*loc, key)]
                self.problems.append((line, f'"{key}" is here twice, also in line {first}; keep one of them.'))
                continue
            values[key] = self._entry(value, (*loc, key), line)
        return values

    def _unusable(self, line: int, sentence: str) -> PolicyFileError:
        return PolicyFileError([f"{_place(self._source, line)}{sentence}"])


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1


_EXAMPLES = {
    "severities": "severities: {sev1: {ack_within: 5m, update_every: 20m}, …}",
    "sev1": "sev1: {ack_within: 5m, update_every: 20m}",
    "sev2": "sev2: {ack_within: 15m, update_every: 30m}",
    "sev3": "sev3: {ack_within: 60m, update_every: 4h}",
    "sev4": "sev4: {ack_within: 4h, update_every: 24h}",
    "ack_within": "ack_within: 5m",
    "update_every": "update_every: 20m",
    "services": "services: {checkout: {policy: default}}",
    "policy": "policy: default",
    "policies": 'policies: {default: {tiers: [{name: First line, channel: "#tier-1", people: ["@ana"]}]}}',
    "tiers": 'tiers: [{name: First line, channel: "#tier-1", people: ["@ana"]}]',
    "name": "name: First line",
    "channel": 'channel: "#tier-1"',
    "people": 'people: ["@ana", "@first-line"]',
    "managers": 'managers: ["@grace"]',
    "repeat": "repeat: {every: 5m, times: 3}",
    "every": "every: 5m",
    "times": "times: 3",
    "stakeholder_channel": 'stakeholder_channel: "#incident-updates"',
    "fallback_channel": 'fallback_channel: "#escalation-fallback"',
}


def _problems(errors: Sequence[ErrorDetails], marks: Marks) -> Sequence[Problem]:
    """One for each thing to fix: a misspelt key is not missing too, nor is a list too short that has a wrong entry."""
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    meant = {(*loc[:-1], _likely(str(loc[-1]), _free(loc, marks))) for loc in unknown}
    return [
        (marks.line(error["loc"]), _sentence(error, marks))
        for error in errors
        if not (error["type"] == "missing" and error["loc"] in meant)
        and not (error["type"] == "too_short" and error["input"])
    ]


def _sentence(error: ErrorDetails, marks: Marks) -> str:
    loc = tuple(step for step in error["loc"] if step != "[key]")
    key = next((step for step in reversed(loc) if isinstance(step, str)), "")
    what = f'"{_shown(key)}"' if loc[-1:] == (key,) else f'an entry of "{key}"'
    if error["type"] == "extra_forbidden":
        return f"{what} is not a known key here; {_nearest(key, _free(loc, marks))}"
    like = f"write it like {_example(loc)}."
    match error["type"]:
        case "missing":
            return f"{what} is missing here; add it, like {_example(loc)}."
        case "string_type" | "mapping_type" | "dict_type" | "model_type" | "tuple_type" if error["input"] is None:
            return f"{what} is empty; {like}"
        case "too_short" | "string_too_short":
            return f"{what} is empty; {like}"
        case "string_type":
            return f"{what} must be a single value; {like}"
        case "mapping_type" | "dict_type" | "model_type":
            return f"{what} must hold keys with values; {like}"
        case "tuple_type":
            return f"{what} must be a list; {like}"
        case "string_too_long":
            return f'"{_shown(error["input"])}" is too long; write {LONGEST_LABEL} characters or less.'
        case "int_parsing" | "int_type" | "int_from_float" | "greater_than_equal" | "less_than_equal":
            return f"{what} must be a number from 1 to 1000; {like}"
        case _:
            return error["msg"]


def _example(loc: Loc) -> str:
    """How the key at `loc` is written; the names of services and policies are the file's own."""
    match loc:
        case ("services", str(name)):
            return f"{name}: {{policy: default}}"
        case ("policies", str(name)):
            return f"{name}: {{{_EXAMPLES['tiers']}}}"
        case (*_, str(key)):
            return _EXAMPLES[key]
        case _:
            return _example(loc[:-1])


def _nearest(name: str, known: Iterable[str]) -> str:
    likely = _likely(name, known)
    return f'did you mean "{likely}"?' if likely else f"known here: {', '.join(known)}."


def _likely(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, tuple(known), n=1)), None)


def _free(loc: Loc, marks: Marks) -> Sequence[str]:
    """The keys that can stand in the place of the one at `loc`: those not yet written, or all when all are."""
    known = tuple(_model_at(loc[:-1]).model_fields)
    return tuple(key for key in known if (*loc[:-1], key) not in marks.lines) or known


def _model_at(loc: Loc) -> type[Entry]:
    match loc:
        case ("severities",):
            return SeveritiesEntry
        case ("severities", _):
            return TargetsEntry
        case ("services", _):
            return ServiceEntry
        case ("policies", _):
            return PolicyEntry
        case ("policies", _, "tiers", _):
            return TierEntry
        case ("policies", _, "repeat"):
            return RepeatEntry
        case _:
            return PolicyDocument
