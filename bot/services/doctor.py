"""What the doctor says: each check a value with a grade, a sentence and what to do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.ids import WorkspaceId
from bot.domain.promise import Lane
from bot.services.policy_check import Finding
from bot.services.room_calls import GONE
from bot.slack.workspace import Standing
from storage import audit, gauges, incident_channels, presence, soundness
from storage.database import Transaction
from storage.incident_channels import Failing

SCOPES: Final = frozenset({
    "app_mentions:read", "bookmarks:read", "bookmarks:write", "channels:history", "channels:join", "channels:manage",
    "channels:read", "chat:write", "commands", "groups:history", "groups:read", "groups:write", "im:history",
    "im:write", "pins:read", "reactions:read", "usergroups:read", "users:read",
})  # fmt: skip
"""What manifest.yml asks for."""

WAL_MENDED: Final = (3, 51, 3)
"""Before it, two processes that write or checkpoint at the same instant can damage a database in WAL mode."""

SKEW: Final = timedelta(seconds=2)
MEGABYTE: Final = 1_000_000
LITTLE_SPACE: Final = 1_000 * MEGABYTE
NO_SPACE: Final = 100 * MEGABYTE
PAGE_IS_LATE: Final = timedelta(seconds=60)
PAGE_IS_LOST: Final = timedelta(minutes=5)
OTHERS_ARE_LATE: Final = timedelta(minutes=15)
OVERDUE: Final = timedelta(seconds=60)
AWAY: Final = timedelta(seconds=60)
LISTED: Final = 5


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`fix` is what to do, empty when all is well."""

    name: str
    grade: Grade
    sentence: str
    fix: str = ""


def ok(name: str, sentence: str) -> Check:
    return Check(name=name, grade=Grade.OK, sentence=sentence)


def warning(name: str, sentence: str, fix: str) -> Check:
    return Check(name=name, grade=Grade.WARNING, sentence=sentence, fix=fix)


def problem(name: str, sentence: str, fix: str) -> Check:
    return Check(name=name, grade=Grade.PROBLEM, sentence=sentence, fix=fix)


def skipped(name: str, sentence: str) -> Check:
    return Check(name=name, grade=Grade.SKIPPED, sentence=sentence)


def of_versions(python: str, sqlite: str, *, is_replicated: bool) -> Check:
    """SQLite's bug matters only where another process copies the database while a bot writes it."""
    said = f"Python {python}, SQLite {sqlite}"
    old = tuple(int(part) for part in sqlite.split(".")) < WAL_MENDED
    if not (old and is_replicated):
        return ok("Versions", said)
    return warning(
        "Versions",
        f"{said}; Litestream works on this database, and two processes can damage it before SQLite 3.51.3",
        "run Tierline with a newer SQLite, or make backups with tierline backup instead",
    )


def of_space(free: int, database_size: int) -> Check:
    said = f"{free / MEGABYTE:,.0f} MB free, the database has {database_size / MEGABYTE:,.1f} MB"
    if free < NO_SPACE:
        return problem("Disk", said, "make room now: when it is full nothing can be stored")
    if free < max(LITTLE_SPACE, database_size):
        return warning("Disk", said, "make room")
    return ok("Disk", said)


async def of_file(tx: Transaction) -> Sequence[Check]:
    """An SQLite database."""
    damage = await soundness.damage(tx)
    if damage is not None:
        return [
            problem("Database file", f"it is damaged: {damage}", "stop the bot and restore a backup: tierline restore")
        ]
    wrong = await soundness.wrong_pragmas(tx)
    if wrong:
        found = ", ".join(f"{name}={value}" for name, value in wrong.items())
        return [
            problem(
                "Database file", f"SQLite runs with {found}", "keep the file on a local disk, not on a network share"
            )
        ]
    return [ok("Database file", "quick_check finds no damage; WAL, synchronous=FULL")]


async def of_server(tx: Transaction, now: datetime) -> Check:
    """PostgreSQL's clock."""
    skew = await presence.time_of_database(tx) - now
    said = f"PostgreSQL's clock is {_seconds(skew)} from this machine's"
    return ok("Database clock", said) if abs(skew) <= SKEW else warning("Database clock", said, "synchronise by NTP")


def of_scopes(standing: Standing) -> Check:
    if standing.scopes is None:
        return skipped("Scopes", "Slack did not say which scopes the token has")
    missing = SCOPES - standing.scopes
    if missing:
        return problem(
            "Scopes",
            f"the token lacks {', '.join(sorted(missing))}",
            "update the app from manifest.yml and install it again",
        )
    return ok("Scopes", f"the token has all {len(SCOPES)} of manifest.yml")


def of_slack_clock(standing: Standing, now: datetime) -> Check:
    """Slack tells whole seconds, so that up to one of them is nobody's fault."""
    if standing.answered_at is None:
        return skipped("Slack clock", "Slack did not say what time it is")
    skew = standing.answered_at - now
    said = f"this machine's clock is {_seconds(skew)} from Slack's"
    if abs(skew) <= SKEW:
        return ok("Slack clock", said)
    return warning("Slack clock", said, "synchronise it by NTP: signatures and due times depend on it")


def of_policy(findings: Sequence[Finding]) -> Iterator[Check]:
    if not findings:
        yield ok("Policy in Slack", "every channel, person and group is there, and the bot is in the channels")
    for finding in findings:
        sentence, _, fix = finding.sentence.rstrip(".").partition("; ")
        make = problem if finding.serious else warning
        yield make("Policy in Slack", sentence, fix or "see tierline policy check")


def of_fallback(addresses: Collection[object]) -> Check:
    if addresses:
        return ok("Fallback", f"addresses beside Slack at which people are reached: {len(addresses)}")
    return warning(
        "Fallback", "nobody can be reached while Slack is silent", "set TIERLINE_FALLBACK_URLS: mail, SMS or a webhook"
    )


def of_key(sealed_since: datetime | None, *, has_key: bool) -> Check:
    if has_key:
        return ok("Audit key", "new entries of the stories are sealed with it")
    if sealed_since is not None:
        return problem(
            "Audit key",
            "the stories are sealed with a key that is not set here",
            "set TIERLINE_AUDIT_KEY for the bot and the commands alike",
        )
    return ok("Audit key", "none: the stories are chained, and not sealed")


async def of_work(tx: Transaction, workspace_id: WorkspaceId, now: datetime) -> Sequence[Check]:
    """Whether the bot does what is due."""
    late = await audit.overdue(tx, workspace_id, before=now - OVERDUE, limit=LISTED)
    return [
        of_presence(await presence.checked_until(tx, workspace_id), now),
        of_overdue(late),
        of_channels(await incident_channels.failing(tx, workspace_id)),
        *of_queues(await gauges.waiting(tx, workspace_id, now=now), now),
    ]


def of_presence(checked_until: datetime | None, now: datetime) -> Check:
    if checked_until is None:
        return warning("Bot", "none has worked on this database yet", "start it: tierline run")
    since = now - checked_until
    if since > AWAY:
        return warning("Bot", f"none has been at work for {_long(since)}", "start it: tierline run")
    return ok("Bot", f"at work {_seconds(since)} ago")


def of_overdue(late: Sequence[str]) -> Check:
    if not late:
        return ok("Deadlines", "none waits to be looked at")
    more = " and more" if len(late) == LISTED else ""
    return problem(
        "Deadlines",
        f"{', '.join(late)}{more} should have been looked at over a minute ago",
        "start the bot; if it runs, look at its log",
    )


def of_channels(failing: Sequence[Failing]) -> Check:
    """One that people archived, or took the bot out of, is as they want it."""
    refused = [one for one in failing if one.error not in GONE]
    if not refused:
        return ok("Incidents' channels", "Slack refuses nothing that they need")
    more = " and others" if len(refused) > LISTED else ""
    keys, since = ", ".join(one.key for one in refused[:LISTED]), min(one.since for one in refused)
    return warning(
        "Incidents' channels",
        f"Slack refuses what those of {keys}{more} need, since {since:%Y-%m-%d %H:%M} UTC: {refused[0].error}",
        "update the app from manifest.yml and install it again, or let apps do this in Slack's settings",
    )


def of_queues(waiting: Mapping[Lane, gauges.Waiting], now: datetime) -> Iterator[Check]:
    if not waiting:
        yield ok("Messages", "none waits to be sent")
    for lane, queue in sorted(waiting.items()):
        age = timedelta(0) if queue.since is None else now - queue.since
        name = f"Messages: {lane.name.lower()}"
        said = f"{queue.count} wait, the oldest for {_long(age)}"
        fix = "look in the bot's log for delivery.outcome, and whether Slack is up"
        if lane is Lane.PAGE and age > PAGE_IS_LOST:
            yield problem(name, said, fix)
        elif age > (PAGE_IS_LATE if lane is Lane.PAGE else OTHERS_ARE_LATE):
            yield warning(name, said, fix)
        else:
            yield ok(name, said)


def _seconds(span: timedelta) -> str:
    return f"{abs(span.total_seconds()):.1f} s"


def _long(span: timedelta) -> str:
    """As much of it as matters."""
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * 60 * 60:
        return f"{seconds // 60} min"
    hours = seconds // 3600
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
