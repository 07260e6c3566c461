"""What people change about themselves: password, second factor, preferences; and emergency access."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from visitors import PASSWORD, SignIn

from mailroom.desk.accounts import account
from mailroom.desk.performance import status
from mailroom.desk.signing_in import person_of
from mailroom.domain.access import Role, Viewer
from mailroom.records.ledger import Days
from mailroom.services import Services

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
Step = Callable[[timedelta], None]


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", "four green newts", "four green newts", "old password is wrong"),
        (PASSWORD, "four green newts", "four green newt", "not the same"),
        (PASSWORD, "short", "short", "at least 12"),
        (PASSWORD, "Password-12345", "Password-12345", "tried first"),
        (PASSWORD, "aaaaaaaaaaaaab", "aaaaaaaaaaaaab", "more different characters"),
        (PASSWORD, PASSWORD, PASSWORD, "another password"),
        (PASSWORD, "x1y2" * 60, "x1y2" * 60, "at most 200"),
    ],
)
def test_a_password_that_will_not_do_is_said_so(
    signed_in: SignIn, old: str, new: str, again: str, sentence: str
) -> None:
    answer = signed_in("kim", Role.MANAGER).post("/password", {"old": old, "new": new, "again": again})
    assert (answer.status_code, sentence in answer.text) == (409, True)


def test_a_new_password_ends_every_other_sitting(signed_in: SignIn, anonymous: object) -> None:
    kim = signed_in("kim", Role.MANAGER)
    anonymous.post("/sign-in", data={"name": "kim", "password": PASSWORD})  # type: ignore[attr-defined]
    kim.post("/password", {"old": PASSWORD, "new": "four green newts", "again": "four green newts"})
    assert kim.get("/me").url.path == "/me"
    assert anonymous.get("/me").url.path == "/sign-in"  # type: ignore[attr-defined]


def test_a_second_factor_is_proved_once_and_asked_for_from_then_on(
    signed_in: SignIn, now: Callable[[], datetime], step: Step
) -> None:
    kim = signed_in("kim", Role.MANAGER)
    secret = re.search(r'name="secret" value="(\w+)"', kim.get("/me/second-factor").text)[1]  # type: ignore[index]
    sent = {"secret": secret, "password": PASSWORD}
    for wrong, sentence in (
        ({"code": "000000"}, "not the code of now"),
        ({"password": "no"}, "password is wrong"),
        ({"secret": "!!!"}, "none of ours"),
    ):
        answer = kim.post("/me/second-factor", {**sent, **wrong})
        assert (answer.status_code, sentence in answer.text) == (409, True)
    code = pyotp.TOTP(secret).at(now())
    assert "asked for the code" in kim.post("/me/second-factor", {**sent, "code": code}).text
    typed = {"name": "kim", "password": PASSWORD}
    assert kim.client.post("/sign-in", data=typed).status_code == 403
    assert kim.client.post("/sign-in", data={**typed, "code": code}).status_code == 403, "a code works once"
    step(timedelta(seconds=30))
    code = pyotp.TOTP(secret).at(now())
    assert kim.client.post("/sign-in", data={**typed, "code": code}, follow_redirects=False).status_code == 303


def test_preferences_stay(signed_in: SignIn) -> None:
    kim = signed_in("kim", Role.MANAGER)
    assert 'data-single-keys="on"' in kim.get("/me").text
    kim.post("/me/preferences", {"dense": "true"})
    assert 'data-single-keys="off"' in kim.get("/me").text


def test_emergency_access_lasts_half_an_hour_and_raises_an_alarm(
    signed_in: SignIn, services: Services, step: Step
) -> None:
    kim = signed_in("kim", Role.POST_ROOM)
    before = kim.client.cookies["mailroom"]
    assert kim.post("/me/emergency", {"reason": "because"}).status_code == 409
    reason = "A child is at risk and nobody named is here"
    assert kim.post("/me/emergency", {"reason": reason}, follow_redirects=False).status_code == 303
    token = kim.client.cookies["mailroom"]
    assert person_of(before, services) is None, "what somebody copied before is not raised with it"
    person = person_of(token, services)
    assert person is not None
    assert person.viewer.named_for_limited
    history = account("kim", BOSS, services)["history"]
    assert history[0]["details"]["reason"] == reason
    alarms = status(BOSS, services, Days())["alarms"]
    assert len(alarms) == 1
    assert reason not in alarms[0]["sentence"]
    step(timedelta(minutes=29))
    kim.get("/me")
    step(timedelta(minutes=2))
    person = person_of(token, services)
    assert person is not None
    assert not person.viewer.named_for_limited
    assert kim.post("/me/emergency", {"reason": reason}).status_code == 403, "nor is the former secret of its forms"
    kim.csrf = person.csrf
    kim.post("/me/emergency", {"reason": reason})
    ada = signed_in("ada", Role.ADMINISTRATOR)
    assert reason in ada.get("/accounts/kim").text
    assert signed_in("ed", Role.AUDITOR).get("/audit/emergencies").text.count(reason) == 2
    assert "2 alarms" in ada.get("/health").text, "each access is told anew"
    subjects = re.findall(r'name="subject" value="(emergency:[0-9a-f]+)"', ada.get("/health").text)
    for subject in subjects:
        ada.post("/health/looked-into", {"subject": subject})
    assert status(BOSS, services, Days())["alarms"] == []
    assert "emergency looked into" in ada.get("/accounts/kim").text
    assert ada.post("/health/looked-into", {"subject": "release"}).status_code == 409


def test_whoever_looks_at_no_items_gets_no_emergency_access(signed_in: SignIn) -> None:
    eve = signed_in("eve", Role.ADMINISTRATOR)
    assert eve.post("/me/emergency", {"reason": "I want to have a look at it all"}).status_code == 409
    assert "In an emergency" not in eve.get("/me").text
