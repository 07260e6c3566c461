"""What writing that broke off left in the stores is cleared away after a day, and no store that is away minds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mailroom.duties.half_written import clear_half_written
from mailroom.services import Services
from storage.errors import StoreRefused
from storage.local import LocalStore


def test_what_is_a_day_old_goes_in_both_stores_and_younger_ones_stay(second: Path, services: Services) -> None:
    now = services.now().timestamp()
    folders = [next(place for place in root.iterdir()) for root in (services.settings.data / "vault", second)]
    for folder in folders:
        for name, hours in (("old", 25), ("young", 23)):
            (folder / name).write_bytes(b"half a letter")
            os.utime(folder / name, (now - hours * 3600, now - hours * 3600))
    assert clear_half_written(services) == 2
    assert [[file.name for file in folder.iterdir()] for folder in folders] == [["young"], ["young"]]


def test_an_account_that_may_not_leaves_them_and_the_log_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> int:
        raise StoreRefused("The account of [s3] may not do this")

    monkeypatch.setattr(LocalStore, "clear_half_written", refuse)
    assert clear_half_written(services) == 0
    assert "stays there: The account of [s3] may not do this" in caplog.text
