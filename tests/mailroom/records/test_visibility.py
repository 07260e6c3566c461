from datetime import UTC, datetime
from itertools import chain, combinations, product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.domain.access import Role, Standing, Viewer, may_see
from mailroom.domain.capture import Channel
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.records.session import Records
from mailroom.records.tables import Item
from mailroom.records.visibility import visible_to

TEAMS = ("housing", "revenues")
STANDINGS = [
    Standing(sensitivity, settled, team)
    for sensitivity, settled, team in product((None, *Sensitivity), (False, True), (None, *TEAMS))
]


def viewers() -> list[Viewer]:
    """Every combination of roles, teams and the limited-access list."""
    roles = chain.from_iterable(combinations(Role, size) for size in range(len(Role) + 1))
    teams = [(), ("housing",), TEAMS, ("nowhere",)]
    return [
        Viewer("v", frozenset(some), frozenset(of), named) for some, of, named in product(roles, teams, (False, True))
    ]


@pytest.fixture
def shelf(records: Records) -> Records:
    """One item in each standing; its id is the standing's number."""
    with records.work() as session:
        session.add_all(_item(number, standing) for number, standing in enumerate(STANDINGS))
        session.commit()
    return records


def test_the_clause_finds_what_the_rule_allows_on_every_combination(shelf: Records) -> None:
    asked = viewers()
    assert len(asked) == 32 * 4 * 2
    with shelf.look() as session:
        for viewer in asked:
            allowed = {str(number) for number, standing in enumerate(STANDINGS) if may_see(viewer, standing)}
            assert _found(session, viewer) == allowed, viewer


def _found(session: Session, viewer: Viewer) -> set[str]:
    return set(session.scalars(select(Item.id).where(visible_to(viewer))))


def _item(number: int, standing: Standing) -> Item:
    at = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
    return Item(
        id=str(number),
        reference=f"R{number}",
        channel=Channel.POST,
        file_name="",
        received_at=at,
        receipt_assumed=False,
        taken_at=at,
        state=ItemState.WAITING,
        changed_at=at,
        sensitivity=standing.sensitivity,
        settled=standing.settled,
        team=standing.team,
    )
