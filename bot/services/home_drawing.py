"""A Home tab as it is about to be shown, and how long what it says is about true."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.concern import deadlines
from bot.slack.blocks.countdown import EXACT
from bot.slack.blocks.home import HomePage, home_view
from bot.slack.blocks.rendered import View
from bot.slack.ids import BlockId
from storage.homes import Home

WITH_EACH_MINUTE = timedelta(minutes=1)
NOW_AND_THEN = timedelta(minutes=5)


class Drawing:
    def __init__(self, home: Home, page: HomePage) -> None:
        self.home = home
        self.view = home_view(page)
        self.digest = digest_of(self.view)
        self._instants = [
            instant
            for one in page.rows
            for instant in (*deadlines(one.incident, one.policy), *([one.breached_at] if one.breached_at else ()))
        ]

    def again_at(self, now: datetime) -> datetime:
        return again_at(self._instants, now)


def again_at(instants: Iterable[datetime], now: datetime) -> datetime:
    """When what is said of the instants is no longer about true: every minute counts for those that are near."""
    nearest = min((abs(instant - now) for instant in instants), default=None)
    if nearest is None:
        return now + NOW_AND_THEN
    return now + min(max(nearest - EXACT, WITH_EACH_MINUTE), NOW_AND_THEN)


def digest_of(view: View) -> str:
    """Of all but when it was drawn."""
    blocks = [block for block in view["blocks"] if block.get("block_id") != BlockId.HOME_AS_OF]
    return hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()
