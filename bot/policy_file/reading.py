"""From the file to the checked document: text, YAML, values with their lines."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from bot.policy_file.document import PolicyDocument
from bot.policy_file.errors import Loc, Marks, PolicyFileError, Problem, place, placed, shown
from bot.policy_file.sentences import problems
from bot.policy_file.values import Reading

LARGEST_FILE = 1_000_000
MOST_VALUES = 50_000
"""More values than a file of this size can hold without aliases of aliases, which would grow without end."""
DEEPEST = 20

_FAST = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""Written in C, where there is one: ten times as fast, with an account of mistakes that nobody understands."""
_INDICATORS = "[{-?"
MOST_INDICATORS = 2_000
"""Each may be a level of nesting, and the fast one takes a place on the stack for each level, however many."""


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
        # Without its cause, which quotes the file: an address in it may be a secret.
        raise PolicyFileError(placed([*tree.problems, *problems(error.errors(), marks)], source)) from None
    if tree.problems:
        raise PolicyFileError(placed(tree.problems, source))
    return document


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
    if sum(map(text.count, _INDICATORS)) <= MOST_INDICATORS:
        try:
            return yaml.compose(text, Loader=_FAST)
        except yaml.YAMLError:
            pass  # the other one says what is wrong
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
            self.problems.append((_line(node), f"{shown(node.tag)} has no meaning here; remove it."))
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
                self.problems.append((line, f'"{shown(key)}" is here twice, also in line {first}; keep one of them.'))
                continue
            values[key] = self._entry(value, (*loc, key), line)
        return values

    def _unusable(self, line: int, sentence: str) -> PolicyFileError:
        return PolicyFileError([f"{place(self._source, line)}{sentence}"])


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1
