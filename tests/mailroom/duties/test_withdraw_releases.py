"""What is to be taken back from a team's folder goes, however long it takes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from mailroom.desk.post_room import mark_sensitive, reroute
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import MailroomError
from mailroom.duties.withdraw_releases import ALARM, withdraw_releases
from mailroom.records.alarms import alarms_raised
from mailroom.records.handoffs import ask_withdrawal, withdrawals
from mailroom.records.tables import Item
from mailroom.services import Services

KIM = Viewer("kim", frozenset({Role.POST_ROOM}))
LETTER = b"Dear Sir\n\nUnder the Freedom of Information Act 2000 I request all contracts.\n\nJo Bell\n"
Travel = Callable[..., Item]


@pytest.fixture
def item(deliver: Callable[..., Receipt], travel: Travel) -> Item:
    """A letter that lies in the folder of Information Governance."""
    return travel(deliver(LETTER).item_id)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets no copy in Information Governance be deleted; call it to let go."""
    real = shutil.rmtree

    def refuse(folder: Path) -> None:
        if folder.parent.name == "information-governance":
            raise PermissionError(13, "Permission denied", str(folder))
        real(folder)

    monkeypatch.setattr("mailroom.journey.withdraw_release.shutil", SimpleNamespace(rmtree=refuse))
    return lambda: monkeypatch.setattr("mailroom.journey.withdraw_release.shutil", shutil)


def lying(services: Services, item: Item) -> list[str]:
    root = services.settings.data / services.settings.release.path
    return sorted(str(place.relative_to(root)) for place in root.glob(f"*/*{item.reference}*"))


def sentences(services: Services) -> list[str]:
    with services.records.look() as session:
        return [alarm.sentence for alarm in alarms_raised(session) if alarm.subject == ALARM]


def test_what_cannot_be_deleted_now_is_deleted_later_and_an_alarm_names_the_folder_meanwhile(
    services: Services, item: Item, stuck: Callable[[], None]
) -> None:
    with pytest.raises(MailroomError, match="It is done, but"):
        mark_sensitive(item.id, KIM, services, reason="r")
    assert withdraw_releases(services) == 0
    (sentence,) = sentences(services)
    assert "information-governance" in sentence
    assert item.reference not in sentence
    stuck()
    assert withdraw_releases(services) == 1
    assert (lying(services, item), sentences(services)) == ([], [])
    assert withdraw_releases(services) == 0


def test_a_copy_that_was_put_into_another_folder_since_is_spared(
    services: Services, item: Item, stuck: Callable[[], None], travel: Travel
) -> None:
    with pytest.raises(MailroomError, match="It is done, but"):
        reroute(item.id, KIM, services, reason="r", team="housing")
    travel(item.id)
    assert lying(services, item) == [f"housing/{item.reference}", f"information-governance/{item.reference}"]
    stuck()
    assert withdraw_releases(services) == 1
    assert lying(services, item) == [f"housing/{item.reference}"]


def test_copies_in_every_team_s_folder_are_found_earlier_and_half_built_ones_too(
    services: Services, item: Item
) -> None:
    root = services.settings.data / services.settings.release.path
    others = [f"legal/{item.reference}", f"waste/{item.reference}.2", f"parking/.{item.reference}.0f.making"]
    for place in [*others, f"legal/{item.reference}0"]:
        (root / place).mkdir(parents=True)
    with services.records.work() as session:
        ask_withdrawal(session, item.id, services.now())
        session.commit()
    withdraw_releases(services)
    assert lying(services, item) == [f"legal/{item.reference}0"]
    with services.records.look() as session:
        assert list(withdrawals(session)) == []


def test_one_folder_that_is_stuck_does_not_keep_the_copies_in_the_others(
    services: Services, item: Item, stuck: Callable[[], None]
) -> None:
    root = services.settings.data / services.settings.release.path
    (root / "legal" / item.reference).mkdir(parents=True)
    with services.records.work() as session:
        ask_withdrawal(session, item.id, services.now())
        session.commit()
    withdraw_releases(services)
    assert lying(services, item) == [f"information-governance/{item.reference}"]
    stuck()
