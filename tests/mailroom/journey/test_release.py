"""The folder that a team's own system picks up: its columns, its dates, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mailroom.catalogue import load_catalogue
from mailroom.domain.catalogue import Release
from mailroom.journey.put_release import put_in_place
from mailroom.journey.release import Enclosed, Released, account_reference, build, harmless

TEAMS = load_catalogue(Path(__file__).parents[3] / "config").teams
INDEX = {
    "sender_name": "Mary Bell",
    "sender_postcode": "HD2 3AB",
    "letter_date": "2026-11-14",
    "email": "mary@example.org",
    "council_tax_account": "71204455",
}
FACTS = Released(
    reference="HD-26-000001-L",
    received_at=datetime(2026, 11, 16, 10, tzinfo=UTC),
    document_code="CTSPD",
    case_type="council_tax_single_person_discount",
    team="revenues",
    page_count=2,
    sha256="ab" * 32,
    index=INDEX,
)
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Releases one PDF in a team's layout and returns the folder."""
    document = tmp_path / "0.pdf"
    document.write_bytes(b"%PDF-1.7 a letter")

    def act(layout: Release, facts: Released = FACTS, documents: int = 1) -> Path:
        making = build(facts, [Enclosed(document, words_read=True)] * documents, layout, tmp_path / "release")
        return put_in_place(making, facts.reference).folder

    return act


def cells(folder: Path) -> Mapping[str, str]:
    text = (folder / "index.csv").read_bytes().decode("utf-8-sig")
    heading, row = csv.reader(io.StringIO(text))
    return dict(zip(heading, row, strict=True))


def elements(folder: Path) -> Mapping[str, str | None]:
    return {element.tag: element.text for element in ET.parse(folder / "index.xml").getroot()}  # noqa: S314  # our own


def test_revenues_gets_its_own_columns_and_british_dates(make: Make, tmp_path: Path) -> None:
    folder = make(TEAMS["revenues"].release)
    assert folder == tmp_path / "release" / "revenues" / "HD-26-000001-L"
    assert cells(folder) == {
        "DateRec": "16/11/2026",
        "DocType": "CTSPD",
        "AccountRef": "71204455",
        "Pages": "2",
        "FileName": "HD-26-000001-L.pdf",
    }
    assert sorted(file.name for file in folder.iterdir()) == ["HD-26-000001-L.pdf", "index.csv", "manifest.json"]


def test_benefits_gets_csv_and_xml(make: Make) -> None:
    folder = make(TEAMS["benefits"].release)
    assert cells(folder)["LetterDate"] == "14/11/2026"
    assert elements(folder)["Claimant"] == "Mary Bell"
    assert elements(folder)["Checksum"] == "ab" * 32
    assert ET.parse(folder / "index.xml").getroot().tag == "BenefitDocument"  # noqa: S314  # our own


def test_planning_gets_iso_dates(make: Make) -> None:
    folder = make(TEAMS["planning"].release)
    assert cells(folder)["received"] == elements(folder)["received"] == "2026-11-16"
    assert cells(folder)["dated"] == "2026-11-14"


@pytest.mark.parametrize("team", sorted(TEAMS))
def test_every_team_s_layout_can_be_written(make: Make, team: str) -> None:
    assert (make(TEAMS[team].release) / "manifest.json").is_file()


def test_the_day_of_receipt_is_the_day_in_london(make: Make) -> None:
    late = replace(FACTS, received_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert cells(make(TEAMS["revenues"].release, late))["DateRec"] == "01/07/2026"


def test_the_manifest_gives_the_digest_of_every_other_file(make: Make) -> None:
    folder = make(TEAMS["benefits"].release)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    told = {file["name"]: (file["sha256"], file["size"]) for file in manifest["files"]}
    there = {
        file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size)
        for file in folder.iterdir()
        if file.name != "manifest.json"
    }
    assert told == there
    assert (manifest["reference"], manifest["original_sha256"]) == (FACTS.reference, FACTS.sha256)


def test_several_documents_are_numbered(make: Make) -> None:
    folder = make(TEAMS["revenues"].release, documents=2)
    assert {"HD-26-000001-L-1.pdf", "HD-26-000001-L-2.pdf"} <= {file.name for file in folder.iterdir()}
    assert cells(folder)["FileName"] == "HD-26-000001-L-1.pdf"


@pytest.mark.parametrize("cell", ["=1+1", "+44 1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_taken_for_a_formula(make: Make, cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    facts = replace(FACTS, index={**INDEX, "sender_name": cell})
    assert not cells(make(TEAMS["benefits"].release, facts))["Surname"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_quotes_commas_and_line_ends_stay_inside_their_cell(make: Make) -> None:
    name = 'Bell, "Mary"\nand Co'
    assert (
        cells(make(TEAMS["benefits"].release, replace(FACTS, index={**INDEX, "sender_name": name})))["Surname"] == name
    )


@pytest.mark.parametrize("name", ["<b>&\"'", "\x00\x07\x1b[31m", "\ufffe\uffff", "\U0001f4ec", "]]>"])
def test_any_name_gives_xml_that_a_parser_reads(make: Make, name: str) -> None:
    folder = make(TEAMS["benefits"].release, replace(FACTS, index={**INDEX, "sender_name": name}))
    found = elements(folder)["Claimant"] or ""
    assert set(found) <= set(name)


@pytest.mark.parametrize(
    ("written", "shown"), [("", ""), ("2026-11-14", "14/11/2026"), ("mid November", "mid November")]
)
def test_a_date_that_is_none_stays_as_it_was_written(make: Make, written: str, shown: str) -> None:
    facts = replace(FACTS, index={**INDEX, "letter_date": written})
    assert cells(make(TEAMS["benefits"].release, facts))["LetterDate"] == shown


@pytest.mark.parametrize(
    ("accounts", "found"),
    [
        (("council_tax_account",), "71204455"),
        (("business_rates_account", "council_tax_account"), "71204455"),
        (("benefit_claim",), ""),
        ((), ""),
    ],
)
def test_the_account_reference_is_the_first_that_the_team_takes_for_one_of_its_own(
    accounts: tuple[str, ...], found: str
) -> None:
    index = {"national_insurance_number": "LM039465B", "item_reference": "HD-26-004417-K", **INDEX}
    assert account_reference(index, accounts) == found


def test_a_national_insurance_number_is_handed_to_no_team(make: Make) -> None:
    facts = replace(FACTS, index={"national_insurance_number": "LM039465B", "item_reference": "HD-26-004417-K"})
    for team in TEAMS.values():
        folder = make(team.release, facts)
        for file in folder.glob("index.*"):
            assert not {"LM039465B", "HD-26-004417-K"} & set(re.findall(r"[\w-]+", file.read_text("utf-8-sig")))


def test_the_manifest_names_what_no_word_could_be_read_of(tmp_path: Path) -> None:
    document = tmp_path / "0.pdf"
    document.write_bytes(b"%PDF-1.7 locked")
    enclosed = [Enclosed(document, words_read=True), Enclosed(document, words_read=False)]
    folder = build(FACTS, enclosed, TEAMS["revenues"].release, tmp_path / "release")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["without_words"] == ["HD-26-000001-L-2.pdf"]


def test_two_runs_at_once_do_not_share_what_they_build(tmp_path: Path) -> None:
    document = tmp_path / "0.pdf"
    document.write_bytes(b"%PDF-1.7 a letter")
    root, layout = tmp_path / "release", TEAMS["revenues"].release
    first, second = (build(FACTS, [Enclosed(document, words_read=True)], layout, root) for _ in range(2))
    assert first != second
    assert all((place / "manifest.json").is_file() for place in (first, second))


def test_what_an_interrupted_release_left_is_not_seen_and_swept_away(make: Make, tmp_path: Path) -> None:
    leftover = tmp_path / "release" / "revenues" / ".HD-26-000001-L.0f.making"
    leftover.mkdir(parents=True)
    (leftover / "half.pdf").write_bytes(b"%PDF")
    folder = make(TEAMS["revenues"].release)
    assert [place.name for place in folder.parent.iterdir()] == [folder.name]
    assert "half.pdf" not in {file.name for file in folder.iterdir()}


def test_nothing_appears_under_the_final_name_before_all_is_written(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> bytes:
        raise OSError("disk full")

    monkeypatch.setattr("mailroom.journey.release._manifest", fail)
    with pytest.raises(OSError, match="disk full"):
        make(TEAMS["revenues"].release)
    assert list((tmp_path / "release" / "revenues").iterdir()) == []
