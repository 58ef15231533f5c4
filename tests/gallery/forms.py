"""The forms, as they open and after something went wrong."""

from tests.gallery.camera import Camera
from tests.gallery.openings import FIRST, taken
from tests.scenarios.world import World


async def opening_form(story: World, camera: Camera) -> None:
    await story.command("ana", "/incident", FIRST)
    await camera.form("The form that opens an incident")


async def opening_form_filled_in(story: World, camera: Camera) -> None:
    await story.command("ana", "/incident open sev1 chekout nobody can pay", FIRST)
    await camera.form("Opened by a command that was not clear")


async def opening_form_with_similar(story: World, camera: Camera) -> None:
    await taken(story)
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


async def forms_about_one(story: World, camera: Camera) -> None:
    await taken(story)
    await story.command("ana", "/incident update INC-1 identified a bad deploy impact: nobody can pay eta: 40m", FIRST)
    for button in ("update", "resolve"):
        await story.click("ana", FIRST, button)
        await camera.form(f"The button {button.capitalize()}")
    for choice in ("Put on hold…", "Assign…", "Change severity…", "Escalate to…", "Write a note…", "Cancel it…"):
        await story.choose("ana", FIRST, choice)
        await camera.form(f"From the menu: {choice}")


async def form_overtaken(story: World, camera: Camera) -> None:
    await taken(story)
    await story.click("ana", FIRST, "update")
    await story.command("ben", "/incident update INC-1 identified the payment provider rejects our key", FIRST)
    await story.submit("ana", changed="We look at the payment provider", eta="20m")
    await camera.form("Somebody else was faster")


async def form_filled_in(story: World, camera: Camera) -> None:
    await taken(story)
    await story.command("ana", "/incident hold INC-1 until dawn the supplier sleeps", FIRST)
    await camera.form("Opened by a command that lacks a time")


async def form_unknown_tier(story: World, camera: Camera) -> None:
    await taken(story)
    await story.command("ben", "/incident escalate INC-1 to Moon it is the tide", FIRST)
    await camera.form("Opened by a command that names no tier", by="ben")


async def form_refused(story: World, camera: Camera) -> None:
    await taken(story)
    await story.click("ana", FIRST, "update")
    written = {"What is new?": "We look at the payment provider", "When will it be solved?": "at dawn"}
    await camera.refused_form("What is wrong is said at the field", written)


async def form_from_a_message(story: World, camera: Camera) -> None:
    said = await story.slack.say("ben", FIRST, "Is anybody else seeing a blank page after the payment?")
    await story.slack.shortcut("ana", "shortcut_from_message", channel=FIRST, ts=said.ts)
    await camera.form("Opened from a message")
    await story.submit("ana", severity="sev1", service="checkout")
    await story.advance(seconds=5)
    await camera.thread_of("Its thread hears of it", FIRST, said)
