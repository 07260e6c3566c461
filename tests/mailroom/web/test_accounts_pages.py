"""An administrator's day: somebody joins, moves, forgets their password, leaves; the last administrator stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page
from sample_letters import DISCOUNT
from visitors import PASSWORD, SignIn

from mailroom.domain.access import Role
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item


def test_only_administrators_come_to_the_accounts(signed_in: SignIn) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR, Role.BACK_OFFICE}:
        answer = signed_in(role.value, role).get("/accounts")
        assert (answer.status_code, "Only the administrator may do this" in answer.text) == (403, True)


def test_a_mover_must_sign_in_anew_and_sees_what_is_theirs_now(signed_in: SignIn) -> None:
    ada, kim = signed_in("ada", Role.ADMINISTRATOR), signed_in("kim", Role.ADMINISTRATOR)
    ada.post("/accounts/kim/move", {"roles": "back_office", "teams": ["housing", "revenues"]})
    assert kim.get("/accounts").url.path == "/sign-in"
    kim.client.post("/sign-in", data={"name": "kim", "password": PASSWORD})
    assert kim.get("/accounts").status_code == 403


def test_a_leaver_is_out_at_once_and_comes_in_no_more(signed_in: SignIn) -> None:
    ada, kim = signed_in("ada", Role.ADMINISTRATOR), signed_in("kim", Role.MANAGER)
    assert "has left" in ada.post("/accounts/kim/leave").text
    assert kim.get("/me").url.path == "/sign-in"
    assert kim.client.post("/sign-in", data={"name": "kim", "password": PASSWORD}).status_code == 403
    assert "left on" in ada.get("/accounts").text


def test_an_administrator_is_told_how_many_cases_went_back_to_their_teams(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    letter = travel(deliver(DISCOUNT).item_id)
    ada, sam = signed_in("ada", Role.ADMINISTRATOR), signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))
    sam.post(f"/cases/{letter.id}/accept")
    told = ada.post("/accounts/sam/move", {"roles": "back_office", "teams": "housing"}).text
    assert "must sign in anew. Open cases given back to their teams: 1." in told
    assert letter.reference not in told
    assert "given back" not in ada.post("/accounts/sam/leave").text


@pytest.mark.parametrize(
    ("path", "sent"), [("/accounts/ada/leave", {}), ("/accounts/ada/move", {"roles": ["manager"]})]
)
def test_the_last_administrator_stays(signed_in: SignIn, path: str, sent: dict[str, object]) -> None:
    answer = signed_in("ada", Role.ADMINISTRATOR).post(path, sent)
    assert (answer.status_code, "the last administrator" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "A B", "display_name": "A", "roles": "manager"}, "begins with a letter"),
        ({"name": "ada", "display_name": "A", "roles": "manager"}, "is somebody called"),
        ({"name": "kim", "display_name": " ", "roles": "manager"}, "colleagues know them"),
        ({"name": "kim", "display_name": "Kim"}, "at least one role"),
        ({"name": "kim", "display_name": "Kim", "roles": "king"}, "no role king"),
        ({"name": "kim", "display_name": "Kim", "roles": "back_office"}, "sees nothing without one"),
        ({"name": "kim", "display_name": "Kim", "roles": "back_office", "teams": "hosing"}, "There is no team"),
    ],
)
def test_what_makes_no_sense_is_said_and_what_was_typed_stays(
    signed_in: SignIn, typed: dict[str, str], sentence: str
) -> None:
    answer = signed_in("ada", Role.ADMINISTRATOR).post("/accounts/new", typed)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert f'value="{typed["name"]}"' in answer.text


def test_a_new_password_lets_its_owner_in_once(signed_in: SignIn) -> None:
    ada, kim = signed_in("ada", Role.ADMINISTRATOR), signed_in("kim", Role.MANAGER)
    password = ada.post("/accounts/kim/reset").text.split("<code>")[1].split("</code>")[0]
    assert kim.get("/me").url.path == "/sign-in"
    assert kim.client.post("/sign-in", data={"name": "kim", "password": password}).url.path == "/password"
    assert "password reset" in ada.get("/accounts/kim").text
    assert password not in ada.get("/accounts/kim").text


def test_an_administrator_removes_a_leaver_by_keys_alone(
    open_as: Callable[..., Page], member: Callable[..., str]
) -> None:
    member("kim", Role.MANAGER)
    page = open_as("ada", Role.ADMINISTRATOR)
    _tab_to(page, page.get_by_role("link", name="kim", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/kim")
    _tab_to(page, page.get_by_role("button", name="They leave"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts")
    assert "kim has left" in page.get_by_role("alert").inner_text()


def _tab_to(page: Page, target: Locator) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the keys never get there")
