"""What every case system must keep; each entry of `BUILTIN` is taken through it by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mailroom import plugins
from mailroom.crm import BUILTIN
from mailroom.domain.capture import Capture, Channel
from mailroom.ports import CaseRequest, CaseSystem
from mailroom.records.cases import close, put_case
from mailroom.records.items import add_item
from mailroom.records.session import Records
from mailroom.records.tables import Case, Item

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
REQUEST = CaseRequest("1:open_case", "HD-26-000001-L", "foi", "Request", "planning", NOW, None, {})


@pytest.fixture(params=sorted(BUILTIN))
def system(request: pytest.FixtureRequest, records: Records) -> CaseSystem:
    made: CaseSystem = plugins.load(BUILTIN[request.param])(records)
    return made


def open_ours(records: Records, reference: str) -> None:
    """Write the record that `open_case` writes of every case, whatever the case system."""
    with records.work() as session:
        capture = Capture(spooled=None, channel=Channel.POST, source="x", received_at=NOW)  # type: ignore[arg-type]  # never opened
        item = add_item(session, capture, prefix="HD", now=NOW, first_stage="open_case")
        assert item.reference == reference
        put_case(session, item, "foi", "planning", "team:planning", NOW)
        session.commit()


def test_opening_a_case_gives_a_reference(system: CaseSystem) -> None:
    assert system.open_case(REQUEST)


def test_the_same_key_is_the_same_case(system: CaseSystem) -> None:
    changed = CaseRequest(REQUEST.key, REQUEST.reference, "sar", "Other", "housing", NOW, NOW, {"sender_name": "Bell"})
    assert system.open_case(REQUEST) == system.open_case(REQUEST) == system.open_case(changed)


def test_another_item_is_another_case(system: CaseSystem) -> None:
    other = CaseRequest("2:open_case", "HD-26-000002-C", "foi", "Request", "planning", NOW, None, {})
    assert system.open_case(REQUEST) != system.open_case(other)


def test_a_case_is_open_until_it_is_closed(system: CaseSystem, records: Records) -> None:
    reference = system.open_case(REQUEST)
    open_ours(records, REQUEST.reference)
    assert system.status(reference) == "open"
    with records.work() as session:
        close(session.scalars(select(Case)).one(), "answered", NOW)
        session.commit()
    assert system.status(reference) == "closed"


def test_a_case_that_nobody_opened_has_no_status(system: CaseSystem, records: Records) -> None:
    assert system.status("HD-26-999999-X") is None
    with records.look() as session:
        assert session.scalars(select(Item)).all() == []
