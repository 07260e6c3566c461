"""Everything that is kept gets a second copy soon after; what has none yet is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from mailroom.bootstrap.stores import second_store
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import MailroomError, Misconfigured
from mailroom.duties.heads import seal_log
from mailroom.duties.kept_in_words import copies_in_words
from mailroom.duties.second_copy import copy_what_has_none
from mailroom.duties.sequence import sequence
from mailroom.services import Services
from mailroom.settings import load_settings
from storage.errors import StoreFull, StoreRefused
from storage.local import LocalStore
from storage.vault import original_key

pytestmark = pytest.mark.usefixtures("second")


def files_below(folder: Path) -> dict[str, bytes]:
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def test_originals_what_is_made_from_them_and_heads_are_copied(
    services: Services, deliver: Callable[..., Receipt], first: Path, second: Path, tmp_path: Path
) -> None:
    item = deliver(b"letter").item_id
    (tmp_path / "page").write_bytes(b"a page")
    services.vault.keep_rendition(f"{item}/page", tmp_path / "page")
    sequence(services)
    seal_log(services, now_and_here=True)
    assert copies_in_words(services).startswith(
        "Without a second copy yet: 3 of 3 objects, the oldest since 16 November"
    )
    assert copy_what_has_none(services) == 3
    assert files_below(second) == files_below(first)
    assert {key.partition("/")[0] for key in files_below(first)} == {"originals", "renditions", "heads"}
    assert copies_in_words(services) == "Everything that is kept has a second copy: 3 objects."
    assert copy_what_has_none(services) == 0


def test_it_goes_on_where_it_was_interrupted_and_copies_nothing_twice(
    services: Services, deliver: Callable[..., Receipt], second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        deliver(b"letter %d" % number)
    assert copy_what_has_none(services, seconds=0) == 1
    put: list[str] = []
    whole = LocalStore.put_new
    monkeypatch.setattr(LocalStore, "put_new", lambda store, key, *of: (put.append(key), whole(store, key, *of))[1])
    assert copy_what_has_none(services) == 2
    assert len(put) == 2
    assert len(files_below(second)) == 3


def test_a_second_store_that_is_full_holds_nothing_up_and_is_alarmed_until_it_takes_copies_again(
    services: Services,
    deliver: Callable[..., Receipt],
    alarms: Callable[[], dict[str, str]],
    second: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = LocalStore.put_new

    def full(store: LocalStore, key: str, source: Path, sha256: str | None = None) -> object:
        if store._root == second:
            raise StoreFull("no room")
        return whole(store, key, source, sha256)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(LocalStore, "put_new", full)
        deliver(b"letter")
        assert copy_what_has_none(services) == 0
        assert "Second copies cannot be made now" in alarms()["second copies"]
    assert copy_what_has_none(services) == 1
    assert alarms() == {}


def test_what_the_second_store_will_never_take_keeps_no_other_from_its_copy(
    services: Services,
    deliver: Callable[..., Receipt],
    alarms: Callable[[], dict[str, str]],
    second: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, refused = LocalStore.put_new, [original_key(sha256(b"bad %d" % number).hexdigest()) for number in range(4)]

    def refuses(store: LocalStore, key: str, source: Path, digest: str | None = None) -> object:
        if store._root == second and key in refused:
            raise StoreRefused("no right")
        return whole(store, key, source, digest)

    for letter in [b"bad %d" % number for number in range(4)] + [b"letter %d" % number for number in range(3)]:
        deliver(letter)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(LocalStore, "put_new", refuses)
        assert [copy_what_has_none(services) for _ in range(3)] == [0, 3, 0]
        assert "no right" in alarms()["second copies"]
    assert copy_what_has_none(services) + copy_what_has_none(services) == 4
    assert copy_what_has_none(services) == 0
    assert alarms() == {}


def test_a_damaged_original_is_not_copied_and_keeps_no_other_from_being_copied(
    services: Services, deliver: Callable[..., Receipt], first: Path, second: Path
) -> None:
    deliver(b"damaged")
    (file,) = (file for file in (first / "originals").rglob("*") if file.is_file())
    file.chmod(0o600)
    file.write_bytes(b"Damaged")
    deliver(b"letter")
    assert copy_what_has_none(services) == 1
    assert list(files_below(second).values()) == [b"letter"]


def test_that_something_has_no_copy_for_long_is_said_by_check(
    services: Services, deliver: Callable[..., Receipt], step: Callable[..., None]
) -> None:
    deliver(b"letter")
    step(timedelta(hours=2))
    with pytest.raises(MailroomError, match="Without a second copy yet: 1 of 1 object,"):
        copies_in_words(services)


def test_a_folder_that_is_not_named_is_asked_for(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setenv("MAILROOM_SECOND_COPY__FOLDER", "")
    with pytest.raises(Misconfigured, match=r"second_copy\.folder"):
        second_store(load_settings(), None)
