"""Pydantic's errors as a person reads them: a line, what is wrong there, and the fix."""

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from bot.policy_file.document import PolicyDocument
from bot.policy_file.entry import example, known_keys
from bot.policy_file.errors import Loc, Marks, Problem, likely, nearest, shown


def problems(errors: Sequence[ErrorDetails], marks: Marks) -> Sequence[Problem]:
    """One for each thing to fix: a misspelt key is not missing too, nor is a list too short that has a wrong entry."""
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    meant = {(*loc[:-1], likely(str(loc[-1]), _free(loc, marks))) for loc in unknown}
    return [
        (marks.line(error["loc"]), _sentence(error, marks))
        for error in errors
        if not (error["type"] == "missing" and error["loc"] in meant)
        and not (error["type"] == "too_short" and error["input"])
    ]


def _sentence(error: ErrorDetails, marks: Marks) -> str:
    loc = tuple(step for step in error["loc"] if step != "[key]")
    key = next((step for step in reversed(loc) if isinstance(step, str)), "")
    what = f'"{shown(key)}"' if loc[-1:] == (key,) else f'an entry of "{shown(key)}"'
    if error["type"] == "extra_forbidden":
        return f"{what} is not a known key here; {nearest(key, _free(loc, marks))}"
    written = example(PolicyDocument, loc)
    like = f"write it like {written}."
    match error["type"]:
        case "missing":
            return f"{what} is missing here; add it, like {written}."
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
            most = error["ctx"]["max_length"]
            return f'"{shown(error["input"])}" is too long; write {most} characters or less.'
        case "int_parsing" | "int_type" | "int_from_float" | "greater_than_equal" | "less_than_equal":
            return f"{what} must be a number from 1 to 1000; {like}"
        case "bool_parsing" | "bool_type":
            return f"{what} must be true or false; {like}"
        case _:
            return error["msg"]


def _free(loc: Loc, marks: Marks) -> Sequence[str]:
    """The keys that can stand in the place of the one at `loc`: those not yet written, or all when all are."""
    known = known_keys(PolicyDocument, loc[:-1])
    return tuple(key for key in known if (*loc[:-1], key) not in marks.lines) or known
