"""Index data from a letter's text: its date, who sent it and from where, addresses to reach them, reference numbers.

Before: the text of a document, page by page. After: the caller finds the word boxes by page and span, and a person
checks what is doubtful. Values are normalised for searching.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import phonenumbers

from classifiers.addresses import SenderAddress, below_a_name, sender_address
from classifiers.classifier import Box, Evidence, PlacedWord
from classifiers.dates import WrittenDate, dates_of
from classifiers.layout import Piece, pieces_of
from classifiers.passages import Part, passages_of
from classifiers.postcodes import Postcode, postcodes_of
from classifiers.references import ReferencePattern, national_insurance_numbers
from classifiers.senders import SenderName, sender_name
from classifiers.stamps import stamped_dates
from classifiers.tables import refuse_unknown, strings_at, table_at

_WRITTEN = frozenset({Part.HEADING, Part.TITLE, Part.BODY})
_WITH_AREA_CODE = phonenumbers.ValidationResult.IS_POSSIBLE
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}")
_PHONE = re.compile(r"(?<![\w/-])(?:\+44|0)[\d ()-]{8,15}\d(?![\w/-])")
_SOMEBODY_ELSES_DATE = re.compile(
    r"\b(?:dated|of|born|birth(?: is|:)?|d\.?o\.?b\.?:?|since|from|until|by|on|issued|received)\s*(?:the )?$",
    re.IGNORECASE,
)
_NO_PHONE_NUMBER = re.compile(
    r"\b(?:vat|registered|registration|reg\.?d?|company|charity|account|a/c|sort code|invoice|reference|ref|utr|nhs|"
    r"policy|licence|membership|treth ar werth|taw)\b[^\n\d]{0,30}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One piece of index data and where it was read.

    Attributes:
        name: `letter_date`, `date_stamped`, `sender_name`, `sender_address`, `sender_postcode`, `email`, `phone`,
            `national_insurance_number`, or the name of a reference pattern.
        value: ISO date, street and towns with commas between, postcode with one space, lower-case e-mail, number in
            E.164, reference without spaces.
        confidence: 0 to 1.
        page: 1-based.
        start: first character in that page's text.
        end: the character after the last one.
        box: where it stands on paper, if that is known already; else its span says it.
    """

    name: str
    value: str
    confidence: float
    page: int
    start: int
    end: int
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Ourselves:
    """How the council is named on letters, so that it is never taken for the sender.

    Attributes:
        names: as written in an address.
        postcodes: with one space.
        domains: of its e-mail addresses.
        phones: in E.164.
    """

    names: frozenset[str] = frozenset()
    postcodes: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> Self:
        """Read a parsed `[council]` table.

        Raises:
            ValueError: a key is not known or not a list of strings; the message names it.
        """
        refuse_unknown(table, cls.__slots__, "council")
        lists = {key: frozenset(strings_at(table, key, "council")) for key in table}
        phones = frozenset(e164 for phone in lists.get("phones", ()) for e164, _ in _phone(phone))
        return cls(**{**lists, "phones": phones})


class FieldFinder:
    """Finds index data by patterns; pure, safe to call from several threads.

    Args:
        references: the named patterns of the council's reference numbers.
        ourselves: how the council is named on letters.
    """

    def __init__(self, references: tuple[ReferencePattern, ...], ourselves: Ourselves) -> None:
        self._references = references
        self._ourselves = ourselves

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> Self:
        """Build from the parsed tables `references` and `council` of a rules file.

        Raises:
            ValueError: a table or key is missing or wrong; the message names it.
        """
        references = table_at(table, "references")
        patterns = [ReferencePattern.from_table(name, table_at(references, name, "references")) for name in references]
        return cls(tuple(patterns), Ourselves.from_table(table_at(table, "council")))

    def find(self, evidence: Evidence) -> tuple[Field, ...]:
        """Return the index data of a document, surest first within each name; confidences fall with a poor reading."""
        found = {
            (field.name, field.value): field
            for number, page in reversed(list(enumerate(evidence.pages, start=1)))
            for field in sorted(self._on_page(number, page, evidence.words), key=lambda field: field.confidence)
        }
        sure = [_dimmed(field, evidence.text_confidence) for field in found.values()]
        return tuple(sorted(sure, key=lambda field: (field.name, -field.confidence, field.page, field.start)))

    def _on_page(self, number: int, page: str, words: tuple[PlacedWord, ...]) -> Iterator[Field]:
        if number == 1:
            yield from self._of_the_letter(page, words)
        for pattern in self._references:
            for found in pattern.find(page):
                yield Field(found.name, found.value, found.confidence, number, found.start, found.end)
        for nino in national_insurance_numbers(page):
            yield Field(nino.name, nino.value, nino.confidence, number, nino.start, nino.end)
        yield from self._addresses(number, page)

    def _of_the_letter(self, page: str, words: tuple[PlacedWord, ...]) -> Iterator[Field]:
        heading_end = max((one.end for one in passages_of(page) if one.part in {Part.HEADING, Part.TITLE}), default=0)
        pieces = pieces_of(page, words)
        yield from _dates(page, heading_end, pieces)
        name, address = self._name_and_address(page, heading_end, pieces)
        if name is not None:
            yield Field("sender_name", name.value, name.confidence, 1, name.start, name.end)
        if address is not None:
            box = address.box if words else None
            yield Field("sender_address", address.value, address.confidence, 1, address.start, address.end, box)
        foreign = self._foreign_postcodes(page, pieces)
        for postcode in _sender_postcodes(foreign, heading_end, address.postcode if address else None):
            yield Field("sender_postcode", postcode.value, postcode.confidence, 1, postcode.start, postcode.end)

    def _name_and_address(
        self, page: str, heading_end: int, pieces: Sequence[Piece]
    ) -> tuple[SenderName | None, SenderAddress | None]:
        """Return both; a name at the head stands above the address, for its own lines and what follows are none."""
        name = sender_name(page, heading_end, self._ourselves.names)
        address = self._sender_address(page, pieces, name)
        if name is not None and address is not None and not name.signed:
            name = sender_name(page, min(heading_end, address.start), self._ourselves.names)
        return name, address

    def _sender_address(self, page: str, pieces: Sequence[Piece], name: SenderName | None) -> SenderAddress | None:
        """Return the address; one without a postcode only where no other could be taken for its own."""
        written = max((one.end for one in passages_of(page) if one.part in _WRITTEN), default=0)
        pieces = [piece for piece in pieces if piece.end <= written]
        signed = name.value if name is not None and name.signed else None
        address = sender_address(pieces, signed, self._ourselves.names, self._ourselves.postcodes)
        alone = all(code.value in self._ourselves.postcodes for code in postcodes_of(page))
        return address if address is None or address.postcode or alone else None

    def _foreign_postcodes(self, page: str, pieces: Sequence[Piece]) -> list[Postcode]:
        ours = below_a_name(pieces, self._ourselves.names)
        found = postcodes_of(page)
        return [one for one in found if one.value not in self._ourselves.postcodes and one.start not in ours]

    def _addresses(self, number: int, page: str) -> Iterator[Field]:
        for match in _EMAIL.finditer(page):
            value = match.group().lower()
            if value.rpartition("@")[2] not in self._ourselves.domains:
                yield Field("email", value, 0.9, number, match.start(), match.end())
        for match in _PHONE.finditer(page):
            if _NO_PHONE_NUMBER.search(page[max(0, match.start() - 60) : match.start()]):
                continue
            for e164, confidence in _phone(match.group()):
                if e164 not in self._ourselves.phones:
                    yield Field("phone", e164, confidence, number, match.start(), match.end())


def _sender_postcodes(foreign: Sequence[Postcode], heading_end: int, own: Postcode | None) -> Iterator[Postcode]:
    """Yield every postcode that may be the sender's.

    That of their address surely, one at the head as well, a later one or one of several less.
    """
    headed = [one for one in foreign if one.start < heading_end]
    several = len({one.value for one in headed or foreign}) > 1
    if own is not None:
        yield own
    for one in headed or foreign:
        if own is None or one.value != own.value:
            factor = (1.0 if headed else 0.7) * (0.75 if several else 1.0) * (0.5 if own else 1.0)
            yield Postcode(one.value, one.start, one.end, one.confidence * factor)


def _dates(page: str, heading_end: int, pieces: Sequence[Piece]) -> Iterator[Field]:
    """Yield the letter's own date and the day that a post room stamped on it, each where there is one."""
    every = dates_of(page)
    stamped = stamped_dates(every, pieces)
    written = _letter_date(page, heading_end, [one for one in every if one not in stamped])
    for name, found in (("letter_date", written), ("date_stamped", next(iter(stamped), None))):
        if found is not None:
            yield Field(name, found.value.isoformat(), found.confidence, 1, found.start, found.end)


def _letter_date(page: str, heading_end: int, dates: Sequence[WrittenDate]) -> WrittenDate | None:
    """Return the letter's own date: the first at its head, else the first in the body with little confidence."""
    own = [one for one in dates if not _SOMEBODY_ELSES_DATE.search(page[max(0, one.start - 24) : one.start])]
    headed = next((one for one in own if one.start < heading_end), None)
    if headed is not None or not own:
        return headed
    first = own[0]
    return WrittenDate(first.value, first.start, first.end, first.confidence * 0.5)


def _phone(written: str) -> Iterator[tuple[str, float]]:
    """Yield the number in E.164 with a confidence, or nothing where it cannot be one in the United Kingdom."""
    try:
        number = phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        return
    if number.country_code == 44 and phonenumbers.is_possible_number_with_reason(number) == _WITH_AREA_CODE:
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        yield e164, 0.9 if phonenumbers.is_valid_number(number) else 0.6


def _dimmed(field: Field, reading: float) -> Field:
    confidence = round(field.confidence * min(1.0, reading / 0.85), 4)
    return replace(field, confidence=confidence)
