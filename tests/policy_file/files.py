"""Policy files for the tests, and what their names mean in Slack."""

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from bot.domain.ids import ChannelId
from bot.domain.policy import Mention, MentionKind
from bot.policy_file import Directory, PolicyDocument, PolicyFileError, read

SHIPPED: Final = Path(__file__).parents[2] / "policy.yml"

FILE: Final = """\
severities:
  sev1: {ack_within: 5m, update_every: 20m}
  sev2: {ack_within: 15m, update_every: 30m}
  sev3: {ack_within: 60m, update_every: 4h}
  sev4: {ack_within: 4h, update_every: 1d}
services:
  checkout: {policy: default}
policies:
  default:
    tiers:
      - name: First line
        channel: "#tier-1"
        people: ["@ana", "@first-line"]
        managers: ["@grace"]
    repeat: {every: 5m, times: 3}
stakeholder_channel: "#updates"
fallback_channel: C0FALLBACK
"""


FULL: Final = """\
calendars:
  business:
    zone: Europe/Paris
    week: {mon-fri: "8:00-17:00", sat: ["13:00-15:00", "09:00-12:00"]}
    holidays: {country: FR, subdivision: 57, extra: [2026-12-24], except: [2026-05-25]}
severities:
  sev1: {ack_within: 5m, update_every: 20m, resolve_within: 4h, slower_updates: {after: 2h, every: 60m}}
  sev2: {ack_within: 15m, update_every: 30m, ack_expires_after: 30m, warn_at: [0.9, 50%]}
  sev3: {ack_within: 60m, update_every: 4h, clock: business, warn_at: []}
  sev4: {ack_within: 4h, update_every: 9h, clock: business}
impact_urgency:
  high: {high: sev1, medium: sev2, low: sev3}
  medium: {high: sev2, medium: sev3, low: sev3}
  low: {high: sev3, medium: sev4, low: sev4}
services:
  checkout: {policy: default, stakeholder_channel: "#shop"}
  payments: {policy: default, also_told: ["#shop", C0SALES001]}
  data: {policy: other, private: true}
policies:
  default:
    tiers:
      - name: First line
        channel: "#tier-1"
        people: [channel, "@ana"]
        managers: ["@grace"]
        ack_within: {sev2: 10m, sev1: 3m}
      - name: Nobody yet
      - name: Experts
        channel: "#tier-3-experts"
        ack_within: 20m
        on_call:
          - rotation:
              people: ["@emi", "@finn"]
              zone: Europe/Paris
              first_day: 2026-01-05
              hand_over: 9:00
              weeks: 2
              overrides: [{from: 2026-12-24 09:00, until: 2026-12-26T09:00, person: "@ben"}]
          - ical: {url: "webcal://calendar.example.com/s3cr3t.ics", people: {Ana Ruiz: "@ana"}}
    repeat: {every: 5m, times: 3}
    stakeholder_channel: "#payments"
    escalate_on_resolution_breach: true
    managers:
      - {at: opening, severities: [sev1], tell: ["@grace", tier managers]}
      - {at: 75%, tell: ["@hugo"]}
      - {at: breach 2, severities: [sev1, sev2], tell: ["@iris"]}
  other:
    tiers: [{name: All, channel: "#tier-1", people: ["@ana"]}]
stakeholder_channel: "#updates"
fallback_channel: C0FALLBACK
fallback_after: 2m
roles: {resolve: [assignee, admins], cancel: anyone}
admins: ["@grace", "@first-line"]
updates: {nudge_before: 10m, overdue_after: 25%}
incident_channel: {severities: [sev1, sev2], name: "{service}-{number}", private: true, archive_after: 2d}
"""
"""Everything that can be said."""


def read_text(text: str | bytes, *, allow_short: bool = False) -> PolicyDocument:
    path = Path("policy.yml")
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path, allow_short=allow_short)


def changed(before: str, after: str, file: str = FILE) -> str:
    assert file.count(before) >= 1
    return file.replace(before, after, 1)


def problems(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(PolicyFileError) as refused:
        read_text(text)
    assert str(refused.value) == refused.value.problems[0]
    return refused.value.problems


def user(slack_id: str, name: str) -> Mention:
    return Mention(kind=MentionKind.USER, slack_id=slack_id, name=name)


def group(slack_id: str, name: str) -> Mention:
    return Mention(kind=MentionKind.USER_GROUP, slack_id=slack_id, name=name)


ANA: Final = user("U0ANA00001", "@ana")
BEN: Final = user("U0BEN00001", "@ben")
EMI: Final = user("U0EMI00001", "@emi")
FINN: Final = user("U0FINN0001", "@finn")
GRACE: Final = user("U0GRACE001", "@grace")
HUGO: Final = user("U0HUGO0001", "@hugo")
IRIS: Final = user("U0IRIS0001", "@iris")
FIRST_LINE: Final = group("S0FIRSTLN1", "@first-line")
PLATFORM: Final = group("S0PLATFRM1", "@platform")
EXPERTS: Final = group("S0EXPERTS1", "@experts")

EVERYBODY: Final = (ANA, BEN, EMI, FINN, GRACE, HUGO, IRIS, FIRST_LINE, PLATFORM, EXPERTS)

DIRECTORY: Final = Directory(
    channels={
        "#tier-1": ChannelId("C0FIRSTLN1"),
        "#tier-1-support": ChannelId("C0FIRSTLN1"),
        "#tier-2-platform": ChannelId("C0PLATFRM1"),
        "#tier-3-experts": ChannelId("C0EXPERTS1"),
        "#tier-4-management": ChannelId("C0MANAGERS"),
        "#updates": ChannelId("C0STATUS01"),
        "#payments": ChannelId("C0PAYMENTS"),
        "#shop": ChannelId("C0SHOP0001"),
        "#incident-updates": ChannelId("C0STATUS01"),
        "#escalation-fallback": ChannelId("C0FALLBACK"),
    },
    people={mention.name: mention for mention in EVERYBODY},
)


def directory_with(holidays: dict[str, tuple[date, ...]]) -> Directory:
    return Directory(channels=DIRECTORY.channels, people=DIRECTORY.people, holidays=holidays)
