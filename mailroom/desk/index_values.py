"""What a person types as index data, put into the form that searches expect, and back; pure.

Before: `correcting.py` has a field and a value. After: a value equal to what `classifiers.fields` would have found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from datetime import date

import phonenumbers

from classifiers.dates import dates_of
from classifiers.postcodes import postcodes_of
from mailroom.desk.acting import Refused

BASIC_FIELDS = ("sender_name", "sender_address", "sender_postcode", "letter_date")
"""Index data that every item should have, in the order in which people look for it."""

LABELS = {
    "sender_name": "From",
    "sender_address": "Address",
    "sender_postcode": "Postcode",
    "letter_date": "Date of letter",
    "date_stamped": "Stamped as received",
    "email": "E-mail",
    "phone": "Telephone",
    "title": "About",
    "old_reference": "Old reference",
    "account_reference": "Account",
}
"""What people call the fields whose names do not say it."""

_DATES = frozenset({"letter_date", "date_stamped"})
_MONTHS = 12
_WEEKDAY = re.compile(r"^[a-z]{3,6}day,? ", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"^\d{1,2}\D\d{1,2}\D\d{2}$")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def value_for(field: str, written: str, references: Container[str]) -> str:
    """Return the value as it is stored; empty where the field is to be taken out.

    Args:
        field: name of the index field.
        written: what the person typed.
        references: names of the council's reference patterns.

    Raises:
        Refused: there is no such field, or the value cannot be one of it.
    """
    normal = _NORMAL.get(field, _reference if field in references else None)
    if normal is None:
        raise Refused(f"There is no index field {field!r}; there are {', '.join(_NORMAL)} and the reference numbers.")
    text = " ".join(written.split())
    return normal(text) if text else ""


def as_written(field: str, value: str) -> str:
    """Return a stored value as people write it: "16 November 2026" for a date; what is no date stays as it is."""
    if field not in _DATES:
        return value
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day.day} {day:%B %Y}"


def label_of(field: str) -> str:
    """Return what people call the field."""
    return LABELS.get(field) or field.replace("_", " ").capitalize()


def _date(text: str) -> str:
    """Return the day that is written day first, in words or figures.

    A year of two digits is taken only where no other order of day and month is a date.
    """
    bare = _WEEKDAY.sub("", text)
    days = {one.value for one in dates_of(bare) if (one.start, one.end) == (0, len(bare))}
    day = days.pop() if len(days) == 1 else None
    if day is None or (_SHORT_YEAR.search(bare) and day.day <= _MONTHS and day.day != day.month):
        raise Refused(f"{text!r} is no date. Write day, month and the whole year, for instance 18 November 2026.")
    return day.isoformat()


def _postcode(text: str) -> str:
    found = [postcode.value for postcode in postcodes_of(text.upper())]
    if len(found) != 1:
        raise Refused(f"{text!r} is no postcode of the United Kingdom.")
    return found[0]


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise Refused(f"{text!r} is no e-mail address.")
    return text.lower()


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException as wrong:
        raise Refused(f"{text!r} is no telephone number.") from wrong
    if not phonenumbers.is_possible_number(number):
        raise Refused(f"{text!r} is no telephone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _reference(text: str) -> str:
    return text.upper().replace(" ", "")


_NORMAL: dict[str, Callable[[str], str]] = {
    "letter_date": _date,
    "date_stamped": _date,
    "sender_name": str,
    "sender_address": str,
    "sender_postcode": _postcode,
    "email": _email,
    "phone": _phone,
    "national_insurance_number": _reference,
    "title": str,
    "old_reference": str,
    "account_reference": str,
}
