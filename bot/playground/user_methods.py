"""users.* and usergroups.*: who there is."""

from . import limits
from .arguments import Arguments
from .local_slack import LocalSlack
from .method import Method, Methods
from .model import Json
from .pages import page
from .refusal import Refused
from .slack_json import user_json, usergroup_json


def info(slack: LocalSlack, args: Arguments) -> Json:
    user = slack.workspace.users.get(args.required("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": _user(slack, user_json(slack.workspace, user))}


def list_users(slack: LocalSlack, args: Arguments) -> Json:
    users, metadata = page(list(slack.workspace.users.values()), args, default=1000)
    return {
        "members": [_user(slack, user_json(slack.workspace, user)) for user in users],
        "cache_ts": int(slack.now().timestamp()),
        "response_metadata": metadata,
    }


def _user(slack: LocalSlack, found: Json) -> Json:
    """The e-mail address is shown only with its own scope."""
    if not slack.manifest.grants("users:read.email"):
        found["profile"].pop("email", None)
    return found


def lookup_by_email(slack: LocalSlack, args: Arguments) -> Json:
    email = args.required("email").lower()
    for user in slack.workspace.users.values():
        if user.email == email and not user.deleted:
            return {"user": user_json(slack.workspace, user)}
    raise Refused("users_not_found")


def list_groups(slack: LocalSlack, args: Arguments) -> Json:
    with_disabled, with_users = args.flag("include_disabled"), args.flag("include_users")
    found = [
        usergroup_json(slack.workspace, group, with_users=with_users)
        for group in slack.workspace.usergroups.values()
        if with_disabled or not group.disabled
    ]
    return {"usergroups": found}


def list_group_users(slack: LocalSlack, args: Arguments) -> Json:
    group = slack.workspace.usergroups.get(args.required("usergroup"))
    if group is None or (group.disabled and not args.flag("include_disabled")):
        raise Refused("no_such_subteam")
    return {"users": list(group.user_ids)}


METHODS: Methods = {
    "users.info": Method(run=info, per_minute=limits.TIER_4, scope="users:read"),
    "users.list": Method(run=list_users, per_minute=limits.TIER_2, scope="users:read"),
    "users.lookupByEmail": Method(run=lookup_by_email, per_minute=limits.TIER_3, scope="users:read.email"),
    "usergroups.list": Method(run=list_groups, per_minute=limits.TIER_2, scope="usergroups:read"),
    "usergroups.users.list": Method(run=list_group_users, per_minute=limits.TIER_2, scope="usergroups:read"),
}
