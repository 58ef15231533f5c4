"""A local Slack: Web API, Socket Mode, HTTP delivery and a web page. Imports nothing of the bot."""

from .answer import Answer
from .delivery import HttpDelivery
from .faults import Fault
from .model import Call, Channel, Clock, Message, NotThere, User, View, Workspace
from .playground import Playground
from .sample import sample_workspace
from .speed_clock import SpeedClock

__all__ = [
    "Answer",
    "Call",
    "Channel",
    "Clock",
    "Fault",
    "HttpDelivery",
    "Message",
    "NotThere",
    "Playground",
    "SpeedClock",
    "User",
    "View",
    "Workspace",
    "sample_workspace",
]
