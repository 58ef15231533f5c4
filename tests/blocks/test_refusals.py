"""What a person reads when something cannot be done."""

from datetime import timedelta

import pytest

from bot.domain.errors import (
    AlreadyAssigned,
    AlreadyFollowing,
    AlreadyHeard,
    AlreadyPinned,
    AlreadyThere,
    IncidentAlreadyAcknowledged,
    IncidentAlreadyOver,
    IncidentMovedOn,
    IncidentNotFound,
    IncidentNotOnHold,
    IncidentNotOver,
    IncidentOnHold,
    InvalidDuplicate,
    InvalidHold,
    InvalidIncident,
    NobodyToTakeIt,
    NoNextTier,
    NotAllowed,
    NotAskedForFeedback,
    NotFollowing,
    NothingAsked,
    NotTheirs,
    Refusal,
    SameSeverity,
    TooManyFollowers,
    UnknownTier,
)
from bot.domain.intent import Overtaken
from bot.domain.policy import DEFAULT_ROLES, Role, Verb
from bot.slack.blocks.refusals import refusal_text
from tests.builders import ANA, BEN, NOW

THEN = "<!date^1794625200^{date_short_pretty} at {time}|2026-11-14 at 03:00 UTC>"

SENTENCES: list[tuple[Refusal, str]] = [
    (
        InvalidIncident("An incident needs a title: say in a few words what is wrong."),
        "An incident needs a title: say in a few words what is wrong.",
    ),
    (IncidentNotFound("INC-99"), "There is no INC-99 here. `/incident list` shows what is open."),
    (IncidentNotFound("<!channel>"), "There is no &lt;!channel&gt; here. `/incident list` shows what is open."),
    (
        IncidentAlreadyAcknowledged("INC-7", by=ANA, at=NOW),
        f"INC-7 was already acknowledged by <@U0ANA00001> {THEN}.",
    ),
    (
        IncidentAlreadyOver("INC-7", ending="resolved", by=BEN, at=NOW),
        f"INC-7 was already resolved by <@U0BEN00001> {THEN}. If it is not over: `/incident reopen INC-7 why`",
    ),
    (
        IncidentNotOver("INC-7"),
        "INC-7 is not over, so there is nothing to reopen. `/incident show INC-7` tells how it stands.",
    ),
    (
        IncidentOnHold("INC-7", by=BEN, until=NOW),
        f"<@U0BEN00001> put INC-7 on hold until {THEN}. `/incident resume INC-7` goes on with it.",
    ),
    (
        IncidentNotOnHold("INC-7"),
        "INC-7 is not on hold; it goes on already. `/incident show INC-7` tells how it stands.",
    ),
    (
        InvalidHold("INC-7", longest=timedelta(days=90)),
        "INC-7 was not put on hold: the end of a hold lies ahead, and at most 90 days ahead. "
        "For example: `/incident hold INC-7 2h why`",
    ),
    (SameSeverity("INC-7", severity="sev1"), "INC-7 is sev1 already. Nothing was changed."),
    (AlreadyAssigned("INC-7", to=ANA), "<@U0ANA00001> has INC-7 already. Nothing was changed."),
    (
        AlreadyFollowing("INC-7", who=ANA),
        "<@U0ANA00001> follows INC-7 already: updates reach them directly.",
    ),
    (
        NobodyToTakeIt("INC-7", who=ANA),
        "<@U0ANA00001> is this bot; INC-7 needs a person. Nothing was changed.",
    ),
    (
        NotFollowing("INC-7"),
        "You do not follow INC-7, so there is nothing to stop. To follow it: `/incident follow INC-7`",
    ),
    (
        TooManyFollowers("INC-7", limit=200),
        "200 people follow INC-7 already, and no more can. `/incident show INC-7` tells how it stands.",
    ),
    (AlreadyPinned("INC-7"), "That message is in the story of INC-7 already: `/incident timeline INC-7` shows it."),
    (
        NothingAsked("INC-7"),
        "Nobody has INC-7 now: the time to answer is over. To take it: `/incident ack INC-7`",
    ),
    (
        NotTheirs("INC-7", assignee=ANA),
        "<@U0ANA00001> has INC-7, and only they can say so. To give it to somebody else: "
        "`/incident assign INC-7 @name`",
    ),
    (
        UnknownTier("INC-7", asked="<!here>", known=["first line", "experts"]),
        "“&lt;!here&gt;” is not a tier or a service that INC-7 can go to. Choose one of: first line, experts.",
    ),
    (
        UnknownTier("INC-7", asked="x", known=[f"t{number}" for number in range(13)]),
        "“x” is not a tier or a service that INC-7 can go to. "
        "Choose one of: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 3 more.",
    ),
    (UnknownTier("INC-7", asked="x", known=[]), "“x” is not a tier or a service that INC-7 can go to."),
    (
        AlreadyThere("INC-7", tier=2, tier_name="platform", since=NOW),
        f"INC-7 is already at tier 2, platform, since {THEN}. Nothing was changed.",
    ),
    (
        InvalidDuplicate("INC-7", of=7),
        "INC-7 was not cancelled: an incident is no duplicate of itself. `/incident list` shows what is open.",
    ),
    (
        InvalidDuplicate("INC-7", of=99),
        "INC-7 was not cancelled: there is no INC-99 here. `/incident list` shows what is open.",
    ),
    (
        NotAllowed("INC-7", verb=Verb.RESOLVE, roles=list(DEFAULT_ROLES[Verb.RESOLVE])),
        "Only the assignee, the tier's people, managers and admins can resolve INC-7. "
        "Nothing was changed; please ask one of them.",
    ),
    (
        NotAllowed("INC-7", verb=Verb.OPEN, roles=[Role.ADMINS]),
        "Only admins can open an incident. Nothing was changed; please ask one of them.",
    ),
    (
        NotAllowed("INC-7", verb=Verb.HOLD, roles=[]),
        "The policy lets nobody put INC-7 on hold. Nothing was changed; an admin can change the policy.",
    ),
    (
        IncidentMovedOn("INC-7", tier=2, tier_name="platform", since=NOW, by=BEN),
        f"INC-7 is already at tier 2, platform, since {THEN} (moved by <@U0BEN00001>). "
        "Nothing was changed; please use its newest message.",
    ),
    (
        IncidentMovedOn("INC-7", tier=2, tier_name="platform", since=NOW, by=None),
        f"INC-7 is already at tier 2, platform, since {THEN} (moved by the clock). "
        "Nothing was changed; please use its newest message.",
    ),
    (
        IncidentMovedOn("INC-7", tier=1, tier_name="first line", since=NOW, by=None),
        f"INC-7 is already at tier 1, first line, since {THEN}. Nothing was changed; please use its newest message.",
    ),
    (
        NoNextTier("INC-7", tier=4, tier_name="management", since=NOW),
        f"INC-7 is already at its last tier, 4, management, since {THEN}. "
        "Please acknowledge it, reach somebody directly, or name where to: `/incident escalate INC-7 to …`",
    ),
    (AlreadyHeard("INC-7"), "What you thought of INC-7 is noted already. Thank you!"),
    (
        NotAskedForFeedback("INC-7"),
        "Only those who reported INC-7 or follow it are asked about it. To write a note: `/incident note INC-7 …`",
    ),
    (Refusal(), "That cannot be done."),
]


@pytest.mark.parametrize(("refusal", "sentence"), SENTENCES)
def test_a_refusal_says_what_is_so_and_what_to_do(refusal: Refusal, sentence: str) -> None:
    assert refusal_text(refusal) == sentence


def test_every_refusal_has_its_own_sentence() -> None:
    on_top_of_a_form = {Overtaken}
    assert {type(refusal) for refusal, _ in SENTENCES} == {Refusal, *Refusal.__subclasses__()} - on_top_of_a_form


@pytest.mark.parametrize("verb", Verb)
def test_whatever_is_not_allowed_is_named(verb: Verb) -> None:
    said = refusal_text(NotAllowed("INC-7", verb=verb, roles=list(Role)))
    assert "{key}" not in said
    assert said.startswith("Only the assignee, whoever opened it, the tier's people, managers, admins and anyone can ")
