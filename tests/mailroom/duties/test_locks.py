"""Locks last for as long as the case is open and no longer than may be; what is under hold is held in the store."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.legal_hold import lift_hold, place_hold
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Capture, Receipt
from mailroom.duties.locks import keep_locked
from mailroom.duties.verify import verify
from mailroom.journey.receive import receive
from mailroom.records.kept_objects import ObjectRegister
from mailroom.records.session import Records
from mailroom.records.tables import Case, CustodyEvent, Item, KeptObject
from mailroom.services import Services
from storage.errors import ObjectMissing, StorageError, StoreUnavailable
from storage.memory import MemoryStore
from storage.store import StoredObject
from storage.vault import Vault, original_key

DAY = timedelta(days=1)
AUDITOR = Viewer("ann", frozenset({Role.AUDITOR}), named_for_limited=True)
CLERK = Viewer("kim", frozenset({Role.POST_ROOM}))


class Locking(MemoryStore):
    """A store that locks for thirty days, by the clock of the test, and can be away."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self.until: dict[str, datetime] = {}
        self.held: set[str] = set()
        self.fault: StorageError | None = None
        self.of: Collection[str] | None = None

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        self.until.setdefault(key, self._now() + 30 * DAY)
        return replace(super().put_new(key, source, sha256), locked_until=self.until[key])

    def lock(self, key: str, until: datetime, version: str | None = None) -> datetime | None:
        self._refuse(key)
        self.until[key] = max(until, self.until[key])
        return self.until[key]

    def hold(self, key: str, version: str | None = None, *, on: bool) -> bool:
        self._refuse(key)
        (self.held.add if on else self.held.discard)(key)
        return True

    def _refuse(self, key: str) -> None:
        if self.fault and (self.of is None or key in self.of):
            raise self.fault


@pytest.fixture
def bucket(now: Callable[[], datetime]) -> Locking:
    return Locking(now)


@pytest.fixture
def locking(services: Services, records: Records, now: Callable[[], datetime], bucket: Locking) -> Services:
    """The bundle over a store that locks, for two years at most."""
    told = services.settings
    parts = told.parts.model_copy(update={"store": "s3"})
    s3 = told.s3.model_copy(update={"lock_years_at_most": 2})
    settings = told.model_copy(update={"parts": parts, "s3": s3})
    return replace(services, settings=settings, vault=Vault(bucket, register=ObjectRegister(records, now)))


@pytest.fixture
def letter(locking: Services, capture: Callable[..., Capture]) -> Receipt:
    return receive(capture(b"Dear council"), locking)


def days_left(bucket: Locking, services: Services) -> list[int]:
    return [(until - services.now()).days for until in bucket.until.values()]


def close_the_case(letter: Receipt, services: Services) -> None:
    told = {"case_type": "foi", "team": "planning", "owner": "team:planning", "opened_at": services.now()}
    with services.records.work() as session:
        session.add(Case(id="c", reference="c", opened_for=letter.item_id, closed_at=services.now(), **told))
        session.flush()
        session.get_one(Item, letter.item_id).case_id = "c"
        session.commit()


def test_a_lock_is_made_longer_in_time_while_the_case_is_open(
    locking: Services, letter: Receipt, bucket: Locking, step: Callable[[timedelta], None]
) -> None:
    assert keep_locked(locking) == 0
    step(14 * DAY)
    assert keep_locked(locking) == 0
    step(2 * DAY)
    assert keep_locked(locking) == 1
    assert days_left(bucket, locking) == [30]
    assert keep_locked(locking) == 0


def test_once_the_case_is_closed_it_runs_out(
    locking: Services, letter: Receipt, bucket: Locking, step: Callable[[timedelta], None]
) -> None:
    close_the_case(letter, locking)
    step(20 * DAY)
    assert keep_locked(locking) == 0
    step(20 * DAY)
    assert verify(locking)["faults"] == []


def test_no_lock_is_made_longer_than_may_be(
    locking: Services, letter: Receipt, bucket: Locking, step: Callable[[timedelta], None]
) -> None:
    received_at = locking.now()
    for _ in range(60):
        step(14 * DAY)
        keep_locked(locking)
    assert list(bucket.until.values()) == [received_at + 730 * DAY]
    assert verify(locking)["faults"] == []


def test_a_lock_that_has_run_out_is_told_by_verify_and_put_on_again(
    locking: Services,
    letter: Receipt,
    bucket: Locking,
    step: Callable[[timedelta], None],
    alarms: Callable[[], dict[str, str]],
) -> None:
    bucket.fault = StoreUnavailable("away")
    step(31 * DAY)
    assert keep_locked(locking) == 0
    assert alarms()["locks on originals"] == "Locks cannot be made longer now: away."
    (fault,) = verify(locking)["faults"]
    assert fault.endswith("its lock ended on 16 December 2026 though its case is open")
    bucket.fault = None
    assert keep_locked(locking) == 1
    assert alarms() == {}
    assert verify(locking)["faults"] == []


def test_where_no_lock_is_asked_for_nothing_is_done(
    locking: Services, letter: Receipt, step: Callable[..., None]
) -> None:
    told = locking.settings
    without = told.model_copy(update={"s3": told.s3.model_copy(update={"lock": ""})})
    step(31 * DAY)
    assert keep_locked(replace(locking, settings=without)) == 0
    assert verify(replace(locking, settings=without))["faults"] == []


def kinds(letter: Receipt, services: Services) -> list[str]:
    with services.records.look() as session:
        rows = session.query(CustodyEvent).filter_by(item_id=letter.item_id).order_by(CustodyEvent.position)
        return [row.kind for row in rows]


def test_an_auditor_puts_an_item_under_hold_and_lifts_it_with_a_reason(
    locking: Services, letter: Receipt, bucket: Locking
) -> None:
    done = place_hold(letter.reference, AUDITOR, locking, reason="court order")
    assert done.sentence.startswith(f"{letter.reference} is under legal hold")
    assert bucket.held == set(bucket.until)
    with pytest.raises(Refused, match="under hold already"):
        place_hold(letter.reference, AUDITOR, locking, reason="once more")
    lift_hold(letter.reference, AUDITOR, locking, reason="settled")
    assert bucket.held == set()
    with pytest.raises(Refused, match="is not under hold"):
        lift_hold(letter.reference, AUDITOR, locking, reason="once more")
    assert kinds(letter, locking) == ["received", "legal_hold_placed", "legal_hold_lifted"]


def test_nobody_else_may_and_nobody_without_a_reason(locking: Services, letter: Receipt) -> None:
    with pytest.raises(Refused, match="Only"):
        place_hold(letter.reference, CLERK, locking, reason="court order")
    with pytest.raises(Refused, match="Say why"):
        place_hold(letter.reference, AUDITOR, locking, reason=" ")
    assert kinds(letter, locking) == ["received"]


def test_a_store_that_is_away_follows_by_the_clock(locking: Services, letter: Receipt, bucket: Locking) -> None:
    bucket.fault = StoreUnavailable("away")
    done = place_hold(letter.reference, AUDITOR, locking, reason="court order")
    assert done.sentence.endswith("The store follows once it is there again: away.")
    bucket.fault = None
    keep_locked(locking)
    assert bucket.held == set(bucket.until)


def test_bytes_that_two_items_share_are_held_while_one_of_them_is(
    locking: Services, letter: Receipt, bucket: Locking, capture: Callable[..., Capture]
) -> None:
    again = receive(capture(b"Dear council"), locking)
    for one in (letter, again):
        place_hold(one.reference, AUDITOR, locking, reason="court order")
    lift_hold(letter.reference, AUDITOR, locking, reason="settled")
    assert bucket.held == set(bucket.until)
    lift_hold(again.reference, AUDITOR, locking, reason="settled")
    assert bucket.held == set()


def test_what_is_put_back_is_held_again(locking: Services, letter: Receipt, bucket: Locking) -> None:
    place_hold(letter.reference, AUDITOR, locking, reason="court order")
    bucket.held.clear()
    with locking.records.work() as session:
        session.query(KeptObject).update({"held": False})  # as whoever puts a copy back does
        session.commit()
    keep_locked(locking)
    assert bucket.held == set(bucket.until)


def test_what_is_refused_of_one_original_keeps_no_other_from_its_lock_and_its_hold(
    locking: Services,
    letter: Receipt,
    bucket: Locking,
    capture: Callable[..., Capture],
    step: Callable[[timedelta], None],
    alarms: Callable[[], dict[str, str]],
) -> None:
    step(timedelta(minutes=1))
    other = receive(capture(b"Dear mayor"), locking)
    gone, there = bucket.until
    bucket.fault, bucket.of = ObjectMissing("nothing is kept under it"), {gone}
    for one in (letter, other):
        place_hold(one.reference, AUDITOR, locking, reason="court order")
    assert bucket.held == {there}
    step(16 * DAY)
    assert keep_locked(locking) == 1
    assert bucket.until[there] == locking.now() + 30 * DAY
    assert alarms()["locks on originals"] == "Locks cannot be made longer now: nothing is kept under it."


def test_originals_that_can_never_be_locked_or_held_keep_no_other_from_it(
    locking: Services,
    bucket: Locking,
    capture: Callable[..., Capture],
    step: Callable[[timedelta], None],
    alarms: Callable[[], dict[str, str]],
) -> None:
    letters = [receive(capture(b"Dear mayor %d" % number), locking) for number in range(6)]
    step(16 * DAY)
    bucket.fault, bucket.of = StoreUnavailable("it cannot say"), sorted(bucket.until)[:4]
    there = set(bucket.until) - set(bucket.of)
    for letter in letters:
        place_hold(letter.reference, AUDITOR, locking, reason="court order")
    for _ in range(3):
        keep_locked(locking)
    assert bucket.held == there
    assert {key for key, until in bucket.until.items() if until == locking.now() + 30 * DAY} == there
    assert alarms()["locks on originals"] == "Locks cannot be made longer now: it cannot say."
    bucket.fault = None
    for _ in range(3):
        keep_locked(locking)
    assert bucket.held == set(bucket.until)
    assert alarms() == {}


def test_a_hold_is_put_on_at_once_however_far_the_round_of_the_others_has_come(
    locking: Services, bucket: Locking, capture: Callable[..., Capture]
) -> None:
    bodies = [b"Dear mayor %d" % number for number in range(5)]
    by_key = {original_key(sha256(body).hexdigest()): receive(capture(body), locking).reference for body in bodies}
    first, *away = sorted(by_key)
    bucket.fault, bucket.of = StoreUnavailable("it cannot say"), away
    for key in away:
        place_hold(by_key[key], AUDITOR, locking, reason="court order")
    keep_locked(locking)  # three in a row were refused: the next round begins behind them
    done = place_hold(by_key[first], AUDITOR, locking, reason="court order")
    assert bucket.held == {first}
    assert done.sentence.endswith("nothing of it is destroyed before that is lifted.")
