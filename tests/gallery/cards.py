"""The cards, in every state, and what is said below them."""

from tests.gallery.camera import Camera
from tests.gallery.openings import FALLBACK, FIRST, LAST, SECOND, STAKEHOLDERS, opened, taken, worked_on
from tests.scenarios.world import World


async def open_card(story: World, camera: Camera) -> None:
    await opened(story)
    await camera.card("Open: the page, as it rings", FIRST)
    await camera.card("The stakeholders' message", STAKEHOLDERS, by="sam")
    await story.advance(minutes=3, seconds=50)
    await camera.card("Warned", FIRST)
    await camera.thread("The warning below it", FIRST)


async def breached(story: World, camera: Camera) -> None:
    await opened(story)
    await story.advance(minutes=5, seconds=5)
    await camera.card("Breached: the page of the second tier", SECOND, by="chloe")
    await camera.card("Escalated away: what the first tier's card says", FIRST)
    await camera.thread("The breach below it, with the managers", FIRST, by="grace")


async def acknowledged(story: World, camera: Camera) -> None:
    await taken(story)
    await camera.card("Acknowledged", FIRST)
    await story.advance(minutes=31)
    await camera.card("Asked whether they are still on it", FIRST)
    await camera.thread("The question", FIRST)
    await story.advance(minutes=6)
    await camera.card("Expired: nobody has it any more", FIRST)
    await camera.thread("Expired: the page below it", FIRST)


async def on_hold(story: World, camera: Camera) -> None:
    await taken(story)
    await story.command("ana", "/incident hold INC-1 2h the supplier is looking into it", FIRST)
    await story.advance(seconds=5)
    await camera.card("On hold", FIRST)
    await camera.card("On hold, for stakeholders", STAKEHOLDERS, by="sam")
    await story.advance(hours=2)
    await camera.thread("The hold is over", FIRST)


async def exhausted(story: World, camera: Camera) -> None:
    await opened(story)
    await story.advance(minutes=45)
    await camera.card("Exhausted: the card of the last tier", LAST, by="iris")
    await camera.thread("How it rang again and again", LAST, by="iris")
    await camera.channel("Exhausted: the alarm in the fallback channel", FALLBACK, by="iris")


async def resolved(story: World, camera: Camera) -> None:
    await taken(story)
    told = "identified a bad deploy impact: a third of payments fail action: rolling back owner: me eta: 20m"
    await story.command("ana", f"/incident update INC-1 {told}", FIRST)
    await story.advance(seconds=5)
    await camera.card("With the last update", FIRST)
    await camera.card("With the last update, for stakeholders", STAKEHOLDERS, by="sam")
    await story.advance(minutes=12)
    await story.command("ana", "/incident resolve INC-1 Rolled back the deploy data loss: none", FIRST)
    await story.advance(seconds=5)
    await camera.card("Resolved", FIRST)
    await camera.card("Resolved, for stakeholders", STAKEHOLDERS, by="sam")
    await camera.thread("All that stakeholders read", STAKEHOLDERS, by="sam")
    await story.command("sam", "/incident reopen INC-1 it is back", FIRST)
    await story.advance(seconds=5)
    await camera.card("Reopened", FIRST)
    await camera.thread("Reopened: the page below it", FIRST)


async def cancelled(story: World, camera: Camera) -> None:
    await opened(story)
    await story.command("grace", "/incident cancel INC-1 a drill", FIRST)
    await story.advance(seconds=5)
    await camera.card("Cancelled", FIRST)
    await camera.card("Cancelled, for stakeholders", STAKEHOLDERS, by="sam")


async def moved_by_hand(story: World, camera: Camera) -> None:
    await opened(story, severity="sev2")
    await story.command("ana", "/incident escalate INC-1 it is the database", FIRST)
    await story.advance(seconds=5)
    await camera.card("Escalated by a person: the card that was left", FIRST)
    await camera.card("Escalated by a person: the page of the next tier", SECOND, by="chloe")
    await story.command("grace", "/incident severity INC-1 sev1 everybody is affected", SECOND)
    await story.advance(seconds=5)
    await camera.card("Raised to sev1 at the second tier", SECOND, by="chloe")
    await camera.thread("Raised to sev1: who is told", SECOND, by="chloe")


async def resolution_breached(story: World, camera: Camera) -> None:
    await taken(story)
    await worked_on(story, minutes=182)
    await camera.card("Three quarters of the time to resolve are over", FIRST)
    await worked_on(story, minutes=60)
    await camera.card("Not resolved in time: the page of the second tier", SECOND, by="chloe")
    await camera.thread("Not resolved in time: what managers read", FIRST, by="grace")


async def handed_on(story: World, camera: Camera) -> None:
    await opened(story, severity="sev2")
    await story.command("ben", "/incident assign INC-1 @ana", FIRST)
    await story.advance(seconds=5)
    await story.click("ana", FIRST, "not_mine")
    await story.advance(seconds=5)
    await camera.thread("Asked to take it, and passed on to the next tier", FIRST)
    await story.command("chloe", "/incident escalate INC-1 to Management it is the contract", SECOND)
    await story.advance(seconds=5)
    await story.click("grace", LAST, "not_mine")
    await story.advance(seconds=5)
    await camera.card("Passed on to the next person", LAST, by="hugo")
    await camera.thread("Passed on: the page of the next person", LAST, by="hugo")
    await story.click("hugo", LAST, "acknowledge")
    await story.command("hugo", "/incident assign INC-1 @iris", LAST)
    await story.advance(seconds=5)
    await camera.thread("Given to somebody", LAST, by="iris")


async def updates(story: World, camera: Camera) -> None:
    await opened(story)
    await story.advance(minutes=2)
    await story.click("ana", FIRST, "acknowledge")
    await story.advance(minutes=65)
    await camera.thread("Stakeholders: what is posted when nobody writes", STAKEHOLDERS, by="sam")


async def private(story: World, camera: Camera) -> None:
    await story.command("sam", "/incident open private sev1 checkout: Somebody reads our mail", "general")
    await story.advance(seconds=2)
    await camera.card("Private: the card of its tier", FIRST)
    await story.advance(minutes=45)
    await camera.channel("Private: all that the fallback channel hears", FALLBACK, by="iris")


async def incident_channel(story: World, camera: Camera) -> None:
    await opened(story)
    await story.advance(seconds=5)
    await camera.card("The card names the channel of its incident", FIRST)
    (room,) = [each.name for each in story.slack.workspace.channels.values() if each.creator]
    await camera.room("The channel of one incident: topic, bookmark, first message", room)
    await story.click("ana", FIRST, "acknowledge")
    await story.command("ana", "/incident resolve INC-1 Rolled back the deploy", FIRST)
    await story.advance(minutes=1)
    await camera.room("Resolved: its topic says so", room)
    await story.advance(hours=24)
    await camera.room("Archived, a day later", room)


async def lost_channel(story: World, camera: Camera) -> None:
    story.slack.archive(SECOND)
    await opened(story)
    await story.advance(minutes=5, seconds=30)
    await camera.channel("A page that could not be posted", FALLBACK, by="iris")


async def away(story: World, camera: Camera) -> None:
    await opened(story)
    await story.command("sam", "/incident open sev2 website: Search is slow in Asia")
    await camera.suspended(minutes=40)
    await camera.channel("Tierline was away: its report", FALLBACK, by="iris")
    await camera.card("Catching up: the page of the second tier", SECOND, by="chloe")
