"""What the models of the file have in common, and what is expected at a place of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from bot.policy_file.errors import Loc
from bot.policy_file.values import Reading


class Entry(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # an address in the file may be a secret
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_a_key_without_value(cls, value: object, info: ValidationInfo) -> object:
        if value is None and isinstance(info.context, Reading) and not info.context.stored:
            raise PydanticKnownError("string_type")
        return value


@dataclass(frozen=True, slots=True)
class Like:
    """How a value is written, for those who wrote it otherwise."""

    text: str


def left_out(default: Any) -> Any:
    """A key that need not be written; what was agreed without it reads and is stored as if there were no such key."""
    return Field(default=default, exclude_if=lambda value: value == default)


@dataclass(frozen=True, slots=True)
class Place:
    """What is expected at a place of the file: a model, a container or a single value."""

    kind: Any
    like: str | None

    @classmethod
    def of(cls, annotation: Any, metadata: Sequence[object] = ()) -> Self:
        if get_origin(annotation) is Annotated:
            annotation, *own = get_args(annotation)
            return cls.of(annotation, (*own, *metadata))
        if type(None) in get_args(annotation):
            return cls.of(next(arg for arg in get_args(annotation) if arg is not type(None)), metadata)
        return cls(annotation, next((entry.text for entry in metadata if isinstance(entry, Like)), None))

    @property
    def keys(self) -> Mapping[str, "Place"]:
        """The keys that are known here, as they are written."""
        if not (isinstance(self.kind, type) and issubclass(self.kind, Entry)):
            return {}
        fields = self.kind.model_fields.items()
        return {field.alias or name: Place.of(field.annotation, field.metadata) for name, field in fields}

    def within(self, step: str | int) -> "Place | None":
        if keys := self.keys:
            return keys.get(str(step))
        match get_args(self.kind):
            case (_, kind) if kind is not Ellipsis:
                return Place.of(kind)
            case (kind, _):
                return Place.of(kind)
            case _:
                return None


def known_keys(root: type[Entry], loc: Loc) -> Sequence[str]:
    """The keys that can be written in the mapping at `loc`."""
    place: Place | None = Place.of(root)
    for step in loc:
        place = place.within(step) if place else None
    return tuple(place.keys) if place else ()


def example(root: type[Entry], loc: Loc) -> str:
    """How the value at `loc` is written with its key, or the nearest around it that has an example."""
    place: Place | None = Place.of(root)
    text = ""
    for step in loc:
        place = place.within(step) if place else None
        if place and place.like and isinstance(step, str):
            text = f"{step}: {place.like}"
    return text
