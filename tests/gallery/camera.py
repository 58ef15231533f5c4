"""Takes pictures of what somebody sees in the playground's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Error, Locator, Page, expect

from bot.playground import Message
from tests.clock import ManualClock
from tests.scenarios.world import World

HIGH = 2_400
"""Pixels: a page so high shows a whole card, form or Home tab without scrolling."""
TRIES = 5
UNFOLDED = """
    #app { align-items: start }
    #thread { width: 700px; flex: none; height: auto }
    #replies, #messages { overflow: visible; flex: none; height: auto }
    #main { flex: none; width: 1040px; height: auto }
    #composer, #thread-composer, #notices { display: none }
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


class NappingClock(ManualClock):
    """It can also move without a word, as the machine's clock does while its process is suspended."""

    def nap(self, span: timedelta) -> None:
        self._now += span


class Camera:
    """Each picture is of one scene; its file has the scene's name and its number there.

    `cards`, `forms` and `homes` are what was seen in them: the texts of messages, the names of forms, and Home tabs.
    """

    def __init__(self, page: Page, story: World, clock: NappingClock, folder: Path, scene: str) -> None:
        self._page = page
        self._story = story
        self._clock = clock
        self._folder = folder
        self._scene = scene
        self._taken: list[Picture] = []
        self.cards: list[str] = []
        self.forms: list[str] = []
        self.homes: list[str] = []

    @property
    def taken(self) -> Sequence[Picture]:
        return tuple(self._taken)

    async def card(self, caption: str, channel: str, *, by: str = "ana") -> None:
        """The newest card of the channel."""
        await self.message(caption, channel, self._story.card(channel), by=by)

    async def message(self, caption: str, channel: str, message: Message, *, by: str = "ana") -> None:
        self.cards.append(message.text)
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
        await self.thread_of(caption, channel, self._story.card(channel), by=by)

    async def thread_of(self, caption: str, channel: str, message: Message, *, by: str = "ana") -> None:
        await self._visit(by, channel, message.ts)
        await self._take(caption, self._page.locator("#thread"))

    async def channel(self, caption: str, channel: str, *, by: str = "ana") -> None:
        await self._visit(by, channel)
        await expect(self._page.locator("#messages .message").last).to_be_visible()
        await self._take(caption, self._page.locator("#messages"))

    async def room(self, caption: str, channel: str, *, by: str = "ana") -> None:
        """The whole channel with its topic and its bookmarks."""
        await self._visit(by, channel)
        await expect(self._page.locator("#messages .message").last).to_be_visible()
        await self._take(caption, self._page.locator("#main"))

    async def form(self, caption: str, *, by: str = "ana", channel: str = "tier-1-support") -> None:
        """The form that is open before `by`."""
        view = self._story.slack.workspace.modal(by)
        assert view is not None, "no form is open"
        self.forms.append(str(view.source.get("callback_id")))
        await self._visit(by, channel)
        await self._take(caption, self._page.locator("#modal[open]"))

    async def refused_form(self, caption: str, written: Mapping[str, str], *, by: str = "ana") -> None:
        """The form that is open before `by` after it was filled in, by the labels of its fields, and sent in."""
        await self._visit(by, "tier-1-support")
        form = self._page.locator("#modal[open]")
        for label, words in written.items():
            await form.get_by_label(label).fill(words)
        await form.locator("[data-key=modal-submit]").click()
        await expect(form.locator(".input-error")).to_be_visible()
        await self._take(caption, form)

    async def home(self, caption: str, *, by: str = "ana") -> None:
        await self._story.slack.open_home(by)
        await self._story.bot.settled()
        view = self._story.slack.workspace.home(by)
        assert view is not None, "no Home tab was published"
        self.homes.append(str(view.source))
        await self._go(by, "home")
        await self._take(caption, self._page.locator("#home .home-page"))

    async def suspended(self, *, minutes: int) -> None:
        """The bot sleeps as its machine does: the clock does not tell it that it moves."""
        self._clock.advance(minutes=1)  # a heartbeat, after which it has heard of every move
        await self._story.bot.settled()
        self._clock.nap(timedelta(minutes=minutes))
        self._story.a_second_goes_by()
        await self._story.advance(seconds=10)

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
