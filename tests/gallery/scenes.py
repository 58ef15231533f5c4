"""What there is to be seen, each told as a short story before the camera."""

from collections.abc import Awaitable, Callable, Mapping

from bot.domain.ids import UserId
from tests.gallery.camera import Camera
from tests.scenarios.ephemeral import press
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


async def lists(story: World, camera: Camera) -> None:
    for number in range(1, 13):
        await story.command("sam", f"/incident open sev2 website: Host {number} is slow in Asia")
    await _taken(story)
    await story.command("ana", "/incident list", FIRST)
    await camera.answer("A long list", FIRST)
    await press(story, "ana", "list_severity", value="sev1", channel=FIRST)
    await camera.answer("The list, with a filter chosen", FIRST)
    await press(story, "ana", "show_incident", channel=FIRST)
    await camera.answer("One incident, from the list", FIRST)
    for number in range(1, 40):
        await story.bot.desk.note(13, by=UserId("U0ANA00001"), text=f"Looked at host {number}: nothing unusual")
    await press(story, "ana", "more", value="timeline|13", channel=FIRST)
    await camera.answer("A page of a long story", FIRST)


async def opening_form_with_similar(story: World, camera: Camera) -> None:
    await _taken(story)
    await story.command("sam", "/incident open sev2 checkout: Blank page after the payment", FIRST)
    await story.submit("sam")
    await story.advance(minutes=3)
    await story.command("ben", "/incident open sev1 checkout: Checkout page is blank after payment", FIRST)
    await camera.form("Something similar is open", by="ben")
    form = story.slack.workspace.modal("ben")
    assert form is not None
    await story.slack.click_in_view("ben", form.id, "show_similar")
    await story.bot.settled()
    await camera.form("What is similar, shown on top of the form", by="ben")


async def opening_form(story: World, camera: Camera) -> None:
    await story.command("ana", "/incident", FIRST)
    await camera.form("The form that opens an incident")


async def opening_form_filled_in(story: World, camera: Camera) -> None:
    await story.command("ana", "/incident open sev1 chekout nobody can pay", FIRST)
    await camera.form("Opened by a command that was not clear")


async def forms_about_one(story: World, camera: Camera) -> None:
    await _taken(story)
    await story.command("ana", "/incident update INC-1 identified a bad deploy impact: nobody can pay eta: 40m", FIRST)
    for button in ("update", "resolve"):
        await story.click("ana", FIRST, button)
        await camera.form(f"The button {button.capitalize()}")
    for choice in ("Put on hold…", "Assign…", "Change severity…", "Escalate to…", "Write a note…", "Cancel it…"):
        await story.choose("ana", FIRST, choice)
        await camera.form(f"From the menu: {choice}")


async def form_overtaken(story: World, camera: Camera) -> None:
    await _taken(story)
    await story.click("ana", FIRST, "update")
    await story.command("ben", "/incident update INC-1 identified the payment provider rejects our key", FIRST)
    await story.submit("ana", changed="We look at the payment provider", eta="20m")
    await camera.form("Somebody else was faster")


async def form_filled_in(story: World, camera: Camera) -> None:
    await _taken(story)
    await story.command("ana", "/incident hold INC-1 until dawn the supplier sleeps", FIRST)
    await camera.form("Opened by a command that lacks a time")


async def home(story: World, camera: Camera) -> None:
    await camera.home("Home, when all is quiet")
    await _taken(story)
    await story.command("sam", "/incident open sev2 website: Search is slow in Asia")
    await story.command("sam", "/incident open sev1 payments: Cards are declined")
    await story.advance(minutes=6)
    await camera.home("Home")


async def private(story: World, camera: Camera) -> None:
    await story.command("sam", "/incident open private sev1 checkout: Somebody reads our mail", "general")
    await story.advance(seconds=2)
    await camera.card("Private: the card of its tier", FIRST)
    await story.advance(minutes=45)
    await camera.channel("Private: all that the fallback channel hears", FALLBACK, by="iris")


async def following(story: World, camera: Camera) -> None:
    await _opened(story)
    await story.command("sam", "/incident follow INC-1 @iris", "general")
    await story.advance(seconds=3)
    await camera.direct("Somebody has them follow it", by="iris")
    await story.click("ana", FIRST, "acknowledge")
    await story.advance(seconds=5)
    await camera.direct("An update, directly", by="iris")


async def in_a_thread(story: World, camera: Camera) -> None:
    await _taken(story)
    card = story.card(FIRST)
    await story.slack.react("ana", FIRST, card.ts, "white_check_mark")
    await story.bot.settled()
    await camera.answer("✅ on the card asks", FIRST)
    said = await story.slack.say("ben", FIRST, "The log shows a timeout of the payment provider", thread_ts=card.ts)
    await story.slack.react("ana", FIRST, said.ts, "pushpin")
    await story.bot.settled()
    await story.command("ana", "/incident timeline INC-1", FIRST)
    await camera.answer("📌 keeps a message in the story", FIRST)


async def feedback(story: World, camera: Camera) -> None:
    await _taken(story)
    await story.command("ana", "/incident resolve INC-1 Rolled back the deploy", FIRST)
    await story.advance(seconds=5)
    await camera.direct("Feedback: the question", by="sam")
    question = camera.newest_directly("sam")
    await story.slack.click("sam", question.channel, question.ts, "feedback_4")
    await story.bot.settled()
    await camera.form("Feedback: its form", by="sam", channel="general")


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
    "lists": lists,
    "form-open": opening_form,
    "form-open-similar": opening_form_with_similar,
    "form-open-filled-in": opening_form_filled_in,
    "forms": forms_about_one,
    "form-overtaken": form_overtaken,
    "form-filled-in": form_filled_in,
    "home": home,
    "private": private,
    "following": following,
    "in-a-thread": in_a_thread,
    "feedback": feedback,
}
