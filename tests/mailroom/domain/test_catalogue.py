"""Reading services and teams: a wrong table names its key."""

from __future__ import annotations

from typing import Any

import pytest

from mailroom.domain.catalogue import ALWAYS_RELEASED, NEVER_AN_ACCOUNT, service_from, team_from

SERVICE: dict[str, Any] = {
    "title": "Bins",
    "team": "waste",
    "sensitivity": "normal",
    "clocks": ["a"],
    "retention": "r",
    "document_code": "BIN",
}
COLUMNS = {field.title(): field for field in ALWAYS_RELEASED}
DEFAULT: dict[str, Any] = {"formats": ["pdf", "csv"], "date_format": "%d/%m/%Y", "csv": COLUMNS}
TEAM: dict[str, Any] = {"name": "Waste", "email": "w@x.example", "release": {"folder": "waste"}}


def test_a_service_is_what_its_table_says() -> None:
    signpost = {"name": "County", "address": "Hall", "web": "www"}
    made = service_from("bins", {**SERVICE, "sensitivity": "limited", "signpost": signpost, "lgsl": 5})
    assert (made.key, made.title, made.clocks, made.limited, made.lgsl) == ("bins", "Bins", ("a",), True, 5)
    assert made.signpost is not None
    assert made.signpost.name == "County"
    assert (made.acknowledgement, made.closes, made.statutory) == (None, None, None)


@pytest.mark.parametrize("key", SERVICE)
def test_a_key_that_is_missing_is_named(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        service_from("bins", {name: value for name, value in SERVICE.items() if name != key})


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"colour": "green"}, "colour"),
        ({"sensitivity": "secret"}, "secret"),
        ({"signpost": {"name": "County"}}, "signpost"),
        ({"signpost": {"name": "a", "address": "b", "web": "c", "fax": "d"}}, "signpost"),
    ],
)
def test_a_key_that_means_nothing_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        service_from("bins", {**SERVICE, **wrong})


def test_a_team_takes_from_the_default_what_it_does_not_say() -> None:
    made = team_from("waste", {**TEAM, "release": {"folder": "w", "date_format": "%Y"}}, DEFAULT)
    assert (made.release.folder, made.release.formats, made.release.date_format) == ("w", ("pdf", "csv"), "%Y")
    assert made.release.xml_root == "Document"


@pytest.mark.parametrize("key", TEAM)
def test_a_team_s_key_that_is_missing_is_named(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        team_from("waste", {name: value for name, value in TEAM.items() if name != key}, DEFAULT)


@pytest.mark.parametrize(
    ("release", "named"),
    [
        ({"formats": ["docx"]}, "docx"),
        ({"csv": {**COLUMNS, "Mood": "mood"}}, r"release\.csv\.Mood"),
        ({"formats": ["xml"]}, "release.xml: no column for date_received"),
        ({"colour": "green"}, "colour"),
        *[({"accounts": [name]}, name) for name in sorted(NEVER_AN_ACCOUNT)],
        *[
            ({"csv": {name: field for name, field in COLUMNS.items() if field != left_out}}, left_out)
            for left_out in ALWAYS_RELEASED
        ],
    ],
)
def test_a_layout_that_cannot_be_written_is_named(release: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        team_from("waste", {**TEAM, "release": {"folder": "w", **release}}, DEFAULT)


def test_a_team_may_not_have_unknown_keys() -> None:
    with pytest.raises(ValueError, match="colour"):
        team_from("waste", {**TEAM, "colour": "green"}, DEFAULT)
