"""What a part of an address is: street, flat, town, postcode; or something that no address holds.

Before: `layout` has cut a page into pieces. After: `address_blocks` puts the parts of a column together. A part is what
stands between commas, dashes or bars; what is not plainly part of an address is taken for something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from classifiers.dates import dates_of
from classifiers.layout import Piece
from classifiers.postcodes import Postcode, postcodes_of
from classifiers.senders import is_person

_LONGEST = 80
_BETWEEN = re.compile(r"[ ]*[,;|\u2022\u00b7\u2013\u2014][ ]*|[ ]+[-.][ ]+")
_WORD = r"[^\W\d_]+(?:[-'\u2019.][^\W\d_]+)*\.?"
_CAPITAL = r"(?:[^\W\d_a-z][^\W\d_]*(?:[-'\u2019.][^\W\d_]+)*\.?)"
_SMALL = r"(?:of|the|on|in|upon|under|by|le|la|de|du|next|y|yr|ar|and|&|cum|sub|juxta|with)"
_NUMBER = r"(?:[Nn]o\.?[ ]?)?\d{1,4}[A-Za-z]?(?:[ ]?[-/&][ ]?\d{1,4}[A-Za-z]?)?"
_STREET_WORD = (
    r"(?:street|str?|road|rd|lane|ln|close|cl|avenue|ave?|way|drive|dr|court|ct|terrace|terr?|row|grove|gr|place|pl|hill|"
    r"view|gardens?|gdns|crescent|cres|square|sq|mews|walk|rise|fold|croft|yard|park|green|gate|mount|parade|bank|side|"
    r"wharf|quay|wynd|brow|end|villas|cottages|buildings|bridge|mill|wood|fields?|meadows?|orchard|passage|alley|"
    r"esplanade|promenade|broadway|heights|vale|dale|path|estate|loan|vennel|heol|ffordd|stryd|lon|l\u00f4n|rhodfa|maes|"
    r"bryn|parc|clos|teras)"
)
_STREET = re.compile(
    rf"(?P<number>{_NUMBER}),?[ ]+(?P<name>(?:the[ ]+)?{_CAPITAL}(?:[ ]+(?:{_CAPITAL}|{_SMALL})){{0,5}})"
)
_LOWER_STREET = re.compile(rf"{_NUMBER},?[ ]+(?:{_WORD}[ ]+){{1,3}}{_STREET_WORD}", re.IGNORECASE)
_ROAD = re.compile(rf"(?:{_CAPITAL}[ ]+){{1,4}}(?i:{_STREET_WORD})\.?")
_WELSH_ROAD = re.compile(rf"(?:Heol|Ffordd|Stryd|L\u00f4n|Lon|Rhodfa|Maes|Bryn|Clos|Teras)(?:[ ]+{_WORD}){{1,4}}")
_BARE_NUMBER = re.compile(_NUMBER)
_UNIT = re.compile(
    r"(?:(?:ground|first|second|third|top|basement|lower|upper)[ ]+floor(?:[ ]+flat)?|"
    r"(?:flat|apartment|apt\.?|unit|suite|room|studio|plot|fflat)[ ]*(?:no\.?[ ]*)?"
    r"(?:\d{1,4}(?:[A-Za-z]|/\d{1,3})?|[A-Z]\d{0,3}))"
    r"(?:[ ]+(?P<more>.+))?",
    re.IGNORECASE,
)
_BOX_NUMBER = re.compile(r"P\.?[ ]?O\.?[ ]?Box[ ]+\d{1,6}", re.IGNORECASE)
_PLACE = re.compile(rf"{_CAPITAL}(?:[ ]+(?:{_CAPITAL}|{_SMALL})){{0,4}}|[^\W\d_]{{4,}}")
_HOUSE = re.compile(
    r"(?:t[y\u0177]|yr?|plas|bryn|pen|llys|maes|cae|hen|glan|min|gwel|bod|craig|nant)[ ].*|"
    r".*\b(?:house|cottage|farm|farmhouse|lodge|barn|villa|hall|grange|manor|rectory|vicarage|bungalow|"
    r"chambers|towers?|mansions|works|centre|school)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:tel|telephone|phone|mobile|mob|fax|e-?mail|www|https?|web|website|ff\u00f4n|ffon|e-bost)\b.*|"
    r"[temf][ ]?[.:]?[ ]*(?:[\d+(].{6,}|\S+@\S+)|\S*@\S*|[\d ()+./-]{9,}|"
    r"\S+\.(?:com|org|net|uk|example|wales|cymru)(?:\.\w+)?(?:/\S*)?",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"\b(?:council|borough|department|dept|section|team|office|officers?|manager|director|services?|executive|clerk|"
    r"dear|ref|re|reference|account|registered|regd?|company|vat|charity|property|site|land|premises|address|tenancy|"
    r"application|planning|claim|invoice|notice|sir|madam|ltd|limited|llp|plc|solicitors?|partners?|chartered|"
    r"yours|regards|date|dated|name|signed|signature|postcode|client|tenants?|landlord|received|scanned|copy|"
    r"housing|benefits?|tax|revenues?|private|confidential|urgent|attention|fao|returns?|please|enc|encs?|form|part|"
    r"from|to|not|is|was|at|we|our|your|my|his|her|their|i|you|for|appeal|complaint|objection|support|request)\b",
    re.IGNORECASE,
)
_COUNTRY = re.compile(
    r"(?:england|wales|scotland|northern ireland|united kingdom|u\.?k\.?|cymru|great britain)", re.IGNORECASE
)
_NEARLY_POSTCODE = re.compile(r"[A-Z][A-Z0-9|]{1,3}[ ]+[0-9A-Z|]{2,4}|[A-Z]{1,2}\d[A-Z0-9]{3,4}")
_DAY = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?[ ]*)?(?:\d{1,2}(?:st|nd|rd|th)?[ ]+)?(?:of[ ]+)?"
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?,?[ ]*"
    r"(?:\d{1,2}(?:st|nd|rd|th)?,?[ ]*)?\d{0,4}",
    re.IGNORECASE,
)


class Kind(Enum):
    """What a part of a piece is to an address."""

    STREET = "street"
    ROAD = "road"
    UNIT = "unit"
    HOUSE = "house"
    PLACE = "place"
    COUNTRY = "country"
    NAME = "name"
    NUMBER = "number"
    POSTCODE = "postcode"
    MISREAD = "misread"
    CONTACT = "contact"
    DATE = "date"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a piece: what it is, its words without commas, its span in the page's text, and its piece.

    Attributes:
        kind: what it is.
        text: its words.
        start: first character in the page's text.
        end: the character after the last one.
        piece: the piece that it stands in.
        postcode: the postcode, where it is one.
    """

    kind: Kind
    text: str
    start: int
    end: int
    piece: Piece
    postcode: Postcode | None = None


def parts_of(piece: Piece) -> Iterator[Part]:
    """Yield the parts of a piece in order."""
    position = 0
    for match in (*_BETWEEN.finditer(piece.text), None):
        end = match.start() if match else len(piece.text)
        yield from _with_postcode(piece, position, end)
        position = match.end() if match else end


def kind_of(text: str) -> Kind:
    """Return what a part is that holds no postcode."""
    if len(text) > _LONGEST:
        return Kind.OTHER
    return next((kind for kind, holds in _KINDS if holds(text)), Kind.OTHER)


def _with_postcode(piece: Piece, start: int, end: int) -> Iterator[Part]:
    """Yield the part, cut in two where a postcode stands at its end."""
    text = piece.text[start:end]
    code = next((one for one in postcodes_of(text) if not text[one.end :].strip(" .")), None)
    if code is None:
        yield from _part(piece, start, end)
        return
    yield from _part(piece, start, start + code.start)
    at = piece.start + start
    code = replace(code, start=at + code.start, end=at + code.end)
    yield Part(Kind.POSTCODE, code.value, code.start, code.end, piece, code)


def _part(piece: Piece, start: int, end: int) -> Iterator[Part]:
    written = piece.text[start:end]
    text = " ".join(written.strip(" .,:").split())
    if text:
        begin = piece.start + start + len(written) - len(written.lstrip(" .,:"))
        yield Part(kind_of(text), text, begin, begin + len(written.strip(" .,:")), piece)


def _is_name(text: str) -> bool:
    return is_person(text, titled=True)


def _is_date(text: str) -> bool:
    return _DAY.fullmatch(text) is not None or any(True for _ in dates_of(text))


def _is_unit(text: str) -> bool:
    unit = _UNIT.fullmatch(text)
    return unit is not None and (unit["more"] is None or not _is_street(unit["more"]))


def _is_street(text: str) -> bool:
    unit = _UNIT.fullmatch(text)
    if unit is not None and unit["more"]:
        return _is_street(unit["more"])
    return any(pattern.fullmatch(text) for pattern in (_STREET, _LOWER_STREET, _BOX_NUMBER))


def _is_road(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_ROAD, _WELSH_ROAD))


_KINDS: tuple[tuple[Kind, Callable[[str], object]], ...] = (
    (Kind.CONTACT, _CONTACT.fullmatch),
    (Kind.DATE, _is_date),
    (Kind.OTHER, _FORBIDDEN.search),
    (Kind.NAME, _is_name),
    (Kind.UNIT, _is_unit),
    (Kind.STREET, _is_street),
    (Kind.NUMBER, _BARE_NUMBER.fullmatch),
    (Kind.HOUSE, _HOUSE.fullmatch),
    (Kind.ROAD, _is_road),
    (Kind.COUNTRY, _COUNTRY.fullmatch),
    (Kind.PLACE, _PLACE.fullmatch),
    (Kind.MISREAD, _NEARLY_POSTCODE.fullmatch),
)
"""Asked in this order; the first that holds decides."""
