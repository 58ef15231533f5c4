"""What becomes of text people type."""

import pytest

from bot.playground import sample_workspace
from bot.playground.typed_text import as_command_text, as_message


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("hello @ana, look", "hello <@U0ANA00001>, look"),
        ("ask @ben.", "ask <@U0BEN00001>."),
        ("@Tierline ack", "<@U0TIERBOT> ack"),
        ("@first-line @here", "<!subteam^S0FIRSTLN1|@first-line> <!here>"),
        ("see #general and #security-private", "see <#C0GENERAL1|general> and <#G0SECRET01|>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("mail ana@acme.example to @nobody", "mail ana@acme.example to @nobody"),
        ("https://acme.example/?a=1&b=2", "<https://acme.example/?a=1&amp;b=2>"),
        ("already <@U0ANA00001> and <!date^1^{date}|x>", "already <@U0ANA00001> and <!date^1^{date}|x>"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_a_message_is_stored_in_slacks_markup(typed: str, stored: str) -> None:
    assert as_message(sample_workspace(), typed) == stored


def test_an_escaped_command_labels_its_mentions() -> None:
    assert as_command_text(sample_workspace(), "assign INC-1 @ana") == "assign INC-1 <@U0ANA00001|ana>"
