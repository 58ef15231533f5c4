"""The picture of a message: its JSON, kept beside the tests, one file each."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.slack.blocks.rendered import Rendered, View
from tests.blocks.limits import problems_of_message, problems_of_view

Picture = Callable[[Rendered | View], None]


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> Picture:
    """Asserts that a message or a view is as it was, and that Slack takes it."""
    pictures = snapshot.use_extension(JSONSnapshotExtension)

    def compare(rendered: Rendered | View) -> None:
        if isinstance(rendered, Rendered):
            assert problems_of_message(rendered) == []
            assert {"text": rendered.text, "blocks": rendered.blocks} == pictures
        else:
            assert problems_of_view(rendered) == []
            assert rendered == pictures

    return compare
