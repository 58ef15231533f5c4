"""How most stories before the camera begin."""

from tests.scenarios.world import World

FIRST, SECOND, LAST = "tier-1-support", "tier-2-platform", "tier-4-management"
STAKEHOLDERS, FALLBACK = "incident-updates", "escalation-fallback"
TITLE = "Checkout shows a blank page after payment"


async def opened(story: World, *, severity: str = "sev1") -> None:
    await story.command("sam", f"/incident open {severity} checkout: {TITLE}")
    await story.advance(seconds=2)


async def taken(story: World) -> None:
    await opened(story)
    await story.advance(minutes=2)
    await story.click("ana", FIRST, "acknowledge")
    await story.advance(seconds=5)


async def worked_on(story: World, *, minutes: int) -> None:
    """With a word every twenty minutes, so that nobody is asked whether they are still on it."""
    for _ in range(minutes // 20):
        await story.advance(minutes=20)
        await story.command("ana", "/incident note INC-1 still looking", FIRST)
    await story.advance(minutes=minutes % 20)
