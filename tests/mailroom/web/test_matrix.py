"""Every route, every role, items that are theirs and items that are not: as the table and the rule of domain/access.py
say. An item that is not theirs is answered to the letter as one that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute
from places import ROUTES, address_of, parameters_of, roles_of, task_of, ways_of
from sample_letters import AT_RISK, DISCOUNT, UNCLEAR
from visitors import SignIn, Visitor

from mailroom.domain.access import Role, Standing, Viewer, may_do, may_see
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item

NOBODY_S = "0" * 32
TEAMS = ("revenues",)
WITH_TASK = [way for way in ways_of(ROUTES) if task_of(way[1]) is not None]
OTHERS = {"place": "1", "team": "revenues", "name": "nobody", "number": "1", "view": "1"}
Letters = dict[str, Item]


@pytest.fixture
def letters(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Letters:
    """One letter that Revenues has, one that nobody could sort, one about a child at risk."""
    texts = {"settled": DISCOUNT, "unclear": UNCLEAR, "at_risk": AT_RISK}
    found = {name: travel(deliver(text).item_id) for name, text in texts.items()}
    assert (found["settled"].team, found["unclear"].settled) == ("revenues", False)
    assert found["at_risk"].sensitivity == "limited"
    return found


def ask(visitor: Visitor, method: str, route: APIRoute, item: str = NOBODY_S) -> Any:  # noqa: ANN401  # the client's own
    address = address_of(route, {"item": item, **OTHERS})
    return visitor.get(address, follow_redirects=False) if method != "POST" else visitor.post(address)


def told(answer: Any, item: str) -> tuple[int, str]:  # noqa: ANN401
    return answer.status_code, answer.text.replace(item, "ITEM")


@pytest.mark.parametrize("role", Role)
def test_a_role_comes_to_the_routes_of_its_tasks_and_to_no_others(signed_in: SignIn, role: Role) -> None:
    visitor = signed_in("alex", role, teams=TEAMS)
    for method, route in WITH_TASK:
        refused = ask(visitor, method, route).status_code == 403
        assert refused == (role not in roles_of(task_of(route))), (method, route.path)


@pytest.mark.parametrize("role", Role)
def test_an_item_that_is_not_theirs_is_answered_as_one_that_is_not_there(
    signed_in: SignIn, letters: Letters, role: Role
) -> None:
    viewer = Viewer("alex", frozenset({role}), frozenset(TEAMS))
    visitor = signed_in("alex", role, teams=TEAMS)
    asked = 0
    for method, route in WITH_TASK:
        if "item" not in parameters_of(route) or not may_do(viewer, task_of(route)):  # type: ignore[arg-type]
            continue
        for item in letters.values():
            if not may_see(viewer, Standing(item.sensitivity, item.settled, item.team)):
                answer = told(ask(visitor, method, route, item.id), item.id)
                assert answer == told(ask(visitor, method, route), NOBODY_S), (method, route.path)
                assert answer[0] in (400, 404, 409), (method, route.path)
                asked += 1
    assert asked > 0 or role in (Role.MANAGER, Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", [Role.POST_ROOM, Role.BACK_OFFICE, Role.AUDITOR])
def test_an_item_that_is_theirs_opens(signed_in: SignIn, letters: Letters, role: Role) -> None:
    viewer = Viewer("alex", frozenset({role}), frozenset(TEAMS))
    visitor = signed_in("alex", role, teams=TEAMS)
    pages = [way for way in WITH_TASK if way[0] == "GET" and parameters_of(way[1]) == ["item"]]
    opened = 0
    for method, route in pages:
        if may_do(viewer, task_of(route)):  # type: ignore[arg-type]
            assert ask(visitor, method, route, letters["settled"].id).status_code in (200, 303, 409), route.path
            opened += 1
    assert opened > 0


def test_no_list_and_no_search_names_what_is_not_theirs(signed_in: SignIn, letters: Letters) -> None:
    hidden = {letters["at_risk"].reference, letters["at_risk"].id, "bruises", "Osgood"}
    for role in Role:
        visitor = signed_in(role.value, role, teams=TEAMS)
        for route in ROUTES:
            if "GET" in route.methods and set(parameters_of(route)) <= {"team"} and route.path != "/post-room/next":
                text = ask(visitor, "GET", route).text
                assert not [word for word in hidden if word in text], (role, route.path)
        if role is Role.AUDITOR:
            found = visitor.get("/audit", params={"purpose": "audit", "words": "bruises"})
            assert letters["at_risk"].reference not in found.text
