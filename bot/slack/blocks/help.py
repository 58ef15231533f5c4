"""What can be typed, in examples of the workspace's own policy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.catalogue import t
from bot.domain.policy import PINNING, Policy, Reactions
from bot.slack.blocks.layout import context, message, section
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import name

NAMES_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    heading: str
    lines: Sequence[str]


def help_text(policy: Policy) -> Rendered:
    parts = ["\n".join([f"*{group.heading}*", *group.lines]) for group in help_lines(policy)]
    known = t(
        "Severities: {severities}.\nServices: {services}.",
        severities=_names(policy.severities),
        services=_names(policy.services),
    )
    return message("\n".join([*parts, known]).replace("*", ""), [*(section(part) for part in parts), context(known)])


def help_lines(policy: Policy) -> Sequence[Group]:
    """Every command that stands in them can be typed as it is, with the number of an incident that is there."""
    severities, service = list(policy.severities), name(next(iter(policy.services)))
    worst = severities[0]
    return (
        Group(heading=t("To see"), lines=_to_see(worst, service)),
        Group(heading=t("To open"), lines=_to_open(worst, service)),
        Group(heading=t("To act"), lines=_to_act(policy, severities[min(1, len(severities) - 1)])),
        Group(heading=t("In a thread"), lines=_in_a_thread(policy.reactions)),
        Group(
            heading=t("To end"),
            lines=(
                t(
                    "`/incident resolve INC-7 what it was data loss: none` ends it, `/incident reopen INC-7 why` "
                    "opens it again."
                ),
                t(
                    "`/incident cancel INC-7 why`, or `/incident cancel INC-7 duplicate of INC-2`, ends what was "
                    "no incident."
                ),
            ),
        ),
    )


def _to_see(worst: str, service: str) -> Sequence[str]:
    return (
        t(
            "`/incident list` shows what is open, `/incident list mine` or `/incident list {worst} "
            "{service}` some of it, `/incident list closed` what is over.",
            worst=worst,
            service=service,
        ),
        t("`/incident show INC-7` shows one incident, `/incident timeline INC-7` its whole story."),
        t("`/incident why INC-7` tells what happened, and what is next and when."),
        t("`/incident oncall` shows who is on call, `/incident oncall {service}` for one service.", service=service),
        t(
            "`/incident policy show` shows the rules, `/incident policy simulate {worst} {service} at "
            "sat 03:00` what they would do.",
            worst=worst,
            service=service,
        ),
    )


def _to_open(worst: str, service: str) -> Sequence[str]:
    return (
        t("`/incident` opens a form. So does a command that is unclear, filled in with what was understood."),
        t(
            "`/incident open {worst} {service}: what is wrong` opens one and pages the first tier.",
            worst=worst,
            service=service,
        ),
        t(
            "`/incident open {service}: what is wrong {worst}` says the same in another order.",
            service=service,
            worst=worst,
        ),
        t(
            "`/incident open private {worst} {service}: what is wrong` tells only its tiers and those who follow it.",
            worst=worst,
            service=service,
        ),
    )


def _to_act(policy: Policy, other: str) -> Sequence[str]:
    to = _destination(policy)
    further = "" if to is None else t(", `/incident escalate INC-7 to {to} why` to that tier or service", to=to)
    return (
        t(
            "`/incident ack INC-7` takes it, `/incident ack INC-7 eta 20m` says when it is solved, "
            "`/incident assign INC-7 @ana` gives it to somebody."
        ),
        t("`/incident escalate INC-7 why` passes it to the next tier{further}.", further=further),
        t("`/incident pass INC-7` says that it is not yours, `/incident still INC-7` that you are still on it."),
        t(
            "`/incident hold INC-7 2h why` pauses it, or `until 14:00`, or `until monday 9:00`; "
            "`/incident resume INC-7` goes on."
        ),
        t(
            "`/incident update INC-7 identified what is new` tells stakeholders, and so does more of it: "
            "`impact: …`, `action: …`, `owner: @ana`, `eta: 20m`."
        ),
        t("`/incident update INC-7` alone opens a form, and so does any of these that lacks something."),
        t("`/incident note INC-7 what is worth knowing` goes to its story."),
        t("`/incident follow INC-7` sends every update to you directly, `/incident unfollow INC-7` no more of them."),
        t("`/incident severity INC-7 {other} why` changes how urgent it is.", other=other),
        t("Where just one incident is worked, its number can be left out: `/incident ack`."),
    )


def _in_a_thread(reactions: Reactions) -> Sequence[str]:
    """Where slash commands do not work."""
    emoji = [
        *(
            []
            if reactions.acknowledge is None
            else [t(":{acknowledge}: on a card takes it", acknowledge=reactions.acknowledge)]
        ),
        *(
            []
            if reactions.resolve is None
            else [t(":{resolve}: asks whether it is resolved", resolve=reactions.resolve)]
        ),
        t(":{pinning}: on a message in its thread keeps that in its story", pinning=PINNING),
    ]
    return (
        t(
            "`@Tierline ack` and all the others work there with the bot's name first; below a card they are about "
            "its incident."
        ),
        f"{', '.join(emoji)}.",
    )


def _destination(policy: Policy) -> str | None:
    """The last tier of the first service, or another service; None when there is but one place to be.

    The sign of the style cannot stand within it, so that a tier with it in its name is told by its number.
    """
    service, escalation = next(iter(policy.services.items()))
    usable = [tier for tier in escalation.tiers if tier.channel is not None]
    if len(usable) > 1:
        last = usable[-1]
        return str(last.number) if "`" in last.name else name(last.name)
    return next((name(other) for other in policy.services if other != service), None)


def _names(names: Iterable[str]) -> str:
    called = [name(each) for each in names]
    shown = called[:NAMES_SHOWN]
    more = t(" and {called} more", called=len(called) - len(shown)) if len(called) > len(shown) else ""
    return f"{', '.join(shown)}{more}"
