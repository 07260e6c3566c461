"""What comes from elsewhere is refused, what is too large is not read, and every answer says what a browser may do."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from visitors import SignIn

from mailroom.domain.access import Role
from mailroom.services import Services


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
    assert "immutable" in anonymous.get("/static/page.js?v=1").headers["cache-control"]


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
