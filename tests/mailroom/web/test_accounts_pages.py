"""An administrator's day: somebody joins, moves, forgets their password, leaves; the last administrator stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sample_letters import DISCOUNT
from visitors import PASSWORD, SignIn, keys_to

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
    asked = ada.get("/accounts/sam").text.partition('<details class="govuk-details" id="leave">')[2]
    assert "Nobody else works in: Revenues." in asked
    signed_in("jo", Role.BACK_OFFICE, teams=("revenues",))
    assert "Nobody else works in" not in ada.get("/accounts/sam").text
    assert "<li>Revenues: 1</li>" in asked.partition("</details>")[0]
    assert "They have no open case." not in asked
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


def test_an_administrator_s_day_by_keys_alone(
    open_as: Callable[..., Page], open_page: Callable[..., Page], member: Callable[..., str]
) -> None:
    member("kim", Role.MANAGER)
    page = open_as("ada", Role.ADMINISTRATOR)
    _go(page, page.get_by_role("button", name="Somebody joins"))
    page.wait_for_url("**/accounts/new")
    keys_to(page, page.get_by_label("Name to sign in with"))
    page.keyboard.type("noor")
    page.keyboard.press("Tab")
    page.keyboard.type("Noor")
    keys_to(page, page.get_by_label("back office"))
    page.keyboard.press("Space")
    keys_to(page, page.get_by_label("Revenues"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # a form is sent from any of its fields
    expect(page.get_by_role("heading", level=1)).to_have_text("A password for once")
    password = page.locator("code").inner_text()
    _go(page, page.get_by_role("main").get_by_role("link", name="Accounts"))
    expect(page.get_by_role("row", name="noor Noor back office Revenues")).to_contain_text("has not signed in yet")
    assert _sign_in(open_page("/sign-in"), "noor", password) == "Change your password"

    _go(page, page.get_by_role("link", name="kim", exact=True))
    page.wait_for_url("**/accounts/kim")
    _go(page, page.locator("summary").filter(has_text="They cannot sign in"))
    _go(page, page.get_by_role("button", name="Give a new password"))
    expect(page.get_by_role("heading", level=1)).to_have_text("A password for once")
    assert _sign_in(open_page("/sign-in"), "kim", PASSWORD) == "Sign in", "the old one is worth nothing now"

    _go(page, page.get_by_role("main").get_by_role("link", name="Accounts"))
    _go(page, page.get_by_role("link", name="kim", exact=True))
    page.wait_for_url("**/accounts/kim")
    _go(page, page.locator("summary").filter(has_text="They leave"))
    expect(page.get_by_text("They have no open case.")).to_be_visible()
    assert page.url.endswith("/accounts/kim"), "opening the question does nothing yet"
    _go(page, page.get_by_role("button", name="Close their account"))
    page.wait_for_url("**/accounts")
    expect(page.get_by_role("alert")).to_contain_text("kim has left")
    expect(page.get_by_role("row", name="kim Kim manager")).to_contain_text("left on Mon 16 Nov 2026")


def _go(page: Page, target: Locator) -> None:
    keys_to(page, target)
    page.keyboard.press("Enter")


def _sign_in(page: Page, name: str, password: str) -> str:
    """Try to sign in by keys; returns the heading of the page that comes."""
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page.get_by_role("heading", level=1).inner_text()
