"""The texts of acknowledgements, filled in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.catalogue import load_catalogue
from mailroom.domain.catalogue import Service
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Misconfigured
from mailroom.journey.wording import Facts, reply_text

CONFIG = Path(__file__).parents[3] / "config"
SERVICES = load_catalogue(CONFIG).services
SERVICE = Service("x", "Bins {reference}", "revenues", Sensitivity.NORMAL, (), "r", "X", acknowledgement="text")


def facts(service: Service) -> Facts:
    received, due = datetime(2026, 11, 16, 10, tzinfo=UTC), datetime(2026, 12, 14, 23, 59, 59, tzinfo=UTC)
    return Facts("HD-26-000001-L", received, due, service, "Harrowdale", "01632 960100")


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("key", [key for key, service in SERVICES.items() if service.acknowledgement])
def test_every_text_of_the_catalogue_can_be_filled_in(key: str, language: str) -> None:
    subject, text = reply_text(CONFIG / "replies", facts(SERVICES[key]), language)
    assert "HD-26-000001-L" in subject
    assert "\n" not in subject
    assert "Harrowdale" in text
    assert "{" not in subject + text


@pytest.mark.parametrize(
    ("name", "confidence", "language", "greeting"),
    [
        ("Mrs D. Arkwright", 0.8, "en", "Dear Mrs Arkwright\n\n"),
        ("Joan Pemberton", 1.0, "en", "Dear Joan Pemberton\n\n"),
        ("Joan Pemberton", 0.6, "en", "Dear Sir or Madam\n\n"),
        (None, 0.0, "cy", "Annwyl Syr neu Fadam\n\n"),
    ],
)
@pytest.mark.parametrize("key", sorted({one.acknowledgement for one in SERVICES.values() if one.acknowledgement}))
def test_every_text_begins_by_greeting_the_sender(
    key: str, name: str | None, confidence: float, language: str, greeting: str
) -> None:
    known = replace(facts(replace(SERVICE, acknowledgement=key)), sender_name=name, sender_confidence=confidence)
    assert reply_text(CONFIG / "replies", known, language)[1].startswith(greeting)


@pytest.mark.parametrize("file", sorted((CONFIG / "replies").glob("*.txt")), ids=lambda file: file.name)
def test_no_text_writes_a_day_in_a_form_of_its_own(file: Path) -> None:
    assert not re.search(r"\d", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "wrong",
    [
        "Dear {name}",
        "Subject: {reference",
        "Subject: {reference.nothing}\n\nx",
        "Subject: {0}\n\nx",
        "Subject: {reference[key]}\n\nx",
        "No subject line {reference}",
        "",
    ],
)
def test_a_slip_in_a_text_names_the_file(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "text.en.txt").write_text(wrong, encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"text\.en\.txt"):
        reply_text(tmp_path, facts(SERVICE), "en")


def test_a_text_that_is_not_there_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"text\.en\.txt"):
        reply_text(tmp_path, facts(SERVICE), "cy")


def test_where_there_is_no_welsh_text_the_english_one_has_english_dates(tmp_path: Path) -> None:
    (tmp_path / "text.en.txt").write_text("Subject: x\n\nby {due}", encoding="utf-8")
    assert reply_text(tmp_path, facts(SERVICE), "cy") == ("x", "by Monday 14 December 2026\n")


def test_braces_in_what_is_filled_in_are_not_filled_in_again(tmp_path: Path) -> None:
    (tmp_path / "text.en.txt").write_text("Subject: x\n\n{service}", encoding="utf-8")
    assert reply_text(tmp_path, facts(SERVICE), "en")[1] == "Bins {reference}\n"
