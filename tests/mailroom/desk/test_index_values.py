import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.index_values import value_for

REFERENCES = {"council_tax_account"}


@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        ("letter_date", "2026-11-12", "2026-11-12"),
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
        ("letter_date", "12/11/2026"),
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
