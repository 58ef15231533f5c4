"""What each error of Slack's Web API means for what was asked: one table.

Nothing was stored in any of these cases, unless it says `IN_DOUBT` or `DONE`.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, assert_never

from bot.domain.delivery import Delivered, InDoubt, Limited, Outcome, Refused, Unreached


class Meaning(StrEnum):
    DONE = "done"
    """It is so already: as good as delivered."""

    LIMITED = "limited"
    """Too fast: again at the instant that Slack names."""

    NOT_NOW = "not now"
    """Slack is busy with what it concerns: again in a while."""

    LOCKED_OUT = "locked out"
    """The bot as a whole is not let in. It waits, people are told by another way, and the operator is alarmed."""

    IN_DOUBT = "in doubt"
    """It may have been done: to be looked for before it is done again."""

    MESSAGE = "message"
    """The message itself is refused: a bug of ours. It goes out once more as a plain short text."""

    REFUSED = "refused"
    """Asking again changes nothing: given up, and told in the fallback channel."""


UNSAID_PAUSE = timedelta(seconds=30)
"""How long a method rests when Slack limits it and does not say for how long."""

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500

MEANINGS: Final[Mapping[str, Meaning]] = {
    # Pace. Not among them: `message_limit_exceeded`, what a free plan holds in all, which no waiting changes.
    "rate_limited": Meaning.LIMITED,
    "ratelimited": Meaning.LIMITED,
    # Slack's own trouble, of which its documentation says that the call may have partly succeeded.
    "fatal_error": Meaning.IN_DOUBT,
    "internal_error": Meaning.IN_DOUBT,
    "request_timeout": Meaning.IN_DOUBT,
    "service_unavailable": Meaning.IN_DOUBT,
    # Slack moves the workspace or the channel elsewhere.
    "external_channel_migrating": Meaning.NOT_NOW,
    "team_added_to_org": Meaning.NOT_NOW,
    # The token, or the network it is used from: nothing else would be let in either.
    "accesslimited": Meaning.LOCKED_OUT,
    "account_inactive": Meaning.LOCKED_OUT,
    "invalid_auth": Meaning.LOCKED_OUT,
    "not_authed": Meaning.LOCKED_OUT,
    "org_login_required": Meaning.LOCKED_OUT,
    "token_expired": Meaning.LOCKED_OUT,
    "token_revoked": Meaning.LOCKED_OUT,
    "two_factor_setup_required": Meaning.LOCKED_OUT,
    # What the message is made of.
    "attachment_payload_limit_exceeded": Meaning.MESSAGE,
    "block_mismatch": Meaning.MESSAGE,
    "invalid_arguments": Meaning.MESSAGE,
    "invalid_attachments": Meaning.MESSAGE,
    "invalid_blocks": Meaning.MESSAGE,
    "invalid_blocks_format": Meaning.MESSAGE,
    "invalid_metadata_format": Meaning.MESSAGE,
    "invalid_metadata_schema": Meaning.MESSAGE,
    "markdown_text_conflict": Meaning.MESSAGE,
    "metadata_must_be_sent_from_app": Meaning.MESSAGE,
    "metadata_too_large": Meaning.MESSAGE,
    "missing_file_data": Meaning.MESSAGE,
    "msg_blocks_too_long": Meaning.MESSAGE,
    "msg_too_long": Meaning.MESSAGE,
    "no_text": Meaning.MESSAGE,
    "slack_connect_blocked_file_type": Meaning.MESSAGE,
    "slack_connect_canvas_sharing_blocked": Meaning.MESSAGE,
    "slack_connect_clip_sharing_blocked": Meaning.MESSAGE,
    "slack_connect_file_link_sharing_blocked": Meaning.MESSAGE,
    "slack_connect_file_upload_sharing_blocked": Meaning.MESSAGE,
    "slack_connect_lists_sharing_blocked": Meaning.MESSAGE,
    "too_many_attachments": Meaning.MESSAGE,
    "too_many_contact_cards": Meaning.MESSAGE,
    # The channel, or the thread in it.
    "cannot_reply_to_message": Meaning.REFUSED,
    "channel_not_found": Meaning.REFUSED,
    "duplicate_channel_not_found": Meaning.REFUSED,
    "is_archived": Meaning.REFUSED,
    "is_inactive": Meaning.REFUSED,
    "messages_tab_disabled": Meaning.REFUSED,
    "method_not_supported_for_channel_type": Meaning.REFUSED,
    "not_in_channel": Meaning.REFUSED,  # the sender joins the channel and tries once more
    "restricted_action": Meaning.REFUSED,
    "restricted_action_non_threadable_channel": Meaning.REFUSED,
    "restricted_action_read_only_channel": Meaning.REFUSED,
    "restricted_action_thread_locked": Meaning.REFUSED,
    "restricted_action_thread_only_channel": Meaning.REFUSED,
    "team_not_found": Meaning.REFUSED,
    "thread_not_found": Meaning.REFUSED,
    # The person.
    "cannot_dm_bot": Meaning.REFUSED,
    "invalid_user_combination": Meaning.REFUSED,
    "not_enough_users": Meaning.REFUSED,
    "user_disabled": Meaning.REFUSED,
    "user_not_found": Meaning.REFUSED,
    "user_not_in_channel": Meaning.REFUSED,
    "user_not_visible": Meaning.REFUSED,
    "users_list_not_supplied": Meaning.REFUSED,
    "users_not_found": Meaning.REFUSED,
    # What the bot may do here.
    "access_denied": Meaning.REFUSED,
    "as_user_not_supported": Meaning.REFUSED,
    "deprecated_endpoint": Meaning.REFUSED,
    "ekm_access_denied": Meaning.REFUSED,
    "enterprise_is_restricted": Meaning.REFUSED,
    "message_limit_exceeded": Meaning.REFUSED,
    "method_deprecated": Meaning.REFUSED,
    "missing_scope": Meaning.REFUSED,
    "no_permission": Meaning.REFUSED,
    "not_allowed_token_type": Meaning.REFUSED,
    "permission_denied": Meaning.REFUSED,
    "plan_upgrade_required": Meaning.REFUSED,
    "team_access_not_granted": Meaning.REFUSED,
    "unknown_method": Meaning.REFUSED,
    # A message of ours that is to be changed, found again or taken back.
    "cant_delete_message": Meaning.REFUSED,
    "cant_update_message": Meaning.REFUSED,
    "compliance_exports_prevent_deletion": Meaning.REFUSED,
    "duplicate_message_not_found": Meaning.REFUSED,
    "edit_window_closed": Meaning.REFUSED,
    "invalid_scheduled_message_id": Meaning.REFUSED,
    "message_not_found": Meaning.REFUSED,
    "streaming_state_conflict": Meaning.REFUSED,
    # A draft of somebody's.
    "draft_already_deleted": Meaning.REFUSED,
    "draft_already_sent": Meaning.REFUSED,
    "draft_has_conflict": Meaning.REFUSED,
    "draft_not_found": Meaning.REFUSED,
    # A message for later.
    "invalid_time": Meaning.REFUSED,
    "restricted_too_many": Meaning.REFUSED,
    "time_in_past": Meaning.REFUSED,
    "time_too_far": Meaning.REFUSED,
    # Forms and the Home tab.
    "duplicate_external_id": Meaning.REFUSED,
    "exchanged_trigger_id": Meaning.REFUSED,
    "expired_trigger_id": Meaning.REFUSED,
    "hash_conflict": Meaning.REFUSED,
    "invalid_trigger_id": Meaning.REFUSED,
    "not_enabled": Meaning.REFUSED,
    "not_found": Meaning.REFUSED,
    "push_limit_reached": Meaning.REFUSED,
    "trigger_exchanged": Meaning.REFUSED,
    "trigger_expired": Meaning.REFUSED,
    "view_too_large": Meaning.REFUSED,
    # Channels made, filled and closed, and what is fastened in them.
    "already_archived": Meaning.DONE,
    "already_in_channel": Meaning.DONE,
    "already_pinned": Meaning.DONE,
    "already_reacted": Meaning.DONE,
    "cant_archive_general": Meaning.REFUSED,
    "cant_invite": Meaning.REFUSED,
    "cant_invite_self": Meaning.REFUSED,
    "invalid_name": Meaning.REFUSED,
    "invalid_name_maxlength": Meaning.REFUSED,
    "invalid_name_punctuation": Meaning.REFUSED,
    "invalid_name_required": Meaning.REFUSED,
    "invalid_name_specials": Meaning.REFUSED,
    "name_taken": Meaning.REFUSED,
    "org_user_not_in_team": Meaning.REFUSED,
    "too_long": Meaning.REFUSED,
    "too_many_bookmarks": Meaning.REFUSED,
    "too_many_pins": Meaning.REFUSED,
    "too_many_tabs": Meaning.REFUSED,
    "too_many_users": Meaning.REFUSED,
    "ura_max_channels": Meaning.REFUSED,
    "user_is_restricted": Meaning.REFUSED,
    "user_is_ultra_restricted": Meaning.REFUSED,
    # Canvases.
    "canvas_disabled_user_team": Meaning.REFUSED,
    "canvas_editing_locked": Meaning.NOT_NOW,
    "canvas_too_large": Meaning.REFUSED,
    "channel_canvas_already_exists": Meaning.DONE,
    "free_team_canvas_tab_already_exists": Meaning.DONE,
    "team_tier_cannot_create_channel_canvases": Meaning.REFUSED,
    # Lists that are asked for.
    "invalid_cursor": Meaning.REFUSED,
    "invalid_limit": Meaning.REFUSED,
    "invalid_metadata_keys": Meaning.REFUSED,
    "invalid_ts_latest": Meaning.REFUSED,
    "invalid_ts_oldest": Meaning.REFUSED,
    "limit_required": Meaning.REFUSED,
    "no_such_subteam": Meaning.REFUSED,
    # The form of the request: a bug of ours that no other message would mend.
    "invalid_arg_name": Meaning.REFUSED,
    "invalid_array_arg": Meaning.REFUSED,
    "invalid_charset": Meaning.REFUSED,
    "invalid_form_data": Meaning.REFUSED,
    "invalid_post_type": Meaning.REFUSED,
    "missing_post_type": Meaning.REFUSED,
}


def is_known(error: str) -> bool:
    return error in MEANINGS


def meaning_of(error: str) -> Meaning:
    """A word that we do not know may mean anything."""
    return MEANINGS.get(error, Meaning.IN_DOUBT)


def classify(error: str, *, status: int = 200, retry_after: timedelta | None = None) -> Outcome:
    """The meaning of `ok: false` with this error, or of an HTTP `status` without one that says more."""
    if status == TOO_MANY_REQUESTS:
        return Limited(retry_after or UNSAID_PAUSE)
    if status >= SERVER_ERRORS or not error:
        return InDoubt(f"http {status}")
    meaning = meaning_of(error)
    match meaning:
        case Meaning.DONE:
            return Delivered("")
        case Meaning.LIMITED:
            return Limited(retry_after or UNSAID_PAUSE)
        case Meaning.NOT_NOW | Meaning.LOCKED_OUT:
            return Unreached(error)
        case Meaning.IN_DOUBT:
            return InDoubt(error)
        case Meaning.MESSAGE | Meaning.REFUSED:
            return Refused(error)
        case _:
            assert_never(meaning)
