"""The sender's address in heads and feet of letters: found where it is plain whose it is, and else not at all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from paper import Paper

from classifiers.classifier import Evidence
from classifiers.fields import Field, FieldFinder

Letter = dict[str, Any]
LETTERS: list[Letter] = tomllib.loads((Path(__file__).parent / "addresses.toml").read_text(encoding="utf-8"))["letter"]
NEVER_SEEN = [letter for letter in LETTERS if letter.get("round")]
FOUND_OF_ALL = 0.6


def address_in(finder: FieldFinder, evidence: Evidence) -> tuple[str, str | None] | None:
    """The address and the surest postcode, or None where no address is found."""
    surest: dict[str, Field] = {}
    for field in finder.find(evidence):
        surest.setdefault(field.name, field)
    if "sender_address" not in surest:
        return None
    return surest["sender_address"].value, surest["sender_postcode"].value if "sender_postcode" in surest else None


def wanted(letter: Letter) -> tuple[str, str | None] | None:
    return (letter["address"], letter.get("postcode")) if "address" in letter else None


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter["about"])
def test_what_is_found_is_right_or_nothing_is_said(finder: FieldFinder, letter: Letter) -> None:
    found = address_in(finder, Evidence(letter["text"]))
    assert found == wanted(letter) or (found is None and letter.get("silent"))


def test_there_are_letters_enough() -> None:
    assert len(LETTERS) >= 40
    assert len(NEVER_SEEN) >= len(LETTERS) / 2


def test_most_addresses_are_found(finder: FieldFinder) -> None:
    there = [letter for letter in LETTERS if "address" in letter]
    found = [letter for letter in there if address_in(finder, Evidence(letter["text"])) is not None]
    assert len(found) >= FOUND_OF_ALL * len(there)


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["Flat 4", "22 Chandler Street", "Harrowdale HD10 9ZU"], "Flat 4, 22 Chandler Street, Harrowdale"),
        (["Flat 2 14 High Street", "Harrowdale", "HD10 9ZU"], "Flat 2 14 High Street, Harrowdale"),
        (["19a spinners court", "ossenby", "HD13 8WA"], "19a spinners court, ossenby"),
        (["12", "High Street", "Harrowdale", "HD10 9ZU"], "12 High Street, Harrowdale"),
        (["12, High Street,", "Harrowdale,", "HD10 9ZU."], "12 High Street, Harrowdale"),
        (["No. 7 Kirkgate", "Stow-on-the-Wold", "GL54 1AB"], "No. 7 Kirkgate, Stow-on-the-Wold"),
        (
            ["Flat 3", "Bramley Court", "9 Tanner Street", "Harrowdale", "HD10 9ZU"],
            "Flat 3, Bramley Court, 9 Tanner Street, Harrowdale",
        ),
        (["Flat 3", "Bees and Honey", "9 Tanner Street", "Harrowdale", "HD10 9ZU"], None),
        (["Bramley Court", "Ossenby", "HD13 6PD"], None),
        (["Rose Cottage", "Church Lane", "Ossenby", "HD13 6PD"], "Rose Cottage, Church Lane, Ossenby"),
        (["1A The Green", "Little Wending", "England", "HD10 2NA"], "1A The Green, Little Wending, England"),
        (["8 Stryd y Ffynnon", "Llanfair", "SY30 4WN"], "8 Stryd y Ffynnon, Llanfair"),
        (["4 Quarry View", "Harrowdale", "HDI2 4QT"], "4 Quarry View, Harrowdale"),
        (["Church Lane", "Ossenby", "HD13 6PD"], None),
        (["Harrowdale", "HD13 6PD"], None),
        (["12 November", "Harrowdale", "HD13 6PD"], None),
        (["Ref 12 Beck Lane", "Harrowdale", "HD13 6PD"], None),
        (["Property: 12 Beck Lane", "Harrowdale", "HD13 6PD"], None),
        (["Our client: Mr J Hall, 50 Shuttle Close, Fellgate, HD11 4DU"], None),
        (["12 Beck Lane", "we spoke of this in May", "Harrowdale", "HD13 6PD"], None),
        (["1 Market Place", "Harrowdale", "HD1 1AA"], None),
    ],
)
def test_lines_make_an_address_or_none(finder: FieldFinder, lines: list[str], address: str | None) -> None:
    text = "\n".join([*lines, "", "Planning Section", "", "Dear Sir", "", "It is wrong.", "", "Yours faithfully"])
    found = address_in(finder, Evidence(text))
    assert (found and found[0]) == address


def test_a_postcode_of_the_address_goes_before_any_other(finder: FieldFinder) -> None:
    head = "4 Quarry View\nHarrowdale HD7 4QT\n\nHousing Team\n\n"
    text = f"{head}Property: 6 Shuttle Close, HD11 4DR\n\nDear Sir\n\nIt leaks."
    assert address_in(finder, Evidence(text)) == ("4 Quarry View, Harrowdale", "HD7 4QT")


def test_a_poorly_read_postcode_lowers_confidence(finder: FieldFinder) -> None:
    letters = (
        f"4 Quarry View\nHarrowdale\n{code}\n\nHousing Team\n\nDear Sir\n\nIt leaks."
        for code in ("HD7 4QT", "HDI2 4QT")
    )
    clear, mended = (
        next(field for field in finder.find(Evidence(text)) if field.name == "sender_address") for text in letters
    )
    assert clear.confidence > mended.confidence > 0


def two_heads(sure: float = 0.95) -> Evidence:
    paper = Paper(sure)
    paper.line((100, "Housing Options"), (900, "7 Garth Court"))
    paper.line((100, "Harrowdale District Council"), (900, "Ossenby"))
    paper.line((100, "Harrowdale HD1 1AA"), (900, "HD13 2LQ"))
    paper.line().line((100, "Dear Sirs")).line(
        (100, "My landlord has told me to leave by the end of the month of June.")
    )
    return paper.evidence()


def test_two_heads_in_one_line_are_told_apart_by_where_they_stand(finder: FieldFinder) -> None:
    assert address_in(finder, two_heads()) == ("7 Garth Court, Ossenby", "HD13 2LQ")
    field = next(field for field in finder.find(two_heads()) if field.name == "sender_address")
    assert field.box == (900, 0, 900 + 12 * len("7 Garth Court"), 2 * 40 + 25)


def test_without_their_places_two_heads_in_one_line_are_no_address(finder: FieldFinder) -> None:
    assert address_in(finder, Evidence(two_heads().text)) is None


def test_what_was_hardly_read_is_no_address(finder: FieldFinder) -> None:
    assert address_in(finder, two_heads(sure=0.4)) is None


def test_the_address_of_a_stamp_beside_it_is_the_senders(finder: FieldFinder) -> None:
    paper = Paper().line((100, "RECEIVED"), (900, "Moorcroft")).line((100, "19 NOV 2026"), (900, "3 Quarry Rise"))
    paper.line((100, "POST ROOM"), (900, "Skelbrook")).line((900, "HD14 1GE")).line((900, "12 November 2026"))
    paper.line().line((100, "Harrowdale District Council")).line((100, "Dear Sirs"))
    assert address_in(finder, paper.evidence()) == ("Moorcroft, 3 Quarry Rise, Skelbrook", "HD14 1GE")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "x" * 10_000,
        "HD7 4QT",
        "4 Quarry View, " * 2000,
        "Dear Sir\n" * 500,
        "flat 1 " * 5000,
        "\n".join(" " * (number % 97) + "Harrowdale Council" for number in range(20_000)),
    ],
    ids=lambda text: text[:12],
)
def test_any_text_is_borne(finder: FieldFinder, text: str) -> None:
    assert address_in(finder, Evidence(text)) is None
