"""Originals are looked for where they were put: settings that say otherwise are refused, or the records follow them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy.orm import Session

from mailroom.domain.errors import Misconfigured
from mailroom.records import store_places
from mailroom.records.damages import note_damage
from mailroom.records.session import Records
from mailroom.records.store_places import former_place, rename_first, settle_places
from mailroom.records.tables import KeptObject, WorkerSlot
from storage.damage import Copy, Damage

MINUTE = timedelta(minutes=1)
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
DISK, BUCKET, OTHER = "the folder vault", "the bucket https://s3/originals", "the folder /mnt/second"

Settle = Callable[..., None]


@pytest.fixture
def settle(records: Records, now: Callable[[], datetime]) -> Settle:
    return lambda first, second="": settle_places(records, first, second, now(), MINUTE)


def test_two_that_open_a_new_mailroom_at_once_put_its_stores_down_once(
    archive: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, on_record = Barrier(2), store_places._on_record

    def read_at_once(session: Session) -> dict[str, str]:
        known = on_record(session)
        with suppress(BrokenBarrierError):  # where one has to wait for the other they never read at once
            both.wait(timeout=0.5)
        return known

    monkeypatch.setattr(store_places, "_on_record", read_at_once)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: settle_places(archive, DISK, "", AT, MINUTE), range(2)))
    with archive.look() as session:
        assert on_record(session) == {Copy.FIRST: DISK}


@pytest.fixture
def kept(records: Records) -> Callable[..., None]:
    """Puts an object down as it lies in the first store and, where it was copied, in the second."""

    def put(key: str, *, copied: bool) -> None:
        told = {"version": None, "copy_version": "v2" if copied else None, "copied_at": AT if copied else None}
        with records.work() as session:
            session.add(KeptObject(key=key, sha256="0" * 64, size=1, stored_at=AT, **told))
            session.commit()

    return put


def rows(records: Records) -> dict[str, tuple[str | None, bool, str | None]]:
    with records.look() as session:
        found = session.query(KeptObject).all()
        return {row.key: (row.version, row.copied_at is not None, row.copy_version) for row in found}


def test_while_nothing_is_kept_the_settings_may_change_as_they_like(settle: Settle) -> None:
    for first in (DISK, BUCKET, DISK):
        settle(first)


def test_an_empty_bucket_is_not_taken_for_the_store_of_originals(settle: Settle, kept: Callable[..., None]) -> None:
    settle(DISK)
    kept("originals/one", copied=False)
    with pytest.raises(Misconfigured, match=r"Originals lie in the folder vault, and the settings name the bucket"):
        settle(BUCKET)
    settle(DISK)


@pytest.mark.parametrize("second", [DISK, ""])
def test_stores_that_were_exchanged_are_exchanged_on_record(
    settle: Settle, kept: Callable[..., None], records: Records, second: str
) -> None:
    settle(DISK, BUCKET)
    kept("originals/one", copied=True)
    settle(BUCKET, second)
    assert rows(records) == {"originals/one": ("v2", True, None)}
    settle(BUCKET, second)
    assert rows(records) == {"originals/one": ("v2", True, None)}
    settle(DISK, BUCKET)
    assert rows(records) == {"originals/one": (None, True, "v2")}


def test_they_are_not_exchanged_before_everything_lies_in_both(settle: Settle, kept: Callable[..., None]) -> None:
    settle(DISK, BUCKET)
    kept("originals/one", copied=True)
    kept("originals/two", copied=False)
    with pytest.raises(Misconfigured, match=r"1 of 2 objects do not lie in the bucket .* finish with"):
        settle(BUCKET, DISK)


def test_they_are_not_exchanged_while_a_worker_uses_the_former_ones(
    settle: Settle, kept: Callable[..., None], records: Records, now: Callable[[], datetime], step: Callable[..., None]
) -> None:
    settle(DISK, BUCKET)
    kept("originals/one", copied=True)
    with records.work() as session:
        session.add(WorkerSlot(name="worker@elsewhere-1", heartbeat_at=now()))
        session.commit()
    with pytest.raises(Misconfigured, match="Stop all of them, and start again after 60 seconds"):
        settle(BUCKET, DISK)
    step(MINUTE * 2)
    settle(BUCKET, DISK)


def test_they_are_not_exchanged_while_a_copy_is_damaged(
    settle: Settle, kept: Callable[..., None], records: Records
) -> None:
    settle(DISK, BUCKET)
    kept("originals/one", copied=True)
    with records.work() as session:
        note_damage(session, Damage("originals/one", "0" * 64, Copy.SECOND, None), AT)
        session.commit()
    with pytest.raises(Misconfigured, match="Mend them before that"):
        settle(BUCKET, DISK)


def test_another_second_store_begins_without_copies_and_the_same_one_goes_on(
    settle: Settle, kept: Callable[..., None], records: Records
) -> None:
    settle(DISK, BUCKET)
    kept("originals/one", copied=True)
    settle(DISK)
    settle(DISK, BUCKET)
    assert rows(records) == {"originals/one": (None, True, "v2")}
    settle(DISK, OTHER)
    assert rows(records) == {"originals/one": (None, False, None)}


def test_a_store_that_is_called_otherwise_now_is_renamed_by_whoever_says_so(
    settle: Settle, kept: Callable[..., None], records: Records
) -> None:
    settle(BUCKET)
    kept("originals/one", copied=False)
    rename_first(records, "the bucket https://new-name/originals")
    settle("the bucket https://new-name/originals")


def test_only_a_store_that_originals_were_moved_from_is_a_former_one(
    settle: Settle, kept: Callable[..., None], records: Records
) -> None:
    def former() -> str | None:
        with records.look() as session:
            return former_place(session)

    settle(DISK, OTHER)
    kept("originals/one", copied=True)
    settle(DISK)
    assert former() is None, "a second copy that is no longer wanted was never more than that"
    settle(OTHER, DISK)
    settle(OTHER)
    assert former() == DISK
    settle(OTHER, BUCKET)
    assert former() is None, "the records speak of the copies of another store by now"
