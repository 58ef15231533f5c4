"""What there is to be seen, each told as a short story before the camera."""

from collections.abc import Awaitable, Callable, Mapping

from tests.gallery.camera import Camera
from tests.scenarios.world import World

Scene = Callable[[World, Camera], Awaitable[None]]

FIRST, SECOND, LAST = "tier-1-support", "tier-2-platform", "tier-4-management"
STAKEHOLDERS, FALLBACK = "incident-updates", "escalation-fallback"
TITLE = "Checkout shows a blank page after payment"


async def _opened(story: World, *, severity: str = "sev1", channel: str = "general") -> None:
    await story.command("sam", f"/incident open {severity} checkout: {TITLE}", channel)
    await story.advance(seconds=2)


async def _taken(story: World) -> None:
    await _opened(story)
    await story.advance(minutes=2)
    await story.click("ana", FIRST, "acknowledge")
    await story.advance(seconds=5)


async def open_card(story: World, camera: Camera) -> None:
    await _opened(story)
    await camera.card("Open: the page, as it rings", FIRST)
    await camera.card("The stakeholders' message", STAKEHOLDERS, by="sam")
    await story.advance(minutes=3, seconds=50)
    await camera.card("Warned", FIRST)
    await camera.thread("The warning below it", FIRST)


async def breached(story: World, camera: Camera) -> None:
    await _opened(story)
    await story.advance(minutes=5, seconds=5)
    await camera.card("Breached: the page of the second tier", SECOND, by="chloe")
    await camera.card("Escalated away: what the first tier's card says", FIRST)
    await camera.thread("The breach below it, with the managers", FIRST, by="grace")


async def acknowledged(story: World, camera: Camera) -> None:
    await _taken(story)
    await camera.card("Acknowledged", FIRST)
    await story.advance(minutes=31)
    await camera.card("Asked whether they are still on it", FIRST)
    await camera.thread("The question", FIRST)
    await story.advance(minutes=6)
    await camera.card("Expired: nobody has it any more", FIRST)


async def on_hold(story: World, camera: Camera) -> None:
    await _taken(story)
    await story.command("ana", "/incident hold INC-1 2h the supplier is looking into it", FIRST)
    await story.advance(seconds=5)
    await camera.card("On hold", FIRST)
    await camera.card("On hold, for stakeholders", STAKEHOLDERS, by="sam")


async def exhausted(story: World, camera: Camera) -> None:
    await _opened(story)
    await story.advance(minutes=45)
    await camera.card("Exhausted: the card of the last tier", LAST, by="iris")
    await camera.thread("How it rang again and again", LAST, by="iris")
    await camera.channel("Exhausted: the alarm in the fallback channel", FALLBACK, by="iris")


async def resolved(story: World, camera: Camera) -> None:
    await _taken(story)
    told = "identified a bad deploy impact: a third of payments fail action: rolling back owner: me eta: 20m"
    await story.command("ana", f"/incident update INC-1 {told}", FIRST)
    await story.advance(minutes=12)
    await story.command("ana", "/incident resolve INC-1 Rolled back the deploy data loss: none", FIRST)
    await story.advance(seconds=5)
    await camera.card("Resolved", FIRST)
    await camera.card("Resolved, for stakeholders", STAKEHOLDERS, by="sam")
    await camera.thread("All that stakeholders read", STAKEHOLDERS, by="sam")
    await story.command("sam", "/incident reopen INC-1 it is back", FIRST)
    await story.advance(seconds=5)
    await camera.card("Reopened", FIRST)


async def cancelled(story: World, camera: Camera) -> None:
    await _opened(story)
    await story.command("grace", "/incident cancel INC-1 a drill", FIRST)
    await story.advance(seconds=5)
    await camera.card("Cancelled", FIRST)


async def moved_by_hand(story: World, camera: Camera) -> None:
    await _opened(story, severity="sev2")
    await story.command("ana", "/incident escalate INC-1 it is the database", FIRST)
    await story.advance(seconds=5)
    await camera.card("Escalated by a person: the card that was left", FIRST)
    await story.command("grace", "/incident severity INC-1 sev1 everybody is affected", SECOND)
    await story.advance(seconds=5)
    await camera.card("Raised to sev1 at the second tier", SECOND, by="chloe")


async def updates(story: World, camera: Camera) -> None:
    await _opened(story)
    await story.advance(minutes=2)
    await story.click("ana", FIRST, "acknowledge")
    await story.advance(minutes=65)
    await camera.thread("Stakeholders: what is posted when nobody writes", STAKEHOLDERS, by="sam")


async def answers(story: World, camera: Camera) -> None:
    await _opened(story)
    await story.command("sam", "/incident open sev3 website: Search is slow in Asia")
    await story.advance(minutes=6)
    for typed, caption in ANSWERS.items():
        await story.command("ana", typed, FIRST)
        await camera.answer(caption, FIRST)


ANSWERS: Mapping[str, str] = {
    "/incident list": "The list",
    "/incident show INC-1": "One incident",
    "/incident why INC-1": "Why it is where it is",
    "/incident timeline INC-1": "Its timeline",
    "/incident oncall": "Who is on call",
    "/incident policy": "The policy",
    "/incident policy simulate sev1 checkout at sat 03:00": "The policy's future, simulated",
    "/incident help": "Help",
    "/incident acknowlege INC-1": "A typo",
}


async def opening_form(story: World, camera: Camera) -> None:
    await story.command("ana", "/incident", FIRST)
    await camera.form("The form that opens an incident")


async def opening_form_filled_in(story: World, camera: Camera) -> None:
    await story.command("ana", "/incident open sev1 chekout nobody can pay", FIRST)
    await camera.form("Opened by a command that was not clear")


async def home(story: World, camera: Camera) -> None:
    await camera.home("Home, when all is quiet")
    await _taken(story)
    await story.command("sam", "/incident open sev2 website: Search is slow in Asia")
    await story.command("sam", "/incident open sev1 payments: Cards are declined")
    await story.advance(minutes=6)
    await camera.home("Home")


SCENES: Mapping[str, Scene] = {
    "open": open_card,
    "breached": breached,
    "acknowledged": acknowledged,
    "on-hold": on_hold,
    "exhausted": exhausted,
    "resolved": resolved,
    "cancelled": cancelled,
    "moved-by-hand": moved_by_hand,
    "updates": updates,
    "answers": answers,
    "form-open": opening_form,
    "form-open-filled-in": opening_form_filled_in,
    "home": home,
}
