"""An alarm where a lock is asked for and the store does not hold it, and none where it does or cannot be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mailroom.domain.errors import Misconfigured
from mailroom.duties.protection import protection_in_words, try_protection
from mailroom.records.alarms import alarms_raised
from mailroom.services import Services
from storage.errors import StoreUnavailable
from storage.memory import MemoryStore
from storage.store import Protection
from storage.vault import Vault


class Tried(MemoryStore):
    """A store of which a test says what a trial finds."""

    found: Protection | StoreUnavailable = Protection.LOCK

    def protection(self) -> Protection:
        if isinstance(self.found, StoreUnavailable):
            raise self.found
        return self.found


@pytest.fixture
def bucket(tmp_path: Path) -> Tried:
    return Tried(str(tmp_path))


@pytest.fixture
def asking(services: Services, bucket: Tried) -> Callable[[str], Services]:
    """The bundle over that store, with this lock asked for."""

    def make(lock: str) -> Services:
        told = services.settings
        parts, s3 = told.parts.model_copy(update={"store": "s3"}), told.s3.model_copy(update={"lock": lock})
        return replace(services, settings=told.model_copy(update={"parts": parts, "s3": s3}), vault=Vault(bucket))

    return make


def raised(services: Services) -> list[str]:
    with services.records.look() as session:
        return [alarm.sentence for alarm in alarms_raised(session)]


@pytest.mark.parametrize("found", [Protection.NOTHING, Protection.VERSIONS])
def test_a_lock_that_does_not_hold_raises_an_alarm_which_clears_when_it_does(
    asking: Callable[[str], Services], bucket: Tried, found: Protection
) -> None:
    services = asking("governance")
    bucket.found = found
    try_protection(services)
    (sentence,) = raised(services)
    assert sentence.startswith("s3.lock: ")
    assert "Make a bucket with object lock" in sentence
    bucket.found = StoreUnavailable("away")
    try_protection(services)
    assert raised(services) == [sentence]
    bucket.found = Protection.LOCK
    try_protection(services)
    assert raised(services) == []


def test_where_no_lock_is_asked_for_nothing_is_tried(asking: Callable[[str], Services], bucket: Tried) -> None:
    bucket.found = Protection.NOTHING
    try_protection(asking(""))
    assert raised(asking("")) == []


def test_the_lock_of_second_copies_is_tried_as_well(
    asking: Callable[[str], Services], bucket: Tried, tmp_path: Path
) -> None:
    locking, second = asking("governance"), Tried(str(tmp_path / "second"))
    copies = locking.settings.second_copy.model_copy(update={"store": "s3"})
    settings = locking.settings.model_copy(update={"second_copy": copies})
    services = replace(locking, settings=settings, vault=Vault(bucket, second))
    second.found = Protection.VERSIONS
    bucket.found = StoreUnavailable("away")
    try_protection(services)
    (sentence,) = raised(services)
    assert sentence.startswith("second_copy.s3.lock: ")
    bucket.found = Protection.LOCK
    with pytest.raises(Misconfigured, match=r"second_copy\.s3\.lock"):
        protection_in_words(services)
    second.found = Protection.LOCK
    try_protection(services)
    assert raised(services) == []
