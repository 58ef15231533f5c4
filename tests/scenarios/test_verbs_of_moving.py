"""Who works on it next: assigned, passed on, sent to a tier or to another team; and who may not decide."""

from pathlib import Path

from tests.clock import ManualClock
from tests.scenarios.one_incident import (
    BEN,
    CHLOE,
    EMI,
    OTHERWISE,
    WHAT,
    a_story,
    asked,
    first_message,
    newest_with,
    told,
    unclear,
)


async def test_severity_is_for_those_who_are_responsible(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        refusals = {
            "severity INC-1 sev4": "change the severity of INC-1",
            "hold INC-1 2h": "put INC-1 on hold",
            "cancel INC-1": "cancel INC-1",
            "resolve INC-1": "resolve INC-1",
        }
        for typed, doing in refusals.items():
            answer = await asked(story, "sam", typed)
            assert answer.startswith("Only the assignee, ")
            assert f"can {doing}. Nothing was changed" in answer
        assert not told(story)
        assert await asked(story, "sam", "escalate INC-1 nobody answers") == (
            "INC-1 is now at tier 2 (Platform) in <#C0PLATFRM1>. They have until 03:05 to acknowledge."
        ), "anyone may raise it"
        told(story)


async def test_an_open_incident_is_offered_and_a_taken_one_is_given(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        assert await asked(story, "sam", "assign INC-1 @ben") == (
            "They are asked to take INC-1. Until somebody does, nobody has it. "
            "If nobody acknowledges by 03:05, it goes to tier 2 (Platform) in <#C0PLATFRM1>."
        )
        (request,) = told(story)
        assert (request.place, request.text.startswith(f"{BEN} {WHAT}")) == ("#tier-1-support thread", True)
        assert "Sam Reed" in request.text
        assert request.text.endswith(OTHERWISE)
        await story.click("ben", "tier-1-support", "acknowledge", ts=newest_with("acknowledge", story))
        assert await asked(story, "ana", "ack INC-1") == f"INC-1 was already acknowledged by {BEN} 03:00."

        assert await asked(story, "ben", "assign INC-1 to @chloe, please") == f"{CHLOE} has INC-1 now, and is told."
        (given,) = told(story)
        assert (given.place, given.text.startswith(f"{CHLOE} {WHAT}")) == ("#tier-1-support thread", True)
        assert "Ben Okafor" in given.text
        assert await asked(story, "ben", "assign INC-1 @chloe") == f"{CHLOE} has INC-1 already. Nothing was changed."
        assert await unclear(story, "ben", "assign INC-1 @nobody") == (
            "“@nobody” is nobody whom Slack knows here; choose the person."
        )
        assert await unclear(story, "ben", "assign INC-1 @first-line") == (
            "“@first-line” is a group, and one person has an incident; choose them."
        )


async def test_not_mine_asks_the_next_person_and_then_the_next_tier(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.click("ana", "tier-1-support", "not_mine")
        await story.advance(seconds=2)
        said = told(story)
        assert [one.place for one in said] == ["#tier-1-support broadcast"]
        assert said[0].text.startswith(f"{BEN} {WHAT}")
        assert "Ana Ruiz" in said[0].text

        answer = await asked(story, "ben", "pass INC-1")
        assert answer.startswith("Noted: INC-1 is not yours. Others are asked at tier 2 (Platform) in <#C0PLATFRM1>.")
        assert "#tier-2-platform" in {one.place for one in told(story)}

        await story.click("ben", "tier-1-support", "not_mine", ts=first_message(story), stale=True)
        assert story.ephemerals("ben", "tier-1-support") == [
            "INC-1 is already at tier 2, Platform, since 03:00 (moved by <@U0BEN00001>). "
            "Nothing was changed; please use its newest message."
        ]
        await asked(story, "chloe", "ack INC-1")
        assert await asked(story, "ana", "pass INC-1") == (
            f"{CHLOE} has INC-1, and only they can say so. To give it to somebody else: `/incident assign INC-1 @name`"
        )
        assert not told(story)


async def test_a_person_sends_it_to_a_tier_or_to_the_team_of_another_service(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        assert await unclear(story, "sam", "escalate INC-1 to the moon") == (
            "“the moon” is not a tier or a service that INC-1 can go to. Choose one of: First line, Platform."
        )
        assert await asked(story, "sam", "escalate INC-1 to tier 1") == (
            "INC-1 is already at tier 1, First line, since 03:00. Nothing was changed."
        )
        assert await asked(story, "sam", "escalate INC-1 to platform: they know it") == (
            "INC-1 is now at tier 2 (Platform) in <#C0PLATFRM1>. They have until 03:05 to acknowledge."
        )
        assert "#tier-2-platform" in {one.place for one in told(story)}

        assert await asked(story, "chloe", "escalate INC-1 to payments it is the cards") == (
            "INC-1 is now at tier 1 (Cards) in <#C0EXPERTS1>, by the policy of payments. "
            "They have until 03:05 to acknowledge."
        )
        said = [one for one in told(story) if one.place == "#tier-3-experts"]
        assert len(said) == 1
        assert said[0].text.startswith(f"{EMI} please acknowledge INC-1")
        answer = await asked(story, "emi", "escalate INC-1 to Card experts")
        assert answer.startswith("INC-1 is now at tier 2 (Card experts) in <#C0MANAGERS>, by the policy of payments.")
        await story.click("emi", "tier-3-experts", "escalate", stale=True)
        assert story.ephemerals("emi", "tier-3-experts") == [
            f"INC-1 is already at tier 2, Card experts, since 03:00 (moved by {EMI}). "
            "Nothing was changed; please use its newest message."
        ]
        answer = await asked(story, "emi", "escalate INC-1 further")
        assert answer.startswith("INC-1 is already at its last tier, 2, Card experts, since 03:00.")
        answer = await asked(story, "emi", "escalate INC-1 to checkout tier 2 it is not the cards")
        assert answer.startswith("INC-1 is now at tier 2 (Platform) in <#C0PLATFRM1>.")
        told(story)
