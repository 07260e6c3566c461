import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.index_values import as_written, value_for

REFERENCES = {"council_tax_account"}


@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        ("letter_date", "2026-11-12", "2026-11-12"),
        ("date_stamped", "12 Nov 2026", "2026-11-12"),
        ("letter_date", "12/11/2026", "2026-11-12"),
        ("letter_date", "18.11.26", "2026-11-18"),
        ("letter_date", "18 November 2026", "2026-11-18"),
        ("letter_date", "18th Nov 2026", "2026-11-18"),
        ("letter_date", "Wednesday 18 November 2026", "2026-11-18"),
        ("letter_date", "18 Tachwedd 2026", "2026-11-18"),
        ("sender_name", "  Siân   Ŵyn ", "Siân Ŵyn"),
        ("sender_address", "4 Quarry View, Harrowdale", "4 Quarry View, Harrowdale"),
        ("sender_postcode", "hd7 4qt", "HD7 4QT"),
        ("email", "Jane@Example.ORG", "jane@example.org"),
        ("phone", "01632 960 123", "+441632960123"),
        ("national_insurance_number", "ab 12 34 56 c", "AB123456C"),
        ("council_tax_account", "7120 4455", "71204455"),
        ("sender_name", "   ", ""),
    ],
)
def test_what_a_person_types_is_stored_as_searches_expect_it(field: str, written: str, stored: str) -> None:
    assert value_for(field, written, REFERENCES) == stored


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("letter_date", "3/4/26"),
        ("letter_date", "31/2/2026"),
        ("letter_date", "18 November"),
        ("letter_date", "between 1/2/2026 and 3/2/2026"),
        ("sender_postcode", "12345"),
        ("sender_postcode", "HD7 4QT HD7 4QU"),
        ("email", "jane at example"),
        ("phone", "about noon"),
        ("phone", "12"),
        ("shoe_size", "7"),
    ],
)
def test_what_cannot_be_one_is_refused(field: str, written: str) -> None:
    with pytest.raises(Refused):
        value_for(field, written, REFERENCES)


def test_a_date_is_shown_as_people_write_it_and_is_taken_back_in_that_form() -> None:
    assert as_written("letter_date", "2026-11-06") == "6 November 2026"
    assert value_for("letter_date", as_written("letter_date", "2026-11-06"), REFERENCES) == "2026-11-06"
    assert as_written("letter_date", "about Easter") == "about Easter"
    assert as_written("sender_name", "2026-11-06") == "2026-11-06"
