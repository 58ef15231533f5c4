"""Where those read who are kept informed, in words."""

from bot.catalogue import t
from bot.domain.policy import Policy
from bot.slack.blocks.mrkdwn import channel


def where_told(service: str, policy: Policy, *, is_private: bool) -> str:
    """`in #incident-updates, #sales`."""
    if is_private:
        return t("in direct messages")
    channels = (policy.stakeholders(service), *policy.also_told.get(service, ()))
    return t("in {listed}", listed=", ".join(channel(each) for each in channels))
