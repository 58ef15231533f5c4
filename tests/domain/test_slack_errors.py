"""What each error of Slack's means: the words as its documentation has them, each with what is done about it."""

from datetime import timedelta

import pytest

from bot.domain.delivery import Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.slack_errors import MEANINGS, Meaning, classify, is_known, meaning_of

PACE = "rate_limited ratelimited"
IN_DOUBT = "fatal_error internal_error request_timeout service_unavailable"
NOT_NOW = "canvas_editing_locked external_channel_migrating team_added_to_org"
LOCKED_OUT = """
    accesslimited account_inactive invalid_auth not_authed org_login_required token_expired token_revoked
    two_factor_setup_required
"""
MESSAGE = """
    attachment_payload_limit_exceeded block_mismatch invalid_arguments invalid_attachments invalid_blocks
    invalid_blocks_format invalid_metadata_format invalid_metadata_schema markdown_text_conflict
    metadata_must_be_sent_from_app metadata_too_large missing_file_data msg_blocks_too_long msg_too_long no_text
    slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked
    slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
    slack_connect_lists_sharing_blocked too_many_attachments too_many_contact_cards
"""
REFUSED = """
    cannot_reply_to_message channel_not_found duplicate_channel_not_found is_archived is_inactive
    messages_tab_disabled method_not_supported_for_channel_type not_in_channel restricted_action
    restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
    restricted_action_thread_only_channel team_not_found thread_not_found
    cannot_dm_bot invalid_user_combination not_enough_users user_disabled user_not_found user_not_in_channel
    user_not_visible users_list_not_supplied users_not_found
    access_denied as_user_not_supported deprecated_endpoint ekm_access_denied enterprise_is_restricted
    message_limit_exceeded method_deprecated missing_scope no_permission not_allowed_token_type permission_denied
    plan_upgrade_required team_access_not_granted unknown_method
    cant_delete_message cant_update_message compliance_exports_prevent_deletion duplicate_message_not_found
    edit_window_closed invalid_scheduled_message_id message_not_found streaming_state_conflict
    draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
    invalid_time restricted_too_many time_in_past time_too_far
    duplicate_external_id exchanged_trigger_id expired_trigger_id hash_conflict invalid_trigger_id not_enabled
    not_found push_limit_reached trigger_exchanged trigger_expired view_too_large
    cant_archive_general cant_invite cant_invite_self invalid_name invalid_name_maxlength invalid_name_punctuation
    invalid_name_required invalid_name_specials name_taken org_user_not_in_team too_long too_many_bookmarks
    too_many_pins too_many_tabs too_many_users ura_max_channels user_is_restricted user_is_ultra_restricted
    canvas_disabled_user_team canvas_too_large team_tier_cannot_create_channel_canvases
    invalid_cursor invalid_limit invalid_metadata_keys invalid_ts_latest invalid_ts_oldest limit_required
    no_such_subteam
    invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_post_type missing_post_type
"""
DONE = """
    already_archived already_in_channel already_pinned already_reacted channel_canvas_already_exists
    free_team_canvas_tab_already_exists
"""
PAUSE = timedelta(seconds=7)
UNSAID = timedelta(seconds=30)


def rows() -> dict[str, tuple[Meaning, Outcome]]:
    """Every word with its meaning and what `classify` makes of it when Slack names no pause."""
    return {
        **{word: (Meaning.LIMITED, Limited(UNSAID)) for word in PACE.split()},
        **{word: (Meaning.IN_DOUBT, InDoubt(word)) for word in IN_DOUBT.split()},
        **{word: (Meaning.NOT_NOW, Unreached(word)) for word in NOT_NOW.split()},
        **{word: (Meaning.LOCKED_OUT, Unreached(word)) for word in LOCKED_OUT.split()},
        **{word: (Meaning.MESSAGE, Refused(word)) for word in MESSAGE.split()},
        **{word: (Meaning.REFUSED, Refused(word)) for word in REFUSED.split()},
        **{word: (Meaning.DONE, Delivered("")) for word in DONE.split()},
    }


@pytest.mark.parametrize(("error", "meaning", "outcome"), [(word, *row) for word, row in rows().items()])
def test_the_meaning_of_an_error(error: str, meaning: Meaning, outcome: Outcome) -> None:
    assert meaning_of(error) is meaning
    assert classify(error) == outcome


def test_every_row_of_the_table_is_among_the_examples() -> None:
    assert MEANINGS.keys() == rows().keys()


@pytest.mark.parametrize("error", ["a_word_of_tomorrow", "RATELIMITED", "is_archived "])
def test_a_word_in_no_row_is_in_doubt(error: str) -> None:
    assert not is_known(error)
    assert classify(error) == InDoubt(error)


@pytest.mark.parametrize("error", ["ratelimited", "rate_limited"])
def test_a_pause_is_as_long_as_slack_says(error: str) -> None:
    assert classify(error, retry_after=PAUSE) == Limited(PAUSE)


def test_a_pause_that_comes_with_another_error_is_none() -> None:
    assert classify("channel_not_found", retry_after=PAUSE) == Refused("channel_not_found")


@pytest.mark.parametrize(
    ("status", "error", "retry_after", "outcome"),
    [
        (429, "", PAUSE, Limited(PAUSE)),
        (429, "", None, Limited(UNSAID)),
        (429, "is_archived", PAUSE, Limited(PAUSE)),
        (500, "", None, InDoubt("http 500")),
        (500, "is_archived", None, InDoubt("http 500")),
        (502, "", None, InDoubt("http 502")),
        (503, "service_unavailable", None, InDoubt("http 503")),
        (504, "", PAUSE, InDoubt("http 504")),
        (200, "", None, InDoubt("http 200")),
        (404, "", None, InDoubt("http 404")),
        (499, "is_archived", None, Refused("is_archived")),
        (403, "invalid_auth", None, Unreached("invalid_auth")),
    ],
)
def test_the_meaning_of_a_status(status: int, error: str, retry_after: timedelta | None, outcome: Outcome) -> None:
    assert classify(error, status=status, retry_after=retry_after) == outcome
