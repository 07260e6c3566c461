"""Signing in through a real identity provider in a process of its own, by the whole authorisation code flow."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx2
import pyotp
import pytest
from free_ports import free_port
from playwright.sync_api import Page
from sqlalchemy import select
from starlette.testclient import TestClient
from visitors import PASSWORD, SignIn

from mailroom.cli.logs import JsonFormatter
from mailroom.desk.accounts import account
from mailroom.domain.access import Role, Viewer
from mailroom.domain.errors import Misconfigured
from mailroom.records.tables import KeptFormRow
from mailroom.services import Services
from mailroom.settings import Provider
from mailroom.web.app import application

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
GROUPS = {
    "roles": {"G-post": "post_room", "G-admin": "administrator", "G-back": "back_office"},
    "teams": {"G-rev": "revenues"},
}
OF_OIDC = ("code", "state", "nonce", "code_challenge")
PEOPLE = {
    "u-noor": {"preferred_username": "Noor@council.example", "name": "Noor <b>Ali</b>", "groups": ["G-admin", "x"]},
    "u-sam": {"preferred_username": "sam", "name": "Sam", "groups": ["G-back", "G-rev"]},
    "u-out": {"preferred_username": "out", "name": "Out", "groups": ["x"]},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """An identity provider on this machine that knows three people."""
    port = free_port()
    people = [f"--user-claims={json.dumps({'sub': sub, **claims})}" for sub, claims in PEOPLE.items()]
    program = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", *people]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            httpx2.get(f"{address}/.well-known/openid-configuration").raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the identity provider did not start")


@pytest.fixture
def services(services: Services, issuer: str, tmp_path: Path) -> Services:
    secret = tmp_path / "secret"
    secret.write_text("of the council")
    return with_provider(services, issuer=issuer, client_id="mailroom", client_secret_file=str(secret), **GROUPS)


def with_provider(services: Services, **table: Any) -> Services:  # noqa: ANN401  # the keys of the settings
    web = services.settings.web.model_copy(update={"provider": Provider(**table)})
    return replace(services, settings=services.settings.model_copy(update={"web": web}))


def go_through(page: Page, subject: str) -> None:
    """Choose the provider on the sign-in page and say there who one is."""
    page.get_by_role("link", name="Sign in with your council account").click()
    page.locator("input[name=sub]").fill(subject)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/oauth2/" not in address)


def test_groups_become_roles_and_teams(open_page: Callable[..., Page], services: Services) -> None:
    page = open_page("/sign-in")
    go_through(page, "u-noor")
    assert page.get_by_role("heading", level=1).inner_text() == "Accounts"
    assert page.get_by_role("link", name="Noor <b>Ali</b>").count() == 1
    found = account("noor", BOSS, services)
    assert (found["roles"], found["by_provider"]) == (["administrator"], True)


def test_a_member_of_a_team_works_in_that_team(open_page: Callable[..., Page], services: Services) -> None:
    go_through(open_page("/sign-in"), "u-sam")
    found = account("sam", BOSS, services)
    assert (found["roles"], found["teams"]) == (["back_office"], ["revenues"])


def test_whoever_comes_by_a_link_is_led_on_to_it(open_page: Callable[..., Page]) -> None:
    page = open_page("/accounts/new?from=a&b=c")
    go_through(page, "u-noor")
    assert page.url.endswith("/accounts/new?from=a&b=c")


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\\\evil.example"])
def test_nobody_is_led_elsewhere(open_page: Callable[..., Page], elsewhere: str) -> None:
    page = open_page(f"/sign-in?next={quote(elsewhere, safe='')}")
    go_through(page, "u-noor")
    assert page.url.endswith("/accounts")


def test_a_form_kept_overnight_outlives_the_way_to_the_provider_and_back(
    open_page: Callable[..., Page], services: Services, step: Callable[[timedelta], None]
) -> None:
    page = open_page("/accounts/new")
    go_through(page, "u-noor")
    page.locator("#name").fill("new.one")
    page.locator("#display_name").fill("New <One>")
    page.locator("[name=roles][value=auditor]").check()
    step(timedelta(hours=14))
    page.locator("main form button").click()
    assert "what you entered is kept" in page.locator("main").inner_text()
    go_through(page, "u-noor")
    assert "New <One>" in page.locator("main").inner_text()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_load_state()
    assert account("new.one", BOSS, services)["display_name"] == "New <One>"


def test_what_was_kept_is_shown_to_nobody_else_and_not_for_ever(
    open_page: Callable[..., Page], services: Services, step: Callable[[timedelta], None]
) -> None:
    page = open_page("/accounts/new")
    go_through(page, "u-noor")
    page.locator("#display_name").fill("Only Noor's")
    step(timedelta(hours=14))
    page.locator("main form button").click()
    go_through(page, "u-sam")
    assert "Only Noor's" not in page.content()
    step(timedelta(minutes=61))
    page.goto("/sign-in?next=/sign-in/kept")
    go_through(page, "u-noor")
    assert "Only Noor's" not in page.content()
    with services.records.look() as session:
        assert session.scalars(select(KeptFormRow)).all() == []


def test_whoever_has_no_group_of_ours_stays_out(open_page: Callable[..., Page]) -> None:
    page = open_page("/sign-in")
    go_through(page, "u-out")
    assert "None of your groups has a role" in page.locator("main").inner_text()
    page.goto("/me")
    assert "/sign-in" in page.url


def test_an_account_that_an_administrator_made_is_not_taken_over(
    open_page: Callable[..., Page], member: Callable[..., str], services: Services
) -> None:
    member("noor", Role.POST_ROOM)
    page = open_page("/sign-in")
    go_through(page, "u-noor")
    assert "is somebody's here" in page.locator("main").inner_text()
    assert account("noor", BOSS, services)["roles"] == ["post_room"]


def test_an_answer_that_nobody_asked_for_signs_nobody_in(open_page: Callable[..., Page]) -> None:
    page = open_page("/sign-in/provider/return?code=stolen&state=made-up")
    assert "did not vouch for you" in page.locator("main").inner_text()


@pytest.fixture
def log() -> Iterator[StringIO]:
    """All that any part of the process logs, down to the last detail, as it is written."""
    written = StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    handler.setFormatter(JsonFormatter())
    former = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(former)
    root.removeHandler(handler)


def test_no_secret_of_any_way_in_stands_in_the_log(
    open_page: Callable[..., Page],
    signed_in: SignIn,
    anonymous: TestClient,
    now: Callable[[], datetime],
    monkeypatch: pytest.MonkeyPatch,
    log: StringIO,
) -> None:
    ada, kim = signed_in("ada", Role.ADMINISTRATOR), signed_in("kim", Role.POST_ROOM)
    otp = re.findall(r'name="secret" value="(\w+)"', kim.get("/me/second-factor").text)[0]
    code = pyotp.TOTP(otp).at(now())
    kim.post("/me/second-factor", {"secret": otp, "code": code, "password": PASSWORD})
    anonymous.post("/sign-in", data={"name": "kim", "password": "a wrong guess", "code": "313131"})
    once = ada.post("/accounts/kim/reset").text.split("<code>")[1].split("</code>")[0]
    anonymous.post("/sign-in", data={"name": "kim", "password": once})
    anonymous.post("/password", data={"old": once, "new": "never told to any log"})
    monkeypatch.setattr("mailroom.desk.accounts.all_accounts", lambda _session: {}[ada.csrf])
    assert ada.get("/accounts").status_code == 500
    page = open_page("/sign-in")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    go_through(page, "u-noor")
    given = [value for address in addresses for name, value in parse_qsl(urlsplit(address).query) if name in OF_OIDC]
    cookies = [cookie["value"] for cookie in page.context.cookies() if "mailroom" in cookie["name"]]  # type: ignore[typeddict-item]
    held = [*ada.client.cookies.values(), *kim.client.cookies.values(), *anonymous.cookies.values(), *cookies]
    secrets = [PASSWORD, "a wrong guess", "313131", once, "never told", otp, code, "of the council", ada.csrf, kim.csrf]
    told = log.getvalue()
    assert "page failed" in told, "the log is written"
    assert len(given) >= 3
    assert [one for one in (*secrets, *given, *held) if one in told] == []


def test_a_provider_that_does_not_answer_is_said_so(services: Services, closed_port: int, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the council")
    away = with_provider(
        services, issuer=f"http://127.0.0.1:{closed_port}", client_id="m", client_secret_file=str(secret), **GROUPS
    )
    client = TestClient(application(away, lambda *_: None), base_url=services.settings.web.address)  # type: ignore[arg-type,return-value]
    answer = client.get("/sign-in/provider")
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)


def test_a_secret_that_cannot_be_read_is_said_at_the_start(services: Services) -> None:
    wrong = with_provider(services, issuer="http://127.0.0.1:9", client_id="m", client_secret_file="/nowhere/secret")
    with pytest.raises(Misconfigured, match=r"web.provider.client_secret_file: '/nowhere/secret' cannot be read"):
        application(wrong, lambda *_: None)  # type: ignore[arg-type,return-value]
