"""What came while the store was away lies in the spool, is readable, goes its way, and is handed on by itself."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from absent_store import Absent

from mailroom.bootstrap.stores import name_of_the_spool
from mailroom.domain.capture import Capture, Receipt
from mailroom.domain.errors import MailroomError, Transient
from mailroom.duties import hand_on as duty
from mailroom.duties.hand_on import hand_on
from mailroom.duties.kept_in_words import all_in_figures, spool_in_words
from mailroom.duties.scrub import walk_on
from mailroom.duties.verify import verify
from mailroom.journey.receive import receive
from mailroom.records.kept_objects import ObjectRegister
from mailroom.records.session import Records
from mailroom.records.tables import KeptObject
from mailroom.services import Services
from storage.errors import StoreUnavailable
from storage.local import LocalStore
from storage.spool import SpoolingStore
from storage.vault import Vault, original_key

LETTER = b"Dear council"
KEY = original_key(sha256(LETTER).hexdigest())


@pytest.fixture
def far() -> Absent:
    made = Absent()
    made.fault = StoreUnavailable("away")
    return made


@pytest.fixture
def away(
    services: Services, records: Records, now: Callable[[], datetime], far: Absent, data: Path
) -> Callable[[str], Services]:
    """The bundle of a machine, over a store that is away."""

    def make(machine: str) -> Services:
        store = SpoolingStore(far, LocalStore(data / f"spool-of-{machine}"), 1000, machine)
        return replace(services, vault=Vault(store, register=ObjectRegister(records, now)))

    return make


@pytest.fixture
def here(away: Callable[[str], Services]) -> Services:
    return away("here")


@pytest.fixture
def letter(here: Services, capture: Callable[..., Capture]) -> Receipt:
    return receive(capture(LETTER), here)


def whereabouts(services: Services) -> tuple[str | None, str | None]:
    with services.records.look() as session:
        row = session.get_one(KeptObject, KEY)
        return row.waits_on, row.version


def test_it_is_received_as_ever_and_proved_from_the_spool(here: Services, letter: Receipt, far: Absent) -> None:
    assert whereabouts(here) == ("here", None)
    assert verify(here)["faults"] == []
    walk_on(here, 1000)
    assert all_in_figures(here)["not_mended"] == 0
    with pytest.raises(
        MailroomError, match=r"Waiting for the store of originals: 1 object \(0.0 MB\), the oldest since 16"
    ):
        spool_in_words(here)


def test_an_alarm_says_what_waits_until_it_is_handed_on(
    here: Services, letter: Receipt, far: Absent, alarms: Callable[[], dict[str, str]]
) -> None:
    assert hand_on(here) == 0
    assert "until the store of originals takes it: 1 object (0.0 MB)." in alarms()["the store of originals"]
    assert "away. All is handed on by itself once it does." in alarms()["the store of originals"]
    far.fault = None
    assert hand_on(here) == 1
    assert alarms() == {}
    assert whereabouts(here) == (None, None)
    with far.open(KEY) as kept:
        assert kept.read() == LETTER
    assert spool_in_words(here) == "Nothing waits for the store of originals."
    assert verify(here)["faults"] == []


@pytest.mark.parametrize("dies_at", ["_put_down", "let_go"])
def test_whoever_is_stopped_in_the_middle_does_it_again(
    here: Services, letter: Receipt, far: Absent, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    far.fault = None
    with monkeypatch.context() as dying:
        dying.setattr(SpoolingStore if dies_at == "let_go" else duty, dies_at, die)
        with pytest.raises(KeyboardInterrupt):
            hand_on(here)
    assert verify(here)["faults"] == []
    assert hand_on(here) == 1
    assert hand_on(here) == 0
    assert whereabouts(here) == (None, None)
    assert verify(here)["faults"] == []


def test_another_machine_waits_for_it_and_calls_it_no_breach(
    away: Callable[[str], Services], here: Services, letter: Receipt
) -> None:
    there = away("there")
    with pytest.raises(StoreUnavailable, match="waits in the spool of here"):
        there.vault.open(sha256(LETTER).hexdigest())
    assert all_in_figures(there)["not_mended"] == 0


def test_what_is_gone_from_the_spool_of_this_machine_is_a_breach(here: Services, letter: Receipt, data: Path) -> None:
    (data / "spool-of-here" / KEY).unlink()
    walk_on(here, 1000)
    assert [(one["wrong"], one["items"]) for one in all_in_figures(here)["damage"]] == [("missing", [letter.reference])]


def test_what_is_being_kept_this_moment_is_not_handed_on_before_it_is_on_record(
    here: Services, far: Absent, tmp_path: Path
) -> None:
    (tmp_path / "letter").write_bytes(LETTER)
    spool = here.vault.spool
    assert spool is not None
    spool.put_new(KEY, tmp_path / "letter")
    far.fault = None
    assert hand_on(here) == 0
    assert [one.key for one in spool.waiting()] == [KEY]


def test_over_the_limit_the_door_is_closed_and_the_source_keeps_what_it_has(
    here: Services, letter: Receipt, capture: Callable[..., Capture]
) -> None:
    large = capture(b"x" * 1000)
    with pytest.raises(Transient, match=r"s3\.spool_megabytes"):
        receive(large, here)
    assert large.spooled.exists()


def test_what_lay_damaged_in_its_place_is_on_record_and_put_right(
    here: Services, letter: Receipt, far: Absent, tmp_path: Path
) -> None:
    far.fault = None
    (tmp_path / "other").write_bytes(b"damaged")
    far.put_new(KEY, tmp_path / "other")
    assert hand_on(here) == 1
    (found,) = all_in_figures(here)["damage"]
    assert (found["wrong"], found["items"]) == ("other bytes", [letter.reference])
    assert found["mended_at"] is not None
    with here.vault.open(sha256(LETTER).hexdigest()) as kept:
        assert kept.read() == LETTER


def test_the_spool_keeps_its_name_though_the_machine_is_called_otherwise(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = name_of_the_spool(services.settings)
    assert name.startswith(socket.gethostname())
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    assert name_of_the_spool(services.settings) == name


def test_what_the_store_refuses_of_one_original_keeps_no_other_here(
    here: Services,
    letter: Receipt,
    far: Absent,
    capture: Callable[..., Capture],
    alarms: Callable[[], dict[str, str]],
) -> None:
    receive(capture(b"Dear mayor"), here)
    far.of = {KEY}
    assert hand_on(here) == 1
    assert [one.key for one in here.vault.spool.waiting()] == [KEY]
    assert "takes it: 1 object (0.0 MB)" in alarms()["the store of originals"]
    far.fault = None
    assert hand_on(here) == 1
    assert alarms() == {}


def test_originals_that_the_store_will_never_take_keep_no_other_here(
    here: Services, far: Absent, capture: Callable[..., Capture], alarms: Callable[[], dict[str, str]]
) -> None:
    letters = [b"Dear mayor %d" % number for number in range(4)] + [b"Dear council %d" % number for number in range(3)]
    for letter in letters:
        receive(capture(letter), here)
    refused = [original_key(sha256(letter).hexdigest()) for letter in letters[:4]]
    far.of = refused
    assert [hand_on(here), hand_on(here)] == [0, 3]
    assert {one.key for one in here.vault.spool.waiting()} == set(refused)
    assert "takes it: 4 objects" in alarms()["the store of originals"]
    far.fault = None
    assert hand_on(here) + hand_on(here) == 4
    assert alarms() == {}


def test_a_store_that_is_away_is_not_asked_for_everything_that_waits(
    here: Services, letter: Receipt, far: Absent, capture: Callable[..., Capture]
) -> None:
    for number in range(10):
        receive(capture(b"Dear council %d" % number), here)
    asked = far.asked
    assert hand_on(here) == 0
    assert far.asked - asked == 3
