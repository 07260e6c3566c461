"""Guessing from one address is slowed whatever names it tries, and an office behind one address signs in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from mailroom.desk import at_the_address
from mailroom.desk.at_the_address import Addresses, house_of
from mailroom.domain.accounts import FREE_AT_ADDRESS

HERE, THERE = "192.0.2.1", "192.0.2.2"
Step = Callable[[timedelta], None]


@pytest.fixture
def addresses(now: Callable[[], datetime]) -> Addresses:
    return Addresses(now)


def spray(addresses: Addresses, times: int, address: str = HERE) -> None:
    """Try one password on so many names."""
    for number in range(times):
        addresses.went_wrong(address, f"guess{number}")


def test_a_few_tries_on_many_names_are_slowed_at_that_address_alone(addresses: Addresses) -> None:
    spray(addresses, FREE_AT_ADDRESS - 1)
    assert addresses.may_try(HERE, "ada")
    spray(addresses, 1)
    assert not addresses.may_try(HERE, "ada")
    assert addresses.may_try(THERE, "ada")


def test_pauses_grow_and_end(addresses: Addresses, step: Step) -> None:
    spray(addresses, FREE_AT_ADDRESS)
    step(timedelta(minutes=1))
    assert addresses.may_try(HERE, "ada")
    spray(addresses, 1)
    step(timedelta(minutes=1))
    assert not addresses.may_try(HERE, "ada")
    spray(addresses, 50)
    step(timedelta(minutes=15))
    assert addresses.may_try(HERE, "ada")


def test_an_office_of_hundreds_that_slips_signs_in_all_the_same(addresses: Addresses) -> None:
    for number in range(300):
        name = f"officer{number}"
        for _ in range(3):
            assert addresses.may_try(HERE, name)
            addresses.went_wrong(HERE, name)
        addresses.went_right(HERE, name)
    assert addresses.may_try(HERE, "the next one")


def test_who_signed_in_from_there_before_does_not_wait_for_somebody_who_guesses_there(addresses: Addresses) -> None:
    addresses.went_right(HERE, "ada")
    spray(addresses, 100)
    assert (addresses.may_try(HERE, "ada"), addresses.may_try(HERE, "bob")) == (True, False)


def test_what_is_remembered_is_bounded_and_tries_are_not_forgotten_by_it(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_the_address, "_MOST_ADDRESSES", 3)
    monkeypatch.setattr(at_the_address, "_MOST_NAMES", 5)
    spray(addresses, FREE_AT_ADDRESS)
    assert not addresses.may_try(HERE, "ada")
    assert len(addresses._tries[HERE].wrong) == 5
    for number in range(10):
        addresses.went_right(HERE, f"officer{number}")
        addresses.may_try(f"198.51.100.{number}", "ada")
    assert len(addresses._tries) == 3


@pytest.mark.parametrize(
    ("address", "house"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("a socket", "a socket"),
    ],
)
def test_a_house_with_many_addresses_is_one(address: str, house: str) -> None:
    assert house_of(address) == house
