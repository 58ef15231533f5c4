"""What the words of a command may name, beside what the grammar knows itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.domain.ids import UserId
from bot.domain.policy import Impact, Severity, Urgency

Matrix = Mapping[tuple[Impact, Urgency], Severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`services` and `matrix` are the policy's; `people` are those whose names Slack recognised in what was typed.

    A person is found by the words that stand for them: `@ana`.
    """

    services: Collection[str]
    matrix: Matrix = field(default_factory=dict)
    people: Mapping[str, UserId] = field(default_factory=dict)
