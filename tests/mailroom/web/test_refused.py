"""What was refused at the door has a page like everything on the ledger, though there is nothing of it to be shown."""

from __future__ import annotations

import pytest
from visitors import SignIn

from mailroom.domain.access import Role
from mailroom.domain.capture import Channel, Refusal
from mailroom.journey.refuse import refuse
from mailroom.services import Services

SENTENCE = "This e-mail has 160 MB; up to 150 MB are taken in. Its server was told so."


@pytest.fixture
def refused(services: Services) -> str:
    refusal = Refusal(Channel.EMAIL, "smtp:1", services.now(), "ann@client.example", SENTENCE, 160 << 20)
    return refuse(refusal, services)


def test_the_post_room_finds_it_and_reads_why(signed_in: SignIn, refused: str) -> None:
    kim = signed_in("kim", Role.POST_ROOM)
    assert "1" in kim.get("/post-room").text
    page = kim.get(f"/items/{refused}")
    assert page.status_code == 200
    assert SENTENCE in page.text
    assert "/original" not in page.text


def test_an_auditor_finds_it_by_its_state(signed_in: SignIn, refused: str) -> None:
    ada = signed_in("ada", Role.AUDITOR)
    found = ada.get("/audit?state=refused").text
    assert refused in found
    path = found.partition('mr-audit-hit"')[2].partition('href="')[2].partition('"')[0]
    proof = ada.post(f"{path}/purpose", {"purpose": "audit"})
    assert proof.status_code == 200
    assert SENTENCE in proof.text


def test_it_is_late_for_nobody(signed_in: SignIn, refused: str, services: Services) -> None:
    max_ = signed_in("max", Role.MANAGER)
    assert refused not in max_.get("/performance").text


def test_telling_it_twice_counts_once(refused: str, services: Services) -> None:
    again = Refusal(Channel.EMAIL, "smtp:1", services.now(), "ann@client.example", SENTENCE, 160 << 20)
    assert refuse(again, services) == refused
