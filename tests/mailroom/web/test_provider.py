"""Signing in through a real identity provider in a process of its own, by the whole authorisation code flow."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page
from starlette.testclient import TestClient

from mailroom.desk.accounts import account
from mailroom.domain.access import Role, Viewer
from mailroom.domain.errors import Misconfigured
from mailroom.services import Services
from mailroom.settings import Provider
from mailroom.web.app import application

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
GROUPS = {
    "roles": {"G-post": "post_room", "G-admin": "administrator", "G-back": "back_office"},
    "teams": {"G-rev": "revenues"},
}
PEOPLE = {
    "u-noor": {"preferred_username": "Noor@council.example", "name": "Noor <b>Ali</b>", "groups": ["G-admin", "x"]},
    "u-sam": {"preferred_username": "sam", "name": "Sam", "groups": ["G-back", "G-rev"]},
    "u-out": {"preferred_username": "out", "name": "Out", "groups": ["x"]},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """An identity provider on this machine that knows three people."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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


def test_a_provider_that_does_not_answer_is_said_so(services: Services, free_port: int, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the council")
    away = with_provider(
        services, issuer=f"http://127.0.0.1:{free_port}", client_id="m", client_secret_file=str(secret), **GROUPS
    )
    client = TestClient(application(away, lambda *_: None), base_url=services.settings.web.address)  # type: ignore[arg-type,return-value]
    answer = client.get("/sign-in/provider")
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)


def test_a_secret_that_cannot_be_read_is_said_at_the_start(services: Services) -> None:
    wrong = with_provider(services, issuer="http://127.0.0.1:9", client_id="m", client_secret_file="/nowhere/secret")
    with pytest.raises(Misconfigured, match=r"web.provider.client_secret_file: '/nowhere/secret' cannot be read"):
        application(wrong, lambda *_: None)  # type: ignore[arg-type,return-value]
