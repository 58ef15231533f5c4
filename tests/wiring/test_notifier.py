"""Letters by real protocols: a mail server and a webhook on this machine, reached through Apprise."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.domain.delivery import Delivered, Refused, Unreached
from bot.notifier import Address, Notifier, unknown_to_apprise
from tests.hook import hook

SUBJECT, BODY = "Tierline: Slack has not confirmed 1 page (INC-1)", "INC-1  sev1  checkout: “Übel” & <b>\n\nNobody."


class Mailbox:
    """Takes mail, as it stands in the envelope."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.received.append(envelope)
        return "250 OK"


@asynccontextmanager
async def mail_server(mailbox: Mailbox) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_letter_arrives_as_mail() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as port:
        url = f"mailto://127.0.0.1:{port}/?from=tierline@example.com&to=oncall@example.com&mode=insecure"
        address = Address(url=url)
        sent = await Notifier([address]).send(address.id, subject=SUBJECT, body=BODY)
    assert sent == Delivered("")
    [envelope] = mailbox.received
    assert envelope.rcpt_tos == ["oncall@example.com"]
    content = envelope.content
    assert isinstance(content, bytes)
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Subject"] == SUBJECT
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n").strip() == BODY


async def test_a_letter_arrives_at_a_webhook() -> None:
    calls: list[Any] = []
    async with hook(calls) as url:
        address = Address(url=url)
        assert await Notifier([address]).send(address.id, subject=SUBJECT, body=BODY) == Delivered("")
    assert [(call["title"], call["message"]) for call in calls] == [(SUBJECT, BODY)]


async def test_a_service_that_does_not_take_it_is_tried_again() -> None:
    async with hook([], status=503) as url:
        address = Address(url=url)
        assert await Notifier([address]).send(address.id, subject=SUBJECT, body=BODY) == Unreached("not taken")
    assert await Notifier([address]).send(address.id, subject=SUBJECT, body=BODY) == Unreached("not taken")


async def test_an_address_that_is_no_longer_set_is_given_up() -> None:
    assert isinstance(await Notifier([]).send("gone", subject=SUBJECT, body=BODY), Refused)


def test_addresses_are_chosen_by_name_and_all_of_them_when_none_has_it() -> None:
    mail = Address(url="mailto://user:secret@example.com", names=frozenset({"managers"}))
    text = Address(url="json://example.com", names=frozenset({"night", "managers"}))
    other = Address(url="json://example.org")
    notifier = Notifier([mail, text, other])
    assert notifier.chosen("managers") == [mail, text]
    assert notifier.chosen("night") == [text]
    assert notifier.chosen(None) == [mail, text, other]
    assert notifier.chosen("nobody") == [mail, text, other]


def test_what_is_shown_of_an_address_is_no_secret() -> None:
    address = Address(url="mailto://user:secret@example.com")
    assert "secret" not in repr(address) + address.id + address.way
    assert address.way == "mailto"


@pytest.mark.parametrize(
    ("urls", "wrong"),
    [
        (["mailto://user:secret@example.com", "json://localhost"], []),
        (["json://localhost", "carrierpigeon://coop"], [2]),
        (["mailto://"], [1]),
    ],
)
def test_an_address_that_apprise_does_not_know_is_found_before_the_start(urls: list[str], wrong: list[int]) -> None:
    assert unknown_to_apprise([Address(url=url) for url in urls]) == wrong
