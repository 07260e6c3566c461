"""Every route, as the routers list them: what a browser is told with each answer, and that no form of another page, of
another address or of nobody's sitting does anything.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from places import ROUTES, address_of, has_door, ways_of
from sample_letters import DISCOUNT
from sqlalchemy import func, select
from starlette.testclient import TestClient
from visitors import SignIn, Visitor

from mailroom.domain.access import Role
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Account, CustodyEvent, Item
from mailroom.services import Services

WAYS = ways_of(ROUTES)
CHANGING = [route for method, route in WAYS if method == "POST"]
OTHERS = {"place": "1", "team": "revenues", "name": "alex", "number": "1", "view": "1"}
ELSEWHERE = [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]


@pytest.fixture
def letter(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Item:
    return travel(deliver(DISCOUNT).item_id)


@pytest.fixture
def alex(signed_in: SignIn) -> Visitor:
    """Somebody who does every task."""
    return signed_in("alex", *Role, teams=("revenues",), limited=True)


def state_of(services: Services) -> tuple[object, ...]:
    """What any act would change: the log of custody, accounts and items."""
    with services.records.look() as session:
        accounts = session.execute(select(Account.name, Account.roles, Account.password_hash, Account.preferences))
        items = session.execute(select(Item.id, Item.run, Item.state))
        events = session.scalar(select(func.count()).select_from(CustodyEvent))
        return events, [tuple(row) for row in accounts], [tuple(row) for row in items]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_no_form_of_another_address_does_anything(
    alex: Visitor, letter: Item, services: Services, headers: dict[str, str]
) -> None:
    before = state_of(services)
    for route in CHANGING:
        answer = alex.post(address_of(route, {"item": letter.id, **OTHERS}), headers=headers, follow_redirects=False)
        assert (answer.status_code, "another address" in answer.text) == (403, True), route.path
    assert state_of(services) == before


@pytest.mark.parametrize("secret", [{}, {"csrf": ""}, {"csrf": "x" * 43}], ids=str)
def test_no_form_without_the_sitting_s_secret_does_anything(
    alex: Visitor, letter: Item, services: Services, secret: dict[str, str]
) -> None:
    before = state_of(services)
    asked = [route for route in CHANGING if has_door(route)]
    for route in asked:
        address = address_of(route, {"item": letter.id, **OTHERS})
        answer = alex.client.post(address, data=secret, follow_redirects=False)
        assert (answer.status_code, "earlier sitting" in answer.text) == (403, True), route.path
        answer = alex.client.post(address, headers={"X-CSRF-Token": "x"}, follow_redirects=False)
        assert answer.status_code == 403, route.path
    assert state_of(services) == before
    assert len(asked) > 30


def test_no_route_changes_anything_for_whoever_is_not_signed_in(
    anonymous: TestClient, letter: Item, services: Services
) -> None:
    before = state_of(services)
    for method, route in WAYS:
        if has_door(route):
            address = address_of(route, {"item": letter.id, **OTHERS})
            answer = anonymous.request(method, address, follow_redirects=False)
            assert answer.status_code in (303, 401), route.path
            assert letter.reference not in answer.text
    assert state_of(services) == before


def test_every_answer_says_what_a_browser_may_do(alex: Visitor, anonymous: TestClient, letter: Item) -> None:
    for method, route in WAYS:
        address = address_of(route, {"item": letter.id, **OTHERS})
        for client in (alex.client, anonymous):
            headers = client.request(method, address, follow_redirects=False).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy, route.path
            assert "unsafe" not in policy, route.path
            assert ("frame-ancestors 'none'" in policy) or ("sandbox" in policy), route.path
            assert headers["x-content-type-options"] == "nosniff", route.path
            assert headers["referrer-policy"] == "same-origin", route.path
            assert headers["cache-control"] == "no-store" or route.path == "/theme.css", route.path
            assert "server" not in headers, route.path
