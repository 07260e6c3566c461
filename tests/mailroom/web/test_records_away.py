"""While the database cannot be reached pages say so in a sentence, and are there again by themselves when it can."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from fastapi import FastAPI
from visitors import SignIn

from mailroom.domain.access import Role
from mailroom.records.session import Records
from mailroom.services import Services


@pytest.mark.parametrize("path", ["/post-room", "/sign-in", "/healthz"])
def test_a_page_says_that_the_records_cannot_be_reached(
    signed_in: SignIn, app: FastAPI, services: Services, closed_port: int, path: str
) -> None:
    kim = signed_in("kim", Role.POST_ROOM)
    with closing(Records(f"postgresql+psycopg://mailroom@127.0.0.1:{closed_port}/mailroom")) as away:
        app.state.services = replace(services, records=away)
        answer = kim.get(path)
        script = kim.client.get(path, headers={"accept": "application/json"})
    if path != "/sign-in":  # which asks nothing of the records
        assert answer.status_code == script.status_code == 503
        assert "The records cannot be reached just now." in answer.text
        assert "The records cannot be reached just now." in script.json()["sentence"]
    app.state.services = services
    assert kim.get(path).status_code == 200
