"""Feedback: a click on a score opens a form, and what is sent in with it is kept."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.feedback import Feedback
from bot.services.feedback import FeedbackBox
from bot.slack.blocks.feedback import feedback_form, thanks
from bot.slack.ids import FEEDBACK, CallbackId, FormField
from handlers.forms import FormOpener, look_in_time, open_in_time
from handlers.listener import Again, Heard, Say, at_field, beside_ack
from handlers.parsing import click_request
from handlers.submissions import feedback_request, score_of

SCORES = re.compile(f"{FEEDBACK}[1-5]")


class FeedbackDesk:
    def __init__(self, box: FeedbackBox, slack: FormOpener) -> None:
        self._box = box
        self._slack = slack

    async def clicked(self, body: Mapping[str, Any]) -> None:
        request = click_request(body)
        given = score_of(request.value)
        incident = await look_in_time(self._box.open_for(given.number, request.user))
        view = feedback_form(incident, given.score, private_metadata=given.encode())
        await open_in_time(self._slack, request.trigger_id, view)

    async def submitted(self, body: Mapping[str, Any]) -> Again:
        request = feedback_request(body)
        named = request.user if request.is_named else None
        feedback = Feedback(score=request.score, comment=request.comment, given_by=named)
        return Again(thanks(await self._box.give(request.number, feedback, by=request.user), feedback))


def register(app: AsyncApp, box: FeedbackBox, slack: FormOpener, say: Say, heard: Heard) -> None:
    desk = FeedbackDesk(box, slack)
    app.action(SCORES)(beside_ack("feedback", say, desk.clicked, heard))
    main = FormField.COMMENT.value
    app.view(CallbackId.GIVE_FEEDBACK.value)(at_field("feedback_form", main, desk.submitted, heard))
