"""What comes from elsewhere is refused, what is too large is not read, and every answer says what a browser may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient
from visitors import PASSWORD, SignIn

from mailroom.domain.access import Role
from mailroom.services import Services
from mailroom.settings import Web
from mailroom.web.app import application
from mailroom.web.static_files import static_address


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_address_changes_nothing(signed_in: SignIn, headers: dict[str, str]) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    answer = ada.post("/accounts/ada/reset", headers=headers)
    assert (answer.status_code, "another address" in answer.text) == (403, True)
    assert ada.get("/accounts").status_code == 200


def test_a_form_of_ours_is_let_through(signed_in: SignIn, services: Services) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    headers = {"Origin": services.settings.web.address, "Sec-Fetch-Site": "same-origin"}
    assert ada.post("/me/preferences", {"dense": "true"}, headers=headers).status_code == 200


@pytest.mark.parametrize("secret", [None, "", "x" * 43])
def test_a_form_without_the_sitting_s_secret_changes_nothing(signed_in: SignIn, secret: str | None) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    answer = ada.client.post("/accounts/ada/leave", data={} if secret is None else {"csrf": secret})
    assert answer.status_code == 403
    assert "earlier sitting" in answer.text
    assert ada.get("/accounts").status_code == 200


def test_the_secret_of_somebody_else_s_sitting_does_not_do(signed_in: SignIn) -> None:
    ada, eve = signed_in("ada", Role.ADMINISTRATOR), signed_in("eve", Role.ADMINISTRATOR)
    assert ada.client.post("/accounts/eve/leave", data={"csrf": eve.csrf}).status_code == 403


def test_a_body_larger_than_a_form_is_not_read(anonymous: TestClient) -> None:
    answer = anonymous.post("/sign-in", data={"name": "x" * 1_100_000})
    assert (answer.status_code, "Nothing was done" in answer.text) == (413, True)
    assert "<h1" in answer.text  # a page like every other, and a line of JSON for a script
    told = anonymous.post("/sign-in", data={"name": "x" * 1_100_000}, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["sentence"].startswith("That is more")) == (413, True)


def test_large_files_are_read_from_those_who_take_files_in_and_from_nobody_else(
    anonymous: TestClient, signed_in: SignIn
) -> None:
    large = {"files": ("scan.txt", b"a word " * 200_000)}
    assert anonymous.post("/upload", files=large).status_code == 413
    assert signed_in("max", Role.MANAGER).post("/upload", files=large).status_code == 413
    assert signed_in("kim", Role.POST_ROOM).post("/upload", files=large).status_code == 200
    assert signed_in("noor", Role.POST_ROOM).post("/upload-more", files=large).status_code == 413


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/theme.css", "/static/page.js", "/accounts"])
def test_every_answer_says_what_a_browser_may_do(anonymous: TestClient, path: str) -> None:
    headers = anonymous.get(path, follow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_pages_are_kept_nowhere_and_versioned_files_for_good(anonymous: TestClient) -> None:
    assert anonymous.get("/sign-in").headers["cache-control"] == "no-store"
    assert "immutable" in anonymous.get(static_address("page.js")).headers["cache-control"]
    assert "immutable" not in anonymous.get("/static/page.js?v=1").headers["cache-control"]


def test_the_token_is_out_of_reach_for_scripts_and_for_other_sites(anonymous: TestClient, signed_in: SignIn) -> None:
    signed_in("ada", Role.ADMINISTRATOR)
    answer = anonymous.post("/sign-in", data={"name": "ada", "password": "three brown foxes"}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_fault_of_ours_tells_a_reader_nothing_of_its_insides(
    anonymous: TestClient, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    monkeypatch.setattr("mailroom.desk.accounts.all_accounts", lambda _session: 1 / 0)
    answer = ada.get("/accounts")
    assert (answer.status_code, "It is our fault" in answer.text) == (500, True)
    assert "division" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_over_tls_cookies_are_for_us_alone_and_browsers_stay_with_it(
    services: Services, member: Callable[..., str]
) -> None:
    web = services.settings.web.model_copy(update={"address": "https://mailroom.example"})
    behind = replace(services, settings=services.settings.model_copy(update={"web": web}))
    member("ada", Role.ADMINISTRATOR)
    client = TestClient(application(behind, lambda *_: None), base_url="https://mailroom.example")  # type: ignore[arg-type,return-value]
    answer = client.post("/sign-in", data={"name": "ada", "password": PASSWORD}, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-mailroom=")
    assert "Secure" in cookie
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "Secure" in client.post("/language", data={"language": "cy"}, follow_redirects=False).headers["set-cookie"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Mailroom.Council.example/", "https://mailroom.council.example"),
        ("https://m.example:443", "https://m.example"),
        ("HTTP://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_the_address_is_taken_as_browsers_write_it(services: Services, written: str, meant: str) -> None:
    assert Web.model_validate({**services.settings.web.model_dump(), "address": written}).address == meant


@pytest.mark.parametrize(
    "wrong", ["mailroom.example", "https://a b", "https://u@h", "https://h/path", "ftp://h", "https://h?x"]
)
def test_an_address_that_is_none_is_refused(services: Services, wrong: str) -> None:
    with pytest.raises(ValidationError, match="address"):
        Web.model_validate({**services.settings.web.model_dump(), "address": wrong})
