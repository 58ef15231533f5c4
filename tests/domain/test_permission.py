"""Who may do what: by the role that somebody has for the incident, as the policy says."""

from collections.abc import Collection

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.ids import UserId
from bot.domain.permission import permit
from bot.domain.policy import DEFAULT_ROLES, Policy, Role, Rotation, Verb
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    DEV,
    EXPERTS,
    FIRST_LINE,
    GRACE,
    HUGO,
    IRIS,
    NOW,
    SAM,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    an_incident,
)

STRANGER = UserId("U0STRANGER")


def only(*roles: Role) -> Policy:
    return a_policy(
        roles={**DEFAULT_ROLES, Verb.RESOLVE: frozenset(roles)},
        admins=(a_user(IRIS, "iris"),),
        services={"checkout": an_escalation(tiers=(a_tier(1), a_tier(2), a_tier(3)))},
    )


def may(policy: Policy, user: UserId, groups: Collection[str] = ()) -> bool:
    """Whether somebody may resolve INC-7, which Sam opened and Chloe has."""
    try:
        permit(Verb.RESOLVE, an_incident(assignee=CHLOE), policy, by=user, groups=groups)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize(
    ("role", "user", "groups", "other"),
    [
        (Role.ANYONE, STRANGER, (), None),
        (Role.REPORTER, SAM, (), CHLOE),
        (Role.ASSIGNEE, CHLOE, (), SAM),
        (Role.TIER, ANA, (FIRST_LINE.slack_id,), GRACE),
        (Role.MANAGERS, GRACE, (), IRIS),
        (Role.ADMINS, IRIS, (), GRACE),
    ],
)
def test_each_role_lets_those_do_it_who_have_it(
    role: Role, user: UserId, groups: tuple[str, ...], other: UserId | None
) -> None:
    assert may(only(role), user, groups)
    assert other is None or not may(only(role), other)


def test_any_of_several_roles_is_enough() -> None:
    assert may(only(Role.REPORTER, Role.ADMINS), IRIS)
    assert may(only(Role.REPORTER, Role.ADMINS), SAM)
    assert not may(only(Role.REPORTER, Role.ADMINS), CHLOE)


def test_the_people_of_a_later_tier_count_as_the_tiers() -> None:
    assert may(only(Role.TIER), DEV, (EXPERTS.slack_id,))


def test_who_takes_turns_at_a_tier_counts_as_the_tiers() -> None:
    turns = Rotation(
        people=(a_user(ANA, "ana"), a_user(BEN, "ben")), zone="UTC", first_day=NOW.date(), hand_over=NOW.time()
    )
    policy = a_policy(
        roles={**DEFAULT_ROLES, Verb.RESOLVE: frozenset({Role.TIER})},
        services={"checkout": an_escalation(tiers=(a_tier(1, on_call=(turns,)),))},
    )
    assert may(policy, BEN)


def test_a_group_that_nobody_named_gives_no_right() -> None:
    assert not may(only(Role.TIER, Role.MANAGERS, Role.ADMINS), STRANGER, ("S0STRANGER",))


def test_a_refusal_says_who_may_in_the_order_of_the_roles() -> None:
    with pytest.raises(NotAllowed) as refused:
        permit(Verb.RESOLVE, an_incident(), only(Role.ADMINS, Role.ASSIGNEE), by=STRANGER)
    assert str(refused.value) == "resolve of INC-7 is for assignee, admins"
    assert (refused.value.key, refused.value.verb, refused.value.roles) == (
        "INC-7",
        Verb.RESOLVE,
        (Role.ASSIGNEE, Role.ADMINS),
    )


@pytest.mark.parametrize("verb", [Verb.OPEN, Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.ASSIGN, Verb.REOPEN])
def test_anyone_may_open_take_and_raise_an_incident_unless_the_policy_says_otherwise(verb: Verb) -> None:
    permit(verb, an_incident(), a_policy(), by=STRANGER)


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.RESUME, Verb.SEVERITY, Verb.RESOLVE, Verb.CANCEL])
def test_what_ends_or_slows_an_incident_is_for_those_responsible_unless_the_policy_says_otherwise(verb: Verb) -> None:
    permit(verb, an_incident(), a_policy(), by=HUGO)
    with pytest.raises(NotAllowed):
        permit(verb, an_incident(), a_policy(), by=STRANGER)
