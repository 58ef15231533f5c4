"""Takes pictures of what somebody sees in the playground's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error, Locator, Page, expect

from bot.playground import Message
from tests.scenarios.world import World

HIGH = 2_400
"""Pixels: a page so high shows a whole card, form or Home tab without scrolling."""
TRIES = 5
UNFOLDED = """
    #app { align-items: start }
    #thread { width: 700px; flex: none; height: auto }
    #replies, #messages { overflow: visible; flex: none; height: auto }
    #thread-composer { display: none }
    #modal { max-height: none }
    #modal .modal-sheet, #modal .modal-form, #modal .modal-body { overflow: visible }
"""
"""A thread, a channel or a form is as high as what stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    channel: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    file: str
    caption: str


class Camera:
    """Each picture is of one scene; its file has the scene's name and its number there."""

    def __init__(self, page: Page, story: World, folder: Path, scene: str) -> None:
        self._page = page
        self._story = story
        self._folder = folder
        self._scene = scene
        self._taken: list[Picture] = []

    @property
    def taken(self) -> Sequence[Picture]:
        return tuple(self._taken)

    async def card(self, caption: str, channel: str, *, by: str = "ana") -> None:
        """The newest card of the channel."""
        await self.message(caption, channel, self._story.card(channel), by=by)

    async def message(self, caption: str, channel: str, message: Message, *, by: str = "ana") -> None:
        await self._visit(by, channel)
        await self._take(caption, self._page.locator(f'#messages .message[data-ts="{message.ts}"]'))

    async def answer(self, caption: str, channel: str, *, by: str = "ana") -> None:
        """What only `by` was told last in the channel."""
        await self._visit(by, channel)
        await self._take(caption, self._page.locator("#messages .message.ephemeral").last)

    async def direct(self, caption: str, *, by: str) -> None:
        """The newest direct message of the bot to `by`."""
        place = self.newest_directly(by)
        await self._go(by, place.channel)
        await self._take(caption, self._page.locator(f'#messages .message[data-ts="{place.ts}"]'))

    def newest_directly(self, by: str) -> Place:
        person = self._story.slack.workspace.user(by).id
        channels = [each for each in self._story.slack.workspace.channels.values() if not each.name]
        (place,) = [each for each in channels if person in each.members]
        return Place(channel=place.id, ts=place.visible()[-1].ts)

    async def thread(self, caption: str, channel: str, *, by: str = "ana") -> None:
        """The card of the channel with everything below it."""
        await self._visit(by, channel, self._story.card(channel).ts)
        await self._take(caption, self._page.locator("#thread"))

    async def channel(self, caption: str, channel: str, *, by: str = "ana") -> None:
        await self._visit(by, channel)
        await expect(self._page.locator("#messages .message").last).to_be_visible()
        await self._take(caption, self._page.locator("#messages"))

    async def form(self, caption: str, *, by: str = "ana", channel: str = "tier-1-support") -> None:
        """The form that is open before `by`."""
        await self._visit(by, channel)
        await self._take(caption, self._page.locator("#modal[open]"))

    async def home(self, caption: str, *, by: str = "ana") -> None:
        await self._story.slack.open_home(by)
        await self._story.bot.settled()
        await self._go(by, "home")
        await self._take(caption, self._page.locator("#home .home-page"))

    async def _visit(self, user: str, channel: str, thread: str | None = None) -> None:
        place = self._story.slack.workspace.channel(channel).id
        await self._go(user, place, *([thread] if thread else []))

    async def _go(self, user: str, *where: str) -> None:
        person = self._story.slack.workspace.user(user).id
        await self._page.goto("about:blank")  # the address alone would not load the page anew
        await self._page.goto("/".join([f"{self._story.slack.url}/#", person, *where]))

    async def _take(self, caption: str, what: Locator) -> None:
        await self._page.add_style_tag(content=UNFOLDED)
        await expect(what).to_be_visible()
        file = f"{self._scene}-{len(self._taken) + 1}.png"
        await _pictured(what, self._folder / file)
        self._taken.append(Picture(file=file, caption=caption))


async def _pictured(what: Locator, path: Path) -> None:
    """Once more when the page drew it anew meanwhile."""
    for tries_left in reversed(range(TRIES)):
        try:
            await what.screenshot(path=path, animations="disabled")
        except Error:
            if not tries_left:
                raise
        else:
            return
