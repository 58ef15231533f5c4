"""The keys of the reactions on a card: the names of emoji."""

from typing import Annotated, Self

from pydantic import AfterValidator, ValidationInfo, WithJsonSchema, field_validator, model_validator

from bot.domain.policy import ACKNOWLEDGING, RESOLVING
from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.values import checked, refused

OFF = ("", "none")
"""How it is written that no emoji does it."""

_EMOJI = r":?[a-z0-9_+'-]{1,100}:?"
_AN_EMOJI = checked(_EMOJI, "is not the name of an emoji; write it like eyes, as Slack shows it between colons.")


def _emoji(value: str) -> str:
    return "" if value in OFF else _AN_EMOJI(value).strip(":")


EmojiName = Annotated[
    str, AfterValidator(_emoji), WithJsonSchema({"type": ["string", "null"], "pattern": f"^({_EMOJI}|)$"})
]
"""Empty when no emoji does it."""


class ReactionsEntry(Entry):
    """What an emoji on an incident's card in a tier's channel does."""

    acknowledge: Annotated[EmojiName, Like("eyes")] = left_out(ACKNOWLEDGING)
    """Whoever adds this one has acknowledged; none for no emoji."""
    resolve: Annotated[EmojiName, Like("white_check_mark")] = left_out(RESOLVING)
    """Whoever adds this one is asked whether it is resolved; none for no emoji."""

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_a_key_without_value(cls, value: object, info: ValidationInfo) -> object:
        """Here it means something: no emoji."""
        return "" if value is None else value

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.acknowledge and self.acknowledge == self.resolve:
            raise refused(
                f'"{self.resolve}" cannot both acknowledge and resolve; choose another emoji for one of them.'
            )
        return self
