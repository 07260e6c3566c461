"""What tests of any way in look at afterwards: the ledger."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mailroom.records.tables import Item
from mailroom.services import Services


@pytest.fixture
def items(services: Services) -> Callable[[], list[Item]]:
    """Returns all items, in the order in which they were numbered."""

    def rows() -> list[Item]:
        with services.records.look() as session:
            return list(session.scalars(select(Item).order_by(Item.reference)))

    return rows
