"""policy.yml: what was agreed, as a person writes it, and its way to the domain's `Policy`.

Whatever it does not understand it refuses, with file, line and the fix. It looks nothing up in Slack.
"""

from bot.policy_file.directory import Directory, unresolved
from bot.policy_file.document import Names, PolicyDocument
from bot.policy_file.errors import PolicyFileError, Problem
from bot.policy_file.lint import lint
from bot.policy_file.reading import read
from bot.policy_file.schema import schema
from bot.policy_file.severities import TargetsEntry
from bot.policy_file.translation import to_policy

__all__ = [
    "Directory",
    "Names",
    "PolicyDocument",
    "PolicyFileError",
    "Problem",
    "TargetsEntry",
    "lint",
    "read",
    "schema",
    "to_policy",
    "unresolved",
]
