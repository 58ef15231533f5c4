"""INC-1 of checkout in a small policy with every clock, and the words to tell its story in."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.clock import ManualClock
from tests.scenarios.world import Said, World, answer_text, filled_in, world

POLICY = """
severities:
  sev1: {ack_within: 5m, resolve_within: 1h, update_every: 12h, ack_expires_after: 30m}
  sev2: {ack_within: 15m, resolve_within: 4h, update_every: 12h, ack_expires_after: 2h}
  sev3: {ack_within: 60m, update_every: 12h}
  sev4: {ack_within: 4h, update_every: 24h}
impact_urgency:
  high: {high: sev1, medium: sev2, low: sev3}
  medium: {high: sev2, medium: sev3, low: sev3}
  low: {high: sev3, medium: sev4, low: sev4}
services:
  checkout: {policy: default}
  payments: {policy: cards}
policies:
  default:
    tiers:
      - {name: First line, channel: "#tier-1-support", people: ["@ana", "@ben"], managers: ["@grace"]}
      - {name: Platform, channel: "#tier-2-platform", people: ["@chloe"], managers: ["@hugo"]}
  cards:
    tiers:
      - {name: Cards, channel: "#tier-3-experts", people: ["@emi"]}
      - {name: Card experts, channel: "#tier-4-management", people: ["@finn"]}
stakeholder_channel: "#incident-updates"
fallback_channel: "#escalation-fallback"
"""

ANA, BEN, CHLOE, EMI = "<@U0ANA00001>", "<@U0BEN00001>", "<@U0CHLOE001>", "<@U0EMI00001>"
OTHERWISE = "Please acknowledge by 03:05; otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>."
WHAT = "Checkout is down (INC-1, sev1, checkout)."


@asynccontextmanager
async def a_story(clock: ManualClock, database_url: str, policy_file: Path) -> AsyncIterator[World]:
    """INC-1 is open, sev1, at tier 1."""
    async with world(clock, database_url, policy_file=policy_file) as story:
        await story.opened()
        yield story


async def asked(story: World, user: str, typed: str) -> str:
    text = answer_text(await story.command(user, f"/incident {typed}"))
    assert text is not None
    await story.advance(seconds=2)
    return text


async def unclear(story: World, user: str, typed: str) -> str:
    """What is wrong with what was typed, as the form says it that opened for it."""
    form = filled_in((await story.command(user, f"/incident {typed}")).view)
    return (form.get("form_problem") or "").removeprefix("⚠️ ").partition("\nYou wrote:")[0]


def told(story: World) -> Sequence[Said]:
    """What was said to those who work on it; what stakeholders read is taken too."""
    return [said for said in story.said() if not said.place.startswith("#incident-updates")]


def newest_with(button: str, story: World, channel: str = "tier-1-support") -> str:
    """The message that offers the button, also in a thread."""
    found = [
        message.ts
        for message in story.slack.workspace.channel(channel).visible()
        for block in message.blocks
        if block["type"] == "actions" and any(element["action_id"] == button for element in block["elements"])
    ]
    return max(found, key=float)


def first_message(story: World, channel: str = "tier-1-support") -> str:
    return story.slack.workspace.channel(channel).visible()[0].ts
