"""What one person reads who typed a command or pressed a button."""

from collections.abc import Mapping

from bot.domain.ids import UserId
from tests.gallery.camera import Camera
from tests.gallery.openings import FIRST, SECOND, opened, taken
from tests.scenarios.ephemeral import press
from tests.scenarios.world import World

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


async def answers(story: World, camera: Camera) -> None:
    await opened(story)
    await story.command("sam", "/incident open sev3 website: Search is slow in Asia")
    await story.advance(minutes=6)
    for typed, caption in ANSWERS.items():
        await story.command("ana", typed, FIRST)
        await camera.answer(caption, FIRST)


async def lists(story: World, camera: Camera) -> None:
    for number in range(1, 13):
        await story.command("sam", f"/incident open sev2 website: Host {number} is slow in Asia")
    await taken(story)
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


REFUSED: Mapping[str, tuple[str, str]] = {
    "/incident resolve INC-1": ("sam", "Refused: not allowed"),
    "/incident ack INC-1": ("ben", "Refused: somebody was faster"),
    "/incident show INC-99": ("ben", "Refused: there is none"),
    "/incident cancel INC-1 duplicate of INC-1": ("ben", "Refused: a duplicate of itself"),
    "/incident frobnicate INC-1": ("ben", "Refused: no command"),
}


async def refusals(story: World, camera: Camera) -> None:
    await taken(story)
    for typed, (who, caption) in REFUSED.items():
        await story.command(who, typed, FIRST)
        await camera.answer(caption, FIRST, by=who)
    await story.command("ana", "/incident escalate INC-1 it is the database", FIRST)
    await story.advance(seconds=5)
    await story.click("ben", FIRST, "escalate", stale=True)
    await camera.answer("Refused: a click on an old page", FIRST, by="ben")
    await story.command("chloe", "/incident resolve INC-1", SECOND)
    await story.command("ben", "/incident ack INC-1", FIRST)
    await camera.answer("Refused: it is over already", FIRST, by="ben")


DONE: Mapping[str, str] = {
    "/incident open sev2 website: Search is slow in Asia": "Opened",
    "/incident ack INC-1": "Taken",
    "/incident update INC-1 identified a bad deploy eta: 20m": "Stakeholders are told",
    "/incident hold INC-1 2h the supplier looks into it": "Put on hold",
    "/incident resume INC-1": "Resumed",
    "/incident note INC-1 the log shows a timeout": "Noted",
    "/incident follow INC-1": "Followed",
    "/incident assign INC-1 @ben": "Assigned",
    "/incident severity INC-1 sev3 a workaround is known": "Another severity",
    "/incident escalate INC-1 it is the database": "Escalated",
    "/incident resolve INC-1 rolled back": "Resolved",
    "/incident reopen INC-1 it is back": "Reopened",
    "/incident cancel INC-1 a drill": "Cancelled",
}


async def deeds(story: World, camera: Camera) -> None:
    await opened(story)
    for typed, caption in DONE.items():
        await story.command("ana", typed, FIRST)
        await story.advance(seconds=5)
        await camera.answer(f"Answered: {caption}", FIRST)
