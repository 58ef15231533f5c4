"""Patience with an address: refused requests use it up, time gives it back, and it takes no memory to speak of."""

import pytest

from bot import strangers
from bot.strangers import A_SECOND, AT_ONCE, Patience


class Seconds:
    def __init__(self) -> None:
        self.passed = 100.0

    def __call__(self) -> float:
        return self.passed


def tried(patience: Patience, address: str, times: int) -> bool:
    """Whether the address is turned away after that."""
    for _ in range(times):
        patience.tried(address)
    return patience.is_out(address)


def test_so_many_are_borne_at_once_and_no_more() -> None:
    patience = Patience(Seconds())
    assert not tried(patience, "192.0.2.1", AT_ONCE - 1)
    assert tried(patience, "192.0.2.1", 1)
    assert not patience.is_out("192.0.2.2"), "nobody pays for another address"


def test_time_gives_it_back_up_to_what_is_borne_at_once() -> None:
    seconds = Seconds()
    patience = Patience(seconds)
    assert tried(patience, "192.0.2.1", 5 * AT_ONCE)
    seconds.passed += 1.5 / A_SECOND
    assert not patience.is_out("192.0.2.1")
    assert tried(patience, "192.0.2.1", 1)
    seconds.passed += 3_600
    assert not tried(patience, "192.0.2.1", AT_ONCE - 1)
    assert tried(patience, "192.0.2.1", 1)


def test_a_network_of_ipv6_is_one_address() -> None:
    patience = Patience(Seconds())
    assert tried(patience, "2001:db8::1", AT_ONCE)
    assert patience.is_out("2001:db8::ffff:2")
    assert not patience.is_out("2001:db8:0:1::1")
    assert not patience.is_out("fe80::1%eth0")
    assert not tried(patience, "not:an:address", 1)


def test_those_that_were_not_heard_for_longest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "ADDRESSES_KEPT", 2)
    patience = Patience(Seconds())
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        tried(patience, address, AT_ONCE)
    assert [patience.is_out(f"192.0.2.{number}") for number in (1, 2, 3)] == [False, True, True]
