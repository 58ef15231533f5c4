"""App Home: what I have, what is open near me, when something happens next, and who is on call."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.catalogue import mark, n, t
from bot.domain.on_call import FeedStatus, ShiftsOf
from bot.domain.policy import Policy
from bot.slack.blocks.home_row import GoingOn, in_one_block, with_buttons
from bot.slack.blocks.layout import actions, context, divider, header, plain_text, section
from bot.slack.blocks.mrkdwn import cut, escape, time_of
from bot.slack.blocks.on_duty import duty_lines
from bot.slack.blocks.rendered import Block, View
from bot.slack.ids import ActionId, BlockId

OWN_SHOWN = 12
NEAR_SHOWN = 12
OTHERS_SHOWN = 5
ALL_OTHERS_SHOWN = 20
DUTIES_SHOWN = 6
FEEDS_SHOWN = 3
"""Together fewer than the hundred blocks of a Home tab, of which a row with buttons takes two."""

FEED_IS_OLD = timedelta(minutes=30)
"""A calendar that was not read for so long may say something else by now."""

WIDE, NARROW = "everything", "mine"
"""What the button that chooses how much is shown asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """What somebody's Home tab tells. Each sequence is in the order in which it is read.

    `policy` is that of new incidents; `is_wide` when everything open was asked for.
    """

    own: Sequence[GoingOn]
    near: Sequence[GoingOn]
    others: Sequence[GoingOn]
    is_wide: bool
    policy: Policy
    shifts_of: ShiftsOf
    feeds: Sequence[FeedStatus]
    now: datetime

    @property
    def everything(self) -> Sequence[GoingOn]:
        return [*self.own, *self.near, *self.others]

    @property
    def rows(self) -> Sequence[GoingOn]:
        """Those that are shown."""
        return [*self.own[:OWN_SHOWN], *self.near[:NEAR_SHOWN], *self.others[: self.most_others]]

    @property
    def most_others(self) -> int:
        return ALL_OTHERS_SHOWN if self.is_wide else OTHERS_SHOWN


def home_view(page: HomePage) -> View:
    return {
        "type": "home",
        "blocks": [
            section(_summary(page)),
            actions(BlockId.HOME_BUTTONS, _buttons(page)),
            *(context(problem) for problem in _problems(page)),
            *(_incidents(page) if page.everything else ()),
            *_on_call(page),
            context(t("As of {now}. It is kept up to date for some hours after you open it.", now=time_of(page.now)))
            | {"block_id": BlockId.HOME_AS_OF.value},
        ],
    }


def _summary(page: HomePage) -> str:
    everything = page.everything
    if not everything:
        return t("*All is quiet.* Nothing is open, and nobody waits for you.")
    breached = sum(one.incident.breach_count > 0 for one in everything)
    unclaimed = sum(one.incident.is_open for one in everything)
    parts = [
        t("*{count} open*", count=n("{number} incident", "{number} incidents", len(everything))),
        t("{own} with you", own=len(page.own)),
        t("{near} in your tiers or followed", near=len(page.near)),
        t("🔴 {unclaimed} with nobody", unclaimed=unclaimed) if unclaimed else "",
        t("⏰ {breached} breached", breached=breached) if breached else "",
    ]
    return " · ".join(part for part in parts if part)


def _buttons(page: HomePage) -> list[Block]:
    opening = _button(ActionId.OPEN_FORM, t("Open incident"), "new") | {"style": "primary"}
    if not page.others and not page.is_wide:
        return [opening]
    if page.is_wide:
        return [opening, _button(ActionId.HOME_SCOPE, t("Only mine and my tiers"), NARROW)]
    return [opening, _button(ActionId.HOME_SCOPE, t("Everything open"), WIDE)]


def _button(action: ActionId, label: str, value: str) -> Block:
    return {"type": "button", "action_id": action.value, "text": plain_text(label), "value": value}


def _problems(page: HomePage) -> Iterator[str]:
    """Why who is on call may not be as it is told."""
    for feed in [feed for feed in page.feeds if _is_old(feed, page.now)][:FEEDS_SHOWN]:
        calendar = t("⚠️ The on-call calendar at {host}", host=cut(escape(feed.host), 100))
        if feed.fetched_at is None:
            yield t("{calendar} was never read, so it pages nobody.", calendar=calendar)
        else:
            yield t(
                "{calendar} was last read {fetched_at}; who is on call may have changed since.",
                calendar=calendar,
                fetched_at=time_of(feed.fetched_at),
            )


def _is_old(feed: FeedStatus, now: datetime) -> bool:
    return feed.fetched_at is None or (feed.error is not None and now - feed.fetched_at > FEED_IS_OLD)


Row = Callable[[GoingOn, datetime], list[Block]]


def _incidents(page: HomePage) -> Iterator[Block]:
    yield from _group(t("Yours"), page.own, OWN_SHOWN, with_buttons, page.now, more=t("/incident list mine"))
    if not page.own:
        yield context(t("Nothing waits for you."))
    yield from _group(t("In your tiers or followed"), page.near, NEAR_SHOWN, with_buttons, page.now)
    if not page.near:
        yield context(t("Your tiers are quiet."))
    yield from _others(page)


def _group(
    name: str,
    incidents: Sequence[GoingOn],
    most: int,
    row: Row,
    now: datetime,
    *,
    more: str = mark("/incident list"),
) -> Iterator[Block]:
    """A heading, the rows, and how many more the command shows."""
    yield header(f"{name}: {len(incidents)}" if incidents else name)
    for one in incidents[:most]:
        yield from row(one, now)
    if len(incidents) > most:
        yield context(t("{incidents} more: `{more}` shows them.", incidents=len(incidents) - most, more=more))


def _others(page: HomePage) -> Iterator[Block]:
    if page.others:
        yield from _group(t("Everything else open"), page.others, page.most_others, in_one_block, page.now)
    elif page.is_wide:
        yield context(t("Nothing else is open."))


def _on_call(page: HomePage) -> Iterator[Block]:
    together: dict[str, list[str]] = {}
    for service, escalation in page.policy.services.items():
        together.setdefault(escalation.name, []).append(service)
    yield divider()
    yield header(t("On call now"))
    for services in list(together.values())[:DUTIES_SHOWN]:
        lines = duty_lines(page.policy.escalation(services[0]), services, page.now, page.shifts_of)
        yield section("\n".join(lines))
    if len(together) > DUTIES_SHOWN:
        yield context(t("{together} more: `/incident oncall` shows them.", together=len(together) - DUTIES_SHOWN))
