"""What a renderer returns: a message, or the JSON of a view."""

from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]
View = dict[str, Any]

TEXT_LIMIT = 3_900
"""Slack refuses an edit whose `text` is over 4,000 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """`text` says it all by itself: notifications and screen readers get nothing else."""

    text: str
    blocks: list[Block]
