"""A return names its reason and where the item belongs; the post room is offered that first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.naming import key_meant
from mailroom.desk.post_room import reroute, settle
from mailroom.desk.queues import waiting
from mailroom.desk.returning import places_to_name, return_item, return_reasons
from mailroom.domain.access import Viewer
from mailroom.records.documents import decision_in_force
from mailroom.records.handoffs import last_handoff
from mailroom.records.tables import Item
from mailroom.services import Services

Fresh = Callable[[str], Item]
SPD = "council_tax_single_person_discount"


def offered(item: Item) -> list[str]:
    decision = decision_in_force(item)
    assert decision is not None
    return [told["case_type"] for told in decision.suggestions]


def test_the_reasons_stand_in_the_configuration_in_their_order(services: Services) -> None:
    reasons = return_reasons(services)
    assert [reason["key"] for reason in reasons][:2] == ["another_team", "other_type"]
    assert all(reason["title"] for reason in reasons)


def test_a_listed_reason_is_counted_by_its_key_and_read_by_its_title(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    return_item(settled.id, "pages_missing", sam, services, words="page 2")
    item = fresh(settled.id)
    assert item.problem == "Revenues returned it: Pages are missing or cannot be read: page 2"
    with services.records.look() as session:
        handoff = last_handoff(session, item.id)
        assert handoff is not None
        assert (handoff.state, handoff.return_reason, handoff.suggested) == ("returned", "pages_missing", None)
    assert offered(item)[0] == SPD


def test_a_type_that_the_team_names_is_the_post_room_s_first_suggestion(
    settled: Item, sam: Viewer, clerk: Viewer, services: Services, fresh: Fresh, go_on: Fresh
) -> None:
    return_item(settled.id, "another_team", sam, services, belongs_to="housing_tenancy")
    item = fresh(settled.id)
    assert "Revenues says that it belongs to Housing" in (item.problem or "")
    (line,) = waiting(clerk, services)
    assert (line["suggestion"]["case_type"], line["suggestion"]["confidence"]) == ("housing_tenancy", 1.0)
    assert line["suggestion"]["reasons"] == ["Revenues says that it belongs there"]
    assert offered(item)[-1] == SPD
    settle(item.id, "housing_tenancy", clerk, services)
    assert go_on(item.id).team == "housing"


def test_of_a_team_that_is_named_its_own_types_come_first(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    return_item(settled.id, "another_team", sam, services, belongs_to="housing")
    types = services.catalogue.services
    assert {types[key].team for key in offered(fresh(settled.id))[:3]} == {"housing"}
    assert offered(fresh(settled.id))[-1] == SPD


def test_a_limited_type_that_is_named_hides_the_item_at_once(
    settled: Item, sam: Viewer, clerk: Viewer, named: Viewer, services: Services, fresh: Fresh
) -> None:
    return_item(settled.id, "another_team", sam, services, belongs_to="safeguarding_child")
    assert fresh(settled.id).sensitivity == "limited"
    assert waiting(clerk, services) == []
    assert [line["item"] for line in waiting(named, services)] == [settled.id]


def test_a_place_that_there_is_not_is_refused_with_those_nearest(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    with pytest.raises(Refused, match="housing_tenancy"):
        return_item(settled.id, "another_team", sam, services, belongs_to="housing tenancy")
    assert fresh(settled.id).team == "revenues"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Benefits", "benefits"),
        (" HOUSING ", "housing"),
        ("Housing_Tenancy", "housing_tenancy"),
        ("{name}", "housing_tenancy"),
        ("{title}", "housing_tenancy"),
    ],
)
def test_a_place_may_be_named_as_it_is_called_and_in_capitals(
    written: str, key: str, settled: Item, sam: Viewer, services: Services
) -> None:
    name, title = (
        dict(places_to_name(services))["housing_tenancy"],
        services.catalogue.services["housing_tenancy"].title,
    )
    said = written.format(name=name.upper(), title=title.lower())
    assert return_item(settled.id, "another_team", sam, services, belongs_to=said).facts["suggested"] == key


def test_a_name_that_two_share_names_neither() -> None:
    assert key_meant("same", {"a": "Same", "b": "same"}) is None
    assert key_meant("B", {"a": "b", "b": "Same"}) == "b"


def test_a_team_cannot_route_by_itself(settled: Item, sam: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="Only the post room"):
        settle(settled.id, "housing_tenancy", sam, services)


def test_the_post_room_names_types_and_teams_as_they_are_called(
    settled: Item, clerk: Viewer, services: Services, fresh: Fresh, go_on: Fresh
) -> None:
    reroute(settled.id, clerk, services, reason="r", team="HOUSING", case_type="Housing_Tenancy")
    item = go_on(settled.id)
    decision = decision_in_force(item)
    assert decision is not None
    assert (item.team, decision.case_type) == ("housing", "housing_tenancy")
