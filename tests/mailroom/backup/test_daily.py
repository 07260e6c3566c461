"""A backup of each day, taken by the clock; an alarm where there is none that can be relied on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.backup import daily as taking
from mailroom.backup.daily import is_due, take_daily_backup
from mailroom.backup.records_copy import RecordsCopy
from mailroom.backup.shelf import Shelf
from mailroom.domain.capture import Receipt
from mailroom.records.alarms import alarms_raised
from mailroom.services import Services

Step = Callable[[timedelta], None]


@pytest.fixture
def daily(services: Services, tmp_path: Path) -> Services:
    """The bundle with a folder for backups."""
    told = services.settings.backup.model_copy(update={"folder": str(tmp_path / "backups")})
    return replace(services, settings=services.settings.model_copy(update={"backup": told}))


@pytest.fixture
def alarms(services: Services) -> Callable[[], list[str]]:
    def look() -> list[str]:
        with services.records.look() as session:
            return [alarm.sentence for alarm in alarms_raised(session)]

    return look


def no() -> bool:
    return False


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-16T00:30", True),
        ("2026-11-15T02:10", "2026-11-16T01:59", False),
        ("2026-11-15T02:10", "2026-11-16T02:00", True),
        ("2026-11-16T02:00", "2026-11-16T23:59", False),
        ("2026-07-14T01:10", "2026-07-15T00:59", False),  # two o'clock of the clock on the wall
        ("2026-07-14T01:10", "2026-07-15T01:00", True),
    ],
)
def test_it_is_due_once_a_day_from_the_hour_on(last: str | None, now: str, due: bool) -> None:
    before = datetime.fromisoformat(last).replace(tzinfo=UTC) if last else None
    assert is_due(before, datetime.fromisoformat(now).replace(tzinfo=UTC), 2) is due


def test_one_is_taken_each_day_and_no_more(
    post: list[Receipt], daily: Services, copy: RecordsCopy, step: Step, alarms: Callable[[], list[str]]
) -> None:
    shelf = Shelf(Path(daily.settings.backup.folder))
    for _ in range(3):
        take_daily_backup(daily, copy, no)
    assert len(shelf.finished()) == 1
    step(timedelta(days=1))
    take_daily_backup(daily, copy, no)
    assert len(shelf.finished()) == 2
    assert alarms() == []


def test_without_a_folder_none_is_taken_and_nobody_is_alarmed(
    services: Services, copy: RecordsCopy, alarms: Callable[[], list[str]]
) -> None:
    take_daily_backup(services, copy, no)
    assert alarms() == []


def test_where_none_can_be_taken_an_alarm_says_why_and_clears_by_itself(
    post: list[Receipt], daily: Services, copy: RecordsCopy, step: Step, alarms: Callable[[], list[str]]
) -> None:
    folder = Path(daily.settings.backup.folder)
    folder.write_text("a file in its place")
    take_daily_backup(daily, copy, no)
    (sentence,) = alarms()
    assert sentence.startswith("There is no backup. Backups cannot be written to")
    folder.unlink()
    take_daily_backup(daily, copy, no)
    assert alarms() == []
    folder.rename(folder.with_name("away"))
    folder.write_text("a file in its place")
    step(timedelta(days=1))
    take_daily_backup(daily, copy, no)
    assert alarms()[0].startswith("Backups cannot be written to")
    step(timedelta(days=1))
    take_daily_backup(daily, copy, no)
    assert alarms()[0].startswith("The last backup is of 16 November 2026 10:00. Backups cannot be written to")


def test_a_lost_original_stands_in_the_alarm_until_a_backup_has_all(
    post: list[Receipt],
    daily: Services,
    copy: RecordsCopy,
    originals: Callable[[], dict[str, str]],
    alarms: Callable[[], list[str]],
    step: Step,
) -> None:
    victim = daily.settings.data / "vault" / next(iter(originals().values()))
    content = victim.read_bytes()
    victim.unlink()
    for _ in range(2):
        take_daily_backup(daily, copy, no)
        assert alarms()[0].startswith("1 objects are not in the last backup")
    victim.write_bytes(content)
    step(timedelta(days=1))
    take_daily_backup(daily, copy, no)
    assert alarms() == []


def test_a_service_that_is_stopped_breaks_it_off_and_nothing_is_left_that_looks_like_one(
    post: list[Receipt], daily: Services, copy: RecordsCopy
) -> None:
    take_daily_backup(daily, copy, lambda: True)
    shelf = Shelf(Path(daily.settings.backup.folder))
    assert (shelf.finished(), shelf.broken_off()) == ([], [])
    take_daily_backup(daily, copy, no)
    assert len(shelf.finished()) == 1


def test_also_where_nobody_foresaw_what_goes_wrong_the_age_of_the_last_one_is_told(
    daily: Services,
    copy: RecordsCopy,
    step: Step,
    alarms: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_daily_backup(daily, copy, no)
    step(timedelta(days=2))
    monkeypatch.setattr(taking, "take_backup", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_daily_backup(daily, copy, no)
    assert alarms()[0].startswith("The last backup is of 16 November 2026 10:00.")
