"""Index data from whole letters."""

from collections.abc import Callable

import pytest

from classifiers.classifier import Evidence
from classifiers.fields import FieldFinder
from classifiers.language import language_of
from classifiers.references import national_insurance_numbers

LETTER = """Mrs J. Pemberton
4 Quarry View
Harrowdale HD7 4QT
Tel 01632 960123

Council Tax Section
Harrowdale District Council
Civic Hall, 1 Market Place
Harrowdale HD1 1AA

17 November 2026

Dear Sir or Madam

Council tax account 71204455

Thank you for your letter of 3 November 2026. My National Insurance number is LM 03 94 65 B. Reach me at
Jean.Pemberton@example.org or through post.room@harrowdale.example. The item was HD-26-004417-K.

Yours faithfully

Jean Pemberton
"""


Values = Callable[[str, str], list[str]]


@pytest.fixture
def values(finder: FieldFinder) -> Values:
    return lambda text, name: [field.value for field in finder.find(Evidence(text)) if field.name == name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("letter_date", ["2026-11-17"]),
        ("sender_name", ["Jean Pemberton"]),
        ("sender_address", ["4 Quarry View, Harrowdale"]),
        ("sender_postcode", ["HD7 4QT"]),
        ("email", ["jean.pemberton@example.org"]),
        ("phone", ["+441632960123"]),
        ("council_tax_account", ["71204455"]),
        ("national_insurance_number", ["LM039465B"]),
        ("item_reference", ["HD-26-004417-K"]),
    ],
)
def test_a_letter_gives_its_index_data_never_the_councils_own(values: Values, name: str, expected: list[str]) -> None:
    assert values(LETTER, name) == expected


def test_every_span_leads_back_to_the_page(finder: FieldFinder) -> None:
    text = f"{LETTER}\fPCN HD40918273 was the ticket."
    pages = text.split("\f")
    fields = finder.find(Evidence(text))
    assert {field.page for field in fields} == {1, 2}
    for field in fields:
        written = pages[field.page - 1][field.start : field.end]
        assert written.strip()
        as_written = {written.lower(), written.replace(" ", "").lower()}
        assert field.name in {"letter_date", "phone", "sender_address"} or field.value.lower() in as_written


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("17th November 2026", "2026-11-17"), ("November 17, 2026", "2026-11-17"), ("17/11/2026", "2026-11-17"),
        ("17.11.2026", "2026-11-17"), ("2026-11-17", "2026-11-17"),
        ("1 Tachwedd 2026", "2026-11-01"), ("3/4/2026", "2026-04-03"),
        ("Tuesday 17 Nov 2026", "2026-11-17"),
    ],
)  # fmt: skip
def test_the_date_of_a_letter_is_read_day_first(values: Values, written: str, iso: str) -> None:
    assert values(f"{written}\n\nDear Sir\n\nI write to you.", "letter_date") == [iso]


@pytest.mark.parametrize("written", ["31 February 2026", "17/13/2026", "45 May 2026", "1234567", "10.14"])
def test_a_date_that_does_not_exist_is_none(values: Values, written: str) -> None:
    assert values(f"{written}\n\nDear Sir", "letter_date") == []


def test_a_year_of_two_digits_is_believed_little(finder: FieldFinder) -> None:
    field = next(field for field in finder.find(Evidence("17/11/26\n\nDear Sir")) if field.name == "letter_date")
    assert field.confidence <= 0.5


@pytest.mark.parametrize("text", ["Your letter dated 3 May 2026", "I was born on 21 May 1987", "since 2 June 2026"])
def test_somebody_elses_date_is_not_the_letters(values: Values, text: str) -> None:
    assert values(text, "letter_date") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dear Sir\n\nIt is wrong.\n\nYours sincerely\n\nT. O'Brien", "T. O'Brien"),
        ("Annwyl Syr\n\nMae'n oer.\n\nYn gywir\nSiân Prŷs", "Siân Prŷs"),
        ("Mr Harold Denby\n2 Mill Rise\n\nDear Sir\n\nIt is wrong.", "Mr Harold Denby"),
        ("Dear Sir\n\nIt is wrong.\n\nKind regards\n\nHousing Benefit Team", None),
        ("Dear sir\n\nIt is wrong.\n\nYours sincerly\n\nTracey Boothroyd (Ms)", "Tracey Boothroyd (Ms)"),
        ("Hello, it is wrong, all of it.\n\nJo Bell\n18 Hackling Road", "Jo Bell"),
        ("Harrowdale District Council\nCivic Hall\n\nDear Mrs Bell\n\nIt is right.", None),
        ("Declaration\nI declare that all of this is true.\n\nSignature Date\nE P Okonkwo 16/11/2026", None),
        ("First Names Last Name\nJob Title\n\nPart 2 of the form follows, and it is long.", None),
        ("I am the only adult in the house.\n\nSigned\nPrint Name\nJo Bell\n", "Jo Bell"),
        ("Dear Sir\n\nIt is wrong.\n\nYours faithfully\n\nMary Page", "Mary Page"),
    ],
)
def test_the_sender_is_a_person_and_never_the_council(values: Values, text: str, name: str) -> None:
    assert values(text, "sender_name") == ([name] if name else [])


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("26/01234/FUL", "planning_application", "26/01234/FUL"),
        ("Ref S/2008/1234/FUL", "planning_application", "S/2008/1234/FUL"),
        ("PCN HD40918273", "penalty_charge_notice", "HD40918273"),
        ("Invoice no. 20817", "invoice_number", "20817"),
        ("Claim No. 6KB0099", "court_claim", "6KB0099"),
        ("Claim ref HB1043377", "benefit_claim", "HB1043377"),
        ("Re COMP1-4471", "complaint", "COMP1-4471"),
        ("Our ref: NDR 4471", "business_rates_account", "4471"),
    ],
)
def test_a_reference_is_found_by_its_name(values: Values, text: str, name: str, value: str) -> None:
    assert value in values(text, name)


def test_a_number_without_its_words_near_is_doubted(finder: FieldFinder) -> None:
    near, far = (
        next(field for field in finder.find(Evidence(text)) if field.name == "council_tax_account")
        for text in ("Council tax 71204455", "Please see 71204455")
    )
    assert near.confidence > far.confidence


@pytest.mark.parametrize("text", ["QQ 12 34 56 C", "AB 12 34 56 E", "GB123456A", "AO 12 34 56 A", "DA123456A"])
def test_a_barred_national_insurance_number_is_none(text: str) -> None:
    assert list(national_insurance_numbers(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "VAT No. 012 3456 78",
        "VAT Reg No GB 098 7654 32",
        "VAT registration number 0987 654 321",
        "Registered in England 01234567890",
        "Company No. 0123456789",
        "Charity reg. no. 01632960345",
    ],
)
def test_the_number_of_a_firm_is_no_telephone_number(values: Values, text: str) -> None:
    assert values(text, "phone") == []
    assert values(f"{text}\nTel 01632 960345", "phone") == ["+441632960345"]


def test_a_postcode_below_our_own_name_is_ours_however_it_was_read(values: Values) -> None:
    head = "Council Tax\nHarrowdale District Council\nCivic Hall, 1 Market Place\nHarrowdale HD1 1AR\n\n"
    assert values(f"{head}Dear Sir\n\nIt is wrong.", "sender_postcode") == []
    assert values(f"4 Quarry View\nHD7 4QT\n\n{head}Dear Sir", "sender_postcode") == ["HD7 4QT"]


@pytest.mark.parametrize("text", ["0123 4", "account 01234567890123456789", "00 44 12", "+1 202 555 0100"])
def test_what_is_no_british_telephone_number_is_left_alone(values: Values, text: str) -> None:
    assert values(text, "phone") == []


def test_a_poor_reading_lowers_every_confidence(finder: FieldFinder) -> None:
    poor = finder.find(Evidence(LETTER, text_confidence=0.425))
    clear = finder.find(Evidence(LETTER))
    assert all(p.confidence == pytest.approx(c.confidence / 2, abs=0.001) for p, c in zip(poor, clear, strict=True))


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"council": {}}, "references"),
        ({"references": {"x": {"pattern": "("}}, "council": {}}, "references.x.pattern"),
        ({"references": {"x": {"believed": 1}}, "council": {}}, "references.x.pattern"),
        ({"references": {"x": {"pattern": "a", "believed": 2}}, "council": {}}, "references.x.believed"),
        ({"references": {"x": {"pattern": "a", "beleived": 1}}, "council": {}}, "references.x.beleived"),
        ({"references": {}, "council": {"name": ["x"]}}, "council.name"),
        ({"references": {}, "council": {"names": "x"}}, "council.names"),
    ],
)
def test_a_wrong_key_is_named(table: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        FieldFinder.from_table(table)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (LETTER, "en"),
        ("Annwyl Syr, yr wyf wedi symud i dŷ newydd ac mae angen newid fy nghyfeiriad ar gyfer treth gyngor.", "cy"),
        ("Council Tax 71204455", None),
        ("", None),
    ],
)
def test_the_language_is_told_by_its_small_words(text: str, language: str | None) -> None:
    assert language_of(text) == language
