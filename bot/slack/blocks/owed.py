"""What is said of updates that people owe the stakeholders: to who has the incident, and to managers."""

from bot.catalogue import t
from bot.domain.incident import Incident
from bot.domain.message import OverdueNotice, UpdateNudge
from bot.domain.policy import Mention, MentionKind
from bot.slack.blocks import buttons
from bot.slack.blocks.mrkdwn import time_of, user
from bot.slack.blocks.notice import asking, notice
from bot.slack.blocks.rendered import Rendered


def update_nudge(incident: Incident, nudge: UpdateNudge) -> Rendered:
    """A reminder just before the update is due, to the one person who can write it best."""
    told = notice(
        incident,
        (Mention(kind=MentionKind.USER, slack_id=nudge.assignee, name=nudge.assignee),),
        t("The next stakeholder update on {key} is due {at}.", key=incident.key, at=time_of(nudge.due_at)),
        t("Write what is new, or Tierline posts what it knows."),
    )
    return asking(told, buttons.of_owed_update(incident))


def overdue_notice(incident: Incident, overdue: OverdueNotice) -> Rendered:
    """Managers can ask who has it, or write it themselves."""
    at = time_of(overdue.since)
    told = notice(
        incident,
        overdue.told,
        _last_words(incident),
        t("An update on {key} was due {at}, and Tierline posted what it knew.", key=incident.key, at=at),
        t("{who} has it: ask for news, or write the update yourself.", who=user(overdue.assignee)),
    )
    return asking(told, buttons.of_owed_update(incident))


def _last_words(incident: Incident) -> str:
    """Since when stakeholders have read nothing that a person wrote."""
    if incident.told_at is None:
        return t("No person has told stakeholders anything yet.")
    return t("No person has told stakeholders anything since {at}.", at=time_of(incident.told_at))
