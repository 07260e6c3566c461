"""Who gets in, who does not, and what becomes of a form that outlived its sitting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import httpx2
import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from pwdlib import PasswordHash
from sqlalchemy import text
from starlette.testclient import TestClient
from visitors import PASSWORD, SignIn

from mailroom.desk import signing_in
from mailroom.domain.access import Role
from mailroom.records.accounts import account_named
from mailroom.services import Services
from mailroom.web.server import serving

Step = Callable[[timedelta], None]


def test_whoever_is_not_signed_in_is_asked_to_and_led_back(anonymous: TestClient, member: Callable[..., str]) -> None:
    member("ada", Role.ADMINISTRATOR)
    asked = anonymous.get("/accounts/ada?x=1", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, f"/sign-in?next={quote('/accounts/ada?x=1')}")
    entered = anonymous.post(
        "/sign-in", data={"name": "ada", "password": PASSWORD, "next": "/accounts/ada?x=1"}, follow_redirects=False
    )
    assert (entered.status_code, entered.headers["location"]) == (303, "/accounts/ada?x=1")


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nb"])
def test_nobody_is_led_elsewhere(anonymous: TestClient, member: Callable[..., str], elsewhere: str) -> None:
    member("ada", Role.ADMINISTRATOR)
    entered = anonymous.post(
        "/sign-in", data={"name": "ada", "password": PASSWORD, "next": elsewhere}, follow_redirects=False
    )
    assert entered.headers["location"] == "/"


def test_a_guess_costs_what_is_recommended(dear_hash: PasswordHash) -> None:
    assert dear_hash.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_password_is_never_kept(signed_in: SignIn, step: Step) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    step(timedelta(hours=14))
    late = ada.post("/password", {"old": PASSWORD, "new": "four green newts", "again": "four green newts"})
    assert (late.url.path, "newts" in late.text) == ("/sign-in", False)


def test_many_who_try_to_sign_in_keep_nobody_from_writing(
    anonymous: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def writing_is_free(*_given: object) -> bool:
        with services.records.work() as session:
            session.execute(text("SELECT 1"))
        tried.append("hashed")
        return False

    monkeypatch.setattr(signing_in._hash, "verify", writing_is_free)
    anonymous.post("/sign-in", data={"name": "nobody", "password": "x"})
    assert tried == ["hashed"]


def test_a_code_that_is_none_is_wrong_and_counted(
    anonymous: TestClient, member: Callable[..., str], services: Services
) -> None:
    member("ada", Role.ADMINISTRATOR)
    with services.records.work() as session:
        account = account_named(session, "ada")
        assert account is not None
        account.second_factor = "A" * 32
        session.commit()
    for code in ("\u00e9", "", "12345", "\u0661" * 6):
        sent = {"name": "ada", "password": PASSWORD, "code": code}
        assert anonymous.post("/sign-in", data=sent).status_code == 403
    with services.records.look() as session:
        account = account_named(session, "ada")
        assert account is not None
        assert account.wrong_passwords == 4


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    anonymous: TestClient, member: Callable[..., str]
) -> None:
    member("ada", Role.ADMINISTRATOR)
    for password in ["no", "x" * 300, "no", "no", "no", "no", "no"]:
        wrong = [anonymous.post("/sign-in", data={"name": name, "password": password}) for name in ("ada", "bob")]
        assert [answer.status_code for answer in wrong] == [403, 403]
        assert wrong[0].text.replace("ada", "") == wrong[1].text.replace("bob", "")


def test_guessing_is_slowed_and_the_right_password_waits_too(
    anonymous: TestClient, member: Callable[..., str], step: Step
) -> None:
    member("ada", Role.ADMINISTRATOR)
    for _ in range(6):
        anonymous.post("/sign-in", data={"name": "ada", "password": "no"})
    right = {"name": "ada", "password": PASSWORD}
    assert "too many wrong tries" in anonymous.post("/sign-in", data=right).text
    step(timedelta(minutes=3))
    assert anonymous.post("/sign-in", data=right, follow_redirects=False).status_code == 303


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three wrong tries from an address are free."""
    monkeypatch.setattr("mailroom.domain.accounts.FREE_AT_ADDRESS", 3)


@pytest.mark.usefixtures("short")
def test_guessing_on_many_names_is_slowed_and_tells_nothing_of_who_there_is(
    anonymous: TestClient, member: Callable[..., str], step: Step
) -> None:
    member("ada", Role.ADMINISTRATOR)
    for number in range(3):
        anonymous.post("/sign-in", data={"name": f"nobody{number}", "password": "no"})
    answers = [anonymous.post("/sign-in", data={"name": name, "password": PASSWORD}) for name in ("ada", "bob")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].text.replace("ada", "") == answers[1].text.replace("bob", "")
    step(timedelta(minutes=1))
    right = {"name": "ada", "password": PASSWORD}
    assert anonymous.post("/sign-in", data=right, follow_redirects=False).status_code == 303


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)])
def test_an_address_that_was_forwarded_counts_only_where_a_setting_names_who_forwards(
    app: FastAPI, services: Services, member: Callable[..., str], proxies: tuple[str, ...]
) -> None:
    member("ada", Role.ADMINISTRATOR)
    web = services.settings.web.model_copy(update={"proxies": proxies})
    with serving(app, web), httpx2.Client(base_url=web.address) as client:

        def ask(name: str, password: str, address: str) -> int:
            sent = {"name": name, "password": password}
            return client.post("/sign-in", data=sent, headers={"X-Forwarded-For": address}).status_code

        for number in range(3):
            assert ask(f"nobody{number}", "no", f"192.0.2.{number}") == 403
        assert ask("ada", PASSWORD, "198.51.100.1") == (303 if proxies else 403)
        for number in range(3):
            assert ask(f"nobody{number}", "no", "203.0.113.1") == 403
        assert ask("bob", "no", "203.0.113.1") == 403


def test_a_sitting_ends_when_nothing_is_done_in_it(signed_in: SignIn, step: Step) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    step(timedelta(minutes=29))
    assert ada.get("/accounts").status_code == 200
    step(timedelta(minutes=29))
    assert ada.get("/accounts").status_code == 200
    step(timedelta(minutes=31))
    assert ada.get("/accounts").url.path == "/sign-in"


def test_a_sitting_ends_after_a_day_s_work_whatever_is_done_in_it(signed_in: SignIn, step: Step) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    for _ in range(25):
        step(timedelta(minutes=29))
        ada.get("/accounts")
    assert ada.get("/accounts").url.path == "/sign-in"


def test_signing_in_again_gives_a_new_token_and_the_old_one_is_worth_nothing(signed_in: SignIn) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    old = ada.client.cookies["mailroom"]
    ada.client.post("/sign-in", data={"name": "ada", "password": PASSWORD})
    assert ada.client.cookies["mailroom"] != old
    ada.client.cookies.clear()
    ada.client.cookies.set("mailroom", old)
    assert ada.client.get("/accounts", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("act", ["leave", "reset", "move"])
def test_what_an_administrator_does_ends_every_sitting_of_a_person_at_once(
    signed_in: SignIn, app: FastAPI, services: Services, act: str
) -> None:
    ada, first = signed_in("ada", Role.ADMINISTRATOR), signed_in("kim", Role.MANAGER).client
    browsers = [first]
    for _ in range(2):
        browsers.append(TestClient(app, base_url=services.settings.web.address))
        browsers[-1].post("/sign-in", data={"name": "kim", "password": PASSWORD})
    assert [browser.get("/me").url.path for browser in browsers] == ["/me"] * 3
    ada.post(f"/accounts/kim/{act}", {"roles": "auditor"})
    assert [browser.get("/me").url.path for browser in browsers] == ["/sign-in"] * 3
    assert ada.get("/me").url.path == "/me"


def test_a_warning_comes_before_a_sitting_ends_and_one_key_stays(open_as: Callable[..., Page], step: Step) -> None:
    page = open_as("kim", Role.MANAGER)
    page.clock.install()
    page.goto("/me")
    dialog = page.locator("#sitting-ends")
    page.clock.fast_forward("24:00")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("02:00")
    expect(dialog).to_be_visible()
    step(timedelta(minutes=26))
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    step(timedelta(minutes=26))
    page.goto("/me")
    assert page.url.endswith("/me")
    page.clock.fast_forward("26:00")
    step(timedelta(minutes=40))
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in?next=**")


def test_signing_out_ends_the_sitting_for_good(signed_in: SignIn) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    token = ada.client.cookies["mailroom"]
    assert "You are signed out" in ada.post("/sign-out").text
    ada.client.cookies.set("mailroom", token)
    assert ada.client.get("/accounts", follow_redirects=False).status_code == 303


def test_a_page_left_open_overnight_loses_nothing(signed_in: SignIn, step: Step) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    step(timedelta(hours=14))
    typed = {"name": "new.one", "display_name": "New <One>", "roles": ["auditor", "manager"]}
    late = ada.post("/accounts/new", typed)
    assert late.status_code == 401
    assert "what you entered is kept" in late.text
    assert 'name="kept_path" value="/accounts/new"' in late.text
    assert ada.csrf not in late.text
    fields = late.text.split('name="kept_fields" value="')[1].split('"')[0].replace("&amp;", "&")
    owner = late.text.split('name="kept_for" value="')[1].split('"')[0]
    kept = {"kept_path": "/accounts/new", "kept_fields": fields, "kept_for": owner}
    signed_in("eve", Role.ADMINISTRATOR)
    other = ada.client.post("/sign-in", data={"name": "eve", "password": PASSWORD, **kept})
    assert "New &lt;One&gt;" not in other.text, "what ada had entered is not eve's to see"
    back = ada.client.post("/sign-in", data={"name": "ada", "password": PASSWORD, **kept})
    assert 'action="/accounts/new"' in back.text
    assert "New &lt;One&gt;" in back.text
    assert back.text.count('name="roles"') == 2


def test_a_password_for_once_must_be_changed_before_anything_else(anonymous: TestClient, signed_in: SignIn) -> None:
    made = signed_in("ada", Role.ADMINISTRATOR).post(
        "/accounts/new", {"name": "noor", "display_name": "Noor", "roles": "administrator"}
    )
    password = made.text.split("<code>")[1].split("</code>")[0]
    anonymous.post("/sign-in", data={"name": "noor", "password": password})
    assert anonymous.get("/accounts").url.path == "/password"


def test_a_sign_in_by_keys_in_a_real_browser(open_as: Callable[..., Page]) -> None:
    page = open_as("ada", Role.ADMINISTRATOR)
    assert page.get_by_role("heading", level=1).inner_text() == "Accounts"


def test_a_sign_in_works_without_scripts(open_as: Callable[..., Page]) -> None:
    page = open_as("ada", Role.ADMINISTRATOR, javascript=False)
    assert page.get_by_role("heading", level=1).inner_text() == "Accounts"
