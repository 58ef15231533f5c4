"""What there is to be seen, each told as a short story before the camera."""

from collections.abc import Awaitable, Callable, Mapping

from tests.gallery import answers, cards, forms, people
from tests.gallery.camera import Camera
from tests.scenarios.world import World

Scene = Callable[[World, Camera], Awaitable[None]]

SCENES: Mapping[str, Scene] = {
    "open": cards.open_card,
    "breached": cards.breached,
    "acknowledged": cards.acknowledged,
    "on-hold": cards.on_hold,
    "exhausted": cards.exhausted,
    "resolved": cards.resolved,
    "cancelled": cards.cancelled,
    "moved-by-hand": cards.moved_by_hand,
    "handed-on": cards.handed_on,
    "resolution-breached": cards.resolution_breached,
    "updates": cards.updates,
    "private": cards.private,
    "incident-channel": cards.incident_channel,
    "lost-channel": cards.lost_channel,
    "away": cards.away,
    "answers": answers.answers,
    "deeds": answers.deeds,
    "lists": answers.lists,
    "refusals": answers.refusals,
    "form-open": forms.opening_form,
    "form-open-similar": forms.opening_form_with_similar,
    "form-open-filled-in": forms.opening_form_filled_in,
    "form-from-a-message": forms.form_from_a_message,
    "forms": forms.forms_about_one,
    "form-overtaken": forms.form_overtaken,
    "form-refused": forms.form_refused,
    "form-filled-in": forms.form_filled_in,
    "form-unknown-tier": forms.form_unknown_tier,
    "home": people.home,
    "following": people.following,
    "in-a-thread": people.in_a_thread,
    "feedback": people.feedback,
}

POLICIES: Mapping[str, str] = {
    "incident-channel": "incident_channel: {severities: [sev1], name: 'inc-{number}-{title}', archive_after: 24h}\n",
}
"""What a scene needs beside the policy that is shipped."""
