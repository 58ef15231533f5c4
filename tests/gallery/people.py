"""What belongs to one person: Home, direct messages, and what an emoji or a mention does."""

from tests.gallery.camera import Camera
from tests.gallery.openings import FIRST, opened, taken
from tests.scenarios.world import World


async def home(story: World, camera: Camera) -> None:
    await camera.home("Home, when all is quiet")
    await taken(story)
    await story.command("sam", "/incident open sev2 website: Search is slow in Asia")
    await story.command("sam", "/incident open sev1 payments: Cards are declined")
    await story.advance(minutes=6)
    await camera.home("Home")
    await story.advance(minutes=60)
    await camera.home("Home of a manager, when nobody answered", by="iris")


async def following(story: World, camera: Camera) -> None:
    await opened(story)
    await story.command("sam", "/incident follow INC-1 @iris", "general")
    await story.advance(seconds=3)
    await camera.direct("Somebody has them follow it", by="iris")
    await story.click("ana", FIRST, "acknowledge")
    await story.advance(seconds=5)
    await camera.direct("An update, directly", by="iris")


async def in_a_thread(story: World, camera: Camera) -> None:
    await taken(story)
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
    await taken(story)
    await story.command("ana", "/incident resolve INC-1 Rolled back the deploy", FIRST)
    await story.advance(seconds=5)
    await camera.direct("Feedback: the question", by="sam")
    question = camera.newest_directly("sam")
    await story.slack.click("sam", question.channel, question.ts, "feedback_4")
    await story.bot.settled()
    await camera.form("Feedback: its form", by="sam", channel="general")
