"""policy.yml: what was agreed, as a person writes it, and its way to the domain's `Policy`.

Whatever it does not understand it refuses, with file, line and the fix. It looks nothing up in Slack.
"""

from bot.policy_file.directory import Directory, to_policy, unresolved
from bot.policy_file.document import Names, PolicyDocument, TargetsEntry
from bot.policy_file.errors import PolicyFileError
from bot.policy_file.reading import read

__all__ = [
    "Directory",
    "Names",
    "PolicyDocument",
    "PolicyFileError",
    "TargetsEntry",
    "read",
    "to_policy",
    "unresolved",
]
