"""The catalogue is whole: whatever a service names exists, and every text fits what may be said in it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

CONFIG = Path(__file__).parents[2] / "config"
REPLIES = CONFIG / "replies"


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))


SERVICES = read("services.toml")["services"]
TEAMS = read("teams.toml")
CLOCKS = read("clocks.toml")["clocks"]
RETENTION = read("retention.toml")["retention"]
RULES = read("rules.toml")["rules"]
REFERENCES = set(read("rules.toml")["references"])
TEMPLATES = read("templates.toml")["templates"]
SERVICE_KEYS = {
    "title", "team", "lgsl", "sensitivity", "statutory", "clocks", "retention", "document_code", "acknowledgement",
    "closes", "signpost", "also",
}  # fmt: skip
RELEASE_FIELDS = {
    "date_received", "document_code", "case_type", "reference", "account_reference", "page_count", "file_name",
    "sender_name", "sender_postcode", "letter_date", "team", "sha256",
}  # fmt: skip
ALWAYS_RELEASED = {"date_received", "document_code", "account_reference", "page_count", "file_name"}
PLACEHOLDERS = {
    "greeting", "reference", "received", "due", "council", "service", "contact", "body", "body_address", "body_web",
}  # fmt: skip
WITHOUT_DUE_DATE = {"thanks", "signpost"}
each_service = pytest.mark.parametrize("key", sorted(SERVICES))
each_text = pytest.mark.parametrize("path", sorted(REPLIES.glob("*.txt")), ids=lambda path: path.name)


def release_of(team: str) -> dict[str, Any]:
    return {**TEAMS["release"], **TEAMS["teams"][team]["release"]}


def test_there_are_at_least_fifty_case_types() -> None:
    assert len(SERVICES) >= 50


@each_service
def test_whatever_a_service_names_exists(key: str) -> None:
    service = SERVICES[key]
    assert set(service) <= SERVICE_KEYS
    assert service["team"] in TEAMS["teams"]
    assert service["retention"] in RETENTION
    assert set(service["clocks"]) <= set(CLOCKS)
    assert service["sensitivity"] in {"normal", "limited"}
    if "acknowledgement" in service:
        assert all((REPLIES / f"{service['acknowledgement']}.{language}.txt").is_file() for language in ("en", "cy"))


@each_service
def test_every_service_has_the_clock_of_capture(key: str) -> None:
    assert "capture_one_working_day" in SERVICES[key]["clocks"]


@each_service
def test_nothing_is_sent_for_limited_access_and_little_else_is_left_unanswered(key: str) -> None:
    service = SERVICES[key]
    if service["sensitivity"] == "limited":
        assert "acknowledgement" not in service
    elif "closes" not in service:
        assert "acknowledgement" in service


def test_document_codes_are_short_and_differ() -> None:
    codes = [service["document_code"] for service in SERVICES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z0-9]{3,7}", code) for code in codes)


def test_a_signpost_names_a_body_and_closes_the_case() -> None:
    for key, service in SERVICES.items():
        assert key.startswith("not_ours_") == ("signpost" in service) == (service.get("acknowledgement") == "signpost")
        if "signpost" in service:
            assert set(service["signpost"]) == {"name", "address", "web"}
            assert service["closes"]


@pytest.mark.parametrize("team", sorted(TEAMS["teams"]))
def test_a_team_has_a_mailbox_and_a_release(team: str) -> None:
    assert {"name", "email", "release"} == set(TEAMS["teams"][team])
    release = release_of(team)
    assert set(release["formats"]) <= {"pdf", "xml", "csv"}
    assert set(release["csv"].values()) >= ALWAYS_RELEASED
    assert {*release["csv"].values(), *release.get("xml", {}).values()} <= RELEASE_FIELDS
    assert set(release["accounts"]) <= REFERENCES
    assert ("xml" in release["formats"]) == ("xml" in release) == ("xml_root" in release)


def test_folders_are_each_teams_own() -> None:
    folders = [release_of(team)["folder"] for team in TEAMS["teams"]]
    assert len(set(folders)) == len(folders)


def test_every_team_answers_something() -> None:
    assert {service["team"] for service in SERVICES.values()} == set(TEAMS["teams"])


def test_the_layouts_of_teams_differ() -> None:
    layouts = {(release_of(team)["date_format"], *release_of(team)["csv"]) for team in TEAMS["teams"]}
    assert len(layouts) >= 4


@pytest.mark.parametrize("name", sorted(RETENTION))
def test_a_retention_class_has_a_start_and_a_basis(name: str) -> None:
    retention = RETENTION[name]
    assert retention["starts_at"] in {"closed", "decision"}
    assert retention["basis"]
    assert retention.get("years", 1) >= 1
    assert ("years" in retention) != retention["basis"].startswith("Permanent")


def test_every_retention_class_is_used() -> None:
    assert {service["retention"] for service in SERVICES.values()} == set(RETENTION)


def test_every_rule_is_for_a_service_and_every_service_has_a_rule() -> None:
    assert set(RULES) == set(SERVICES) - {"unsorted"}


@each_text
def test_an_acknowledgement_says_what_it_must_and_never_more(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = set(re.findall(r"{(\w+)}", text))
    assert text.startswith("Subject: ")
    assert {"greeting", "reference", "received", "council"} <= used <= PLACEHOLDERS
    assert ("due" in used) == (path.name.split(".")[0] not in WITHOUT_DUE_DATE)
    assert max(map(len, text.splitlines())) <= 120


def test_every_acknowledgement_is_used_and_there_in_both_languages() -> None:
    used = {service["acknowledgement"] for service in SERVICES.values() if "acknowledgement" in service}
    assert {path.name for path in REPLIES.glob("*.txt")} == {
        f"{name}.{language}.txt" for name in used for language in ("en", "cy")
    }


def test_every_template_is_there_in_both_languages_and_there_is_no_other() -> None:
    there = {path.name for path in (REPLIES / "templates").iterdir()}
    assert there == {f"{key}.{language}.txt" for key in TEMPLATES for language in ("en", "cy")}


@pytest.mark.parametrize("key", sorted(TEMPLATES))
def test_a_template_asks_for_what_it_names_and_says_who_answers_what(key: str) -> None:
    for language in ("en", "cy"):
        text = (REPLIES / "templates" / f"{key}.{language}.txt").read_text(encoding="utf-8")
        used = set(re.findall(r"{(\w+)}", text))
        assert set(TEMPLATES[key].get("fill_in", {})) <= used
        answers = {"team"} if TEMPLATES[key]["kind"] != "again" else {"contact"}
        assert {"greeting", "reference", "received", "council", *answers} <= used
        assert ("promised" in used) == (TEMPLATES[key]["kind"] == "holding")
        assert max(map(len, text.splitlines())) <= 120
