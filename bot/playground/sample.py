"""The workspace everybody starts with: a small company with four tiers of support."""

from .model import SLACKBOT, App, Channel, ChannelKind, Team, User, UserGroup, Workspace

BOT_USER = "U0TIERBOT"

_PEOPLE = (
    ("U0ANA00001", "ana", "Ana Ruiz", "First line support", "e7392d", "Europe/Madrid"),
    ("U0BEN00001", "ben", "Ben Okafor", "First line support", "4bbe2e", "Africa/Lagos"),
    ("U0CHLOE001", "chloe", "Chloé Martin", "Platform engineer", "3c989f", "Europe/Paris"),
    ("U0DEV00001", "dev", "Dev Patel", "Platform engineer", "d58247", "Asia/Kolkata"),
    ("U0EMI00001", "emi", "Emi Tanaka", "Database expert", "9b3b45", "Asia/Tokyo"),
    ("U0FINN0001", "finn", "Finn Larsen", "Network expert", "2b6836", "Europe/Copenhagen"),
    ("U0GRACE001", "grace", "Grace Kim", "Manager, support", "5b89d5", "America/New_York"),
    ("U0HUGO0001", "hugo", "Hugo Silva", "Manager, platform", "c386df", "America/Sao_Paulo"),
    ("U0IRIS0001", "iris", "Iris Novak", "Director of engineering", "a2a5dc", "Europe/Prague"),
    ("U0SAM00001", "sam", "Sam Reed", "Customer success", "e0a729", "Europe/London"),
)

_GROUPS = (
    ("S0FIRSTLN1", "first-line", "First line", ("U0ANA00001", "U0BEN00001")),
    ("S0PLATFRM1", "platform", "Platform", ("U0CHLOE001", "U0DEV00001")),
    ("S0EXPERTS1", "experts", "Experts", ("U0EMI00001", "U0FINN0001")),
)

_CHANNELS = (
    ("C0GENERAL1", "general", "Company-wide news", False),
    ("C0FIRSTLN1", "tier-1-support", "First line: incidents arrive here", True),
    ("C0PLATFRM1", "tier-2-platform", "Second line: the platform team", True),
    ("C0EXPERTS1", "tier-3-experts", "Third line: databases and networks", True),
    ("C0MANAGERS", "tier-4-management", "Managers", True),
    ("C0STATUS01", "incident-updates", "How open incidents are going", True),
    ("C0FALLBACK", "escalation-fallback", "Pages that could not be delivered elsewhere", True),
    ("C0RANDOM01", "random", "Everything else", False),
)

_SECRET = ("G0SECRET01", "security-private", {"U0GRACE001", "U0IRIS0001", "U0DEV00001"})


def sample_workspace() -> Workspace:
    """A fresh copy each time; ids and names are fixed."""
    app = App(id="A0TIERLINE", bot_id="B0TIERBOT", user_id=BOT_USER, name="Tierline")
    return Workspace(
        team=Team(id="T0TIERLINE", name="Acme", domain="acme"),
        app=app,
        users=_users(app),
        usergroups={
            id_: UserGroup(id=id_, handle=handle, name=name, user_ids=list(members))
            for id_, handle, name, members in _GROUPS
        },
        channels=_channels(),
    )


def _users(app: App) -> dict[str, User]:
    people = [
        User(id=id_, name=name, real_name=real_name, title=title, email=f"{name}@acme.example", color=color, tz=tz)
        for id_, name, real_name, title, color, tz in _PEOPLE
    ]
    bots = [
        User(id=app.user_id, name="tierline", real_name=app.name, title="Escalations", color="1d1c1d", is_bot=True),
        User(id=SLACKBOT, name="slackbot", real_name="Slackbot", color="757575"),
    ]
    return {user.id: user for user in [*people, *bots]}


def _channels() -> dict[str, Channel]:
    everybody = {id_ for id_, *_ in _PEOPLE}
    public = [
        Channel(id=id_, name=name, topic=topic, members=everybody | ({BOT_USER} if with_bot else set()))
        for id_, name, topic, with_bot in _CHANNELS
    ]
    secret_id, secret_name, secret_members = _SECRET
    secret = Channel(id=secret_id, name=secret_name, kind=ChannelKind.PRIVATE, members=set(secret_members))
    return {channel.id: channel for channel in [*public, secret]}
