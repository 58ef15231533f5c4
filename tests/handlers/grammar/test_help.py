"""Every example that help gives is one that the grammar understands, under whatever policy."""

import re
from dataclasses import replace

import pytest

from bot.domain.policy import Policy, Severity
from bot.slack.blocks.help import help_lines
from handlers.grammar import VERBS, OpenForm, OpenIncident, Unclear, parse
from tests.builders import a_policy, a_tier, an_escalation
from tests.handlers.grammar.known import KNOWN

ONE_PLACE = an_escalation(tiers=(a_tier(1),), repeat=None)
POLICIES = [
    a_policy(),
    a_policy(services={"data": ONE_PLACE}),
    a_policy(services={"données": ONE_PLACE, "web_site": ONE_PLACE}),
    *(a_policy(services={word: ONE_PLACE}) for word in ("in", "is", "the", "what", "wrong", "at", "for", "to")),
    a_policy(services={"data": an_escalation(tiers=(a_tier(1), a_tier(2, name="`root` people")), repeat=None)}),
    a_policy(severities={Severity.SEV3: a_policy().severities[Severity.SEV3]}),
]


def examples(policy: Policy) -> list[str]:
    text = "\n".join(line for group in help_lines(policy) for line in group.lines)
    return re.findall(r"`/incident ?([^`]*)`", text)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_example_can_be_typed_as_it_is(policy: Policy) -> None:
    known = replace(KNOWN, services=policy.services.keys(), here=7)
    assert not [line for group in help_lines(policy) for line in group.lines if line.count("`") % 2 or "``" in line]
    for example in examples(policy):
        command = parse(example, known)
        assert not isinstance(command, Unclear), example
        assert isinstance(command, OpenForm) == (example == ""), example
        if isinstance(command, OpenIncident):
            assert (command.severity, command.service) == (next(iter(policy.severities)), next(iter(policy.services)))


def test_every_command_has_an_example() -> None:
    shown = {example.split()[0] for example in examples(a_policy()) if example}
    assert shown == set(VERBS) - {"help"}
