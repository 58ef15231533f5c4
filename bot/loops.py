"""The loops of one running bot: which work is done by which, and what each is woken by."""

from datetime import time

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ServerClock
from bot.notifier import Notifier
from bot.parts import Parts
from bot.scheduler import Loop, Work
from bot.services.auditor import Auditor, Nobody, Url
from bot.services.cards import CardKeeper
from bot.services.common_time import CommonTime
from bot.services.delivery import Delivery
from bot.services.elsewhere import Elsewhere
from bot.services.giving_up import GivingUp
from bot.services.inbox import Inbox
from bot.services.incident_channels import IncidentChannels
from bot.services.jobs import DailyJob
from bot.services.last_look import LastLook
from bot.services.parachute import ParachuteKeeper
from bot.services.people import Names
from bot.services.policies import PolicyWatch
from bot.services.pulse import Pulse
from bot.services.retention import Retention
from bot.services.room_tasks import RoomTasks
from bot.services.signal import News
from bot.services.sweep import Sweep
from bot.services.tick import Tick
from bot.settings import Settings
from bot.slack.channels import SlackChannels
from storage.database import Database

AT_NIGHT = time(3)
"""In UTC, when old rows are removed."""


def promises(parts: Parts, notifier: Notifier) -> list[Loop]:
    """What becomes due, and what is said of it."""
    database, workspace_id, book, on_call = parts.database, parts.workspace_id, parts.book, parts.on_call
    slack, clock, errands, changed, health = parts.slack, parts.clock, parts.errands, parts.changed, parts.health
    elsewhere = Elsewhere(database, workspace_id, book, notifier, clock, errands, health, changed)
    look = LastLook(database, book, on_call, clock)
    giving_up, names = GivingUp(book, elsewhere), Names(parts.workspace, clock)
    delivery = Delivery(database, workspace_id, look, giving_up, slack, names, clock, errands, health, changed)
    cards = CardKeeper(database, workspace_id, book, on_call, slack, clock, errands, changed)
    return [
        _woken(parts, News.INCIDENTS, "tick", Tick(database, workspace_id, book, clock, changed, parts.metrics)),
        _woken(parts, News.INCIDENTS | News.MESSAGES, "delivery", delivery),
        _woken(parts, News.INCIDENTS | News.MESSAGES | News.CARDS, "cards", cards),
        _woken(parts, News.INCIDENTS | News.MESSAGES, "elsewhere", elsewhere),
        _woken(parts, News.MESSAGES, "sweep", Sweep(database, workspace_id, slack, clock)),
        Loop("policy", PolicyWatch(database, workspace_id, book, clock), clock),
        Loop("on_call", on_call, clock),
    ]


def intake(parts: Parts, inbox: Inbox, pulse: Pulse) -> list[Loop]:
    return [
        Loop("heartbeat", pulse, parts.clock),
        Loop("memberships", parts.memberships, parts.clock),
        _woken(parts, News.EVENTS, "inbox", inbox),
    ]


def common_time(database: Database, clock: ServerClock) -> Loop:
    return Loop("clock", CommonTime(database, clock), clock)


def home_tabs(parts: Parts) -> Loop:
    loop = _woken(parts, News.INCIDENTS, "homes", parts.tabs)
    parts.drawing.subscribe(loop.wake)
    return loop


def watch(parts: Parts, settings: Settings, web: aiohttp.ClientSession) -> list[Loop]:
    """What looks after the bot itself: should it be gone, should it stand still, and what it need not keep."""
    database, workspace_id, book, clock = parts.database, parts.workspace_id, parts.book, parts.clock
    parachutes = ParachuteKeeper(
        database, workspace_id, book, parts.on_call, parts.slack, clock, parts.changed, wanted=settings.parachute
    )
    url = settings.heartbeat_url
    listener = Nobody() if url is None else Url(web, url.get_secret_value())
    auditor = Auditor(database, workspace_id, book, clock, parts.health, listener)
    retention = Retention(database, workspace_id, keep=settings.keep)
    cleaning = DailyJob("retention", database, workspace_id, clock, retention, at=AT_NIGHT)
    return [
        _woken(parts, News.INCIDENTS, "parachute", parachutes),
        Loop("auditor", auditor, clock),
        Loop("retention", cleaning, clock),
    ]


def incident_channels(parts: Parts, client: AsyncWebClient) -> Loop:
    database, workspace_id, slack, clock = parts.database, parts.workspace_id, parts.slack, parts.clock
    tasks = RoomTasks(database, workspace_id, parts.identity.bot_user_id, SlackChannels(client), slack, clock)
    keeper = IncidentChannels(
        database,
        workspace_id,
        parts.book,
        parts.on_call,
        parts.memberships,
        Names(parts.workspace, clock),
        tasks,
        clock,
        parts.changed,
    )
    return _woken(parts, News.INCIDENTS | News.MESSAGES, "incident_channels", keeper)


def _woken(parts: Parts, by: News, name: str, work: Work) -> Loop:
    """By what this process changes, for work that must not wait for the next second."""
    loop = Loop(name, work, parts.clock)
    parts.changed.subscribe(loop.wake, to=by)
    return loop
