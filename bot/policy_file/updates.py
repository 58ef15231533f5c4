"""The key `updates`: how people are held to telling stakeholders themselves."""

from typing import Annotated

from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.values import Duration, Percent


class UpdatesEntry(Entry):
    """Reminders of stakeholder updates, and who hears when a person has not written one."""

    nudge_before: Annotated[Duration | None, Like("5m")] = left_out(None)
    """So long before the next update is due, whoever has the incident is reminded of it; left out, nobody is."""
    overdue_after: Annotated[Percent | None, Like("50%")] = left_out(None)
    """When an update went out without a person's words, managers hear of it after this much of the time between two
    updates; left out, they do not."""
