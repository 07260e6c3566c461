"""Who wrote the letter: the name under the closing words or at its head, and never the council itself.

Before: the first page's text. After: `fields` hands it out as index data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_CLOSING = re.compile(
    r"^[ \t]*(?:yours \w+|yn (?:gywir|ddiffuant|bur)|"
    r"(?:with )?(?:many |kind(?:est)? |best |warm )?(?:regards|wishes|thanks)|"
    r"thank you|thanks|cofion(?: gorau)?|signed)[ \t,.:!]*",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Rev|Revd|Sir|Lady|Prof|Professor|Cllr|Councillor|Major|Capt)\.?"
_PART = r"(?:[A-Z]\.?|(?:O'|Mc|Mac|[Dd]e |[Vv]an )?[^\W\d_a-z][^\W\d_A-Z]+(?:[-'\u2019][^\W\d_a-z][^\W\d_A-Z]+)?)"
_NAME = re.compile(rf"(?P<title>{_TITLE}[ ]+)?(?P<parts>{_PART}(?:[ ]+{_PART}){{0,3}})(?: \({_TITLE}\))?")
_NOT_A_NAME = re.compile(
    r"\b(?:the|occupier|council|house|street|road|lane|close|avenue|way|drive|court|terrace|row|grove|place|hill|view|"
    r"park|flats?|team|department|section|services?|dear|letter|office|officer|manager|ltd|limited|llp|plc|tax|benefits?|"
    r"housing|planning|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|enc|encs|please|"
    r"application|notice|account|private|confidential|invoice|claim|petition|newsletter)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:signatures?|signed|dates?|names?|surname|forenames?|titles?|address|postcode|telephone|phone|mobile|fax|email|"
    r"numbers?|reference|birth|relationship|occupation|nationality|gender|details|declaration|insurance|applicants?|"
    r"claimants?|tenants?|landlords?|employers?|witness|yours?|by|for|of|from|to|and|or|if|this|that)\b",
    re.IGNORECASE,
)
"""Words that forms print beside their boxes, of which none is a surname."""
_PERHAPS_A_LABEL = re.compile(
    r"\b(?:first|last|middle|other|previous|current|full|home|work|daytime|evening|status|position|block|capitals|print|"
    r"printed|partner|agent|use|only|tick|box|yes|no|part|page|section|question|national|amount|total|received|checked|"
    r"completed|job)\b",
    re.IGNORECASE,
)
"""Words of forms of which one may be a surname, as in "Mary Page", but not two, and not the first in the line."""
_LINES_AFTER_CLOSING = 4
_LINES_AT_HEAD = 4
_LINES_AT_FOOT = 4
_LONGEST_CLOSING = 4


@dataclass(frozen=True, slots=True)
class SenderName:
    """A name that is taken for the sender's, where it stands, how sure that is (0 to 1), and whether it signs."""

    value: str
    start: int
    end: int
    confidence: float
    signed: bool = False


def sender_name(text: str, heading_end: int, own_names: Iterable[str]) -> SenderName | None:
    """Return the name of whoever wrote a letter, or None.

    Args:
        text: the first page.
        heading_end: where the letter's heading ends.
        own_names: names of the council, which is never the sender.
    """
    own = tuple(name.lower() for name in own_names)
    signed = next(_signatures(text, heading_end, own), None)
    headed = next(_names(text, 0, heading_end, _LINES_AT_HEAD, own), None)
    if signed is None:
        likeliest = headed or next(_names(text, _foot(text, heading_end), len(text), _LINES_AT_FOOT, own), None)
        return likeliest and SenderName(*likeliest, confidence=0.6)
    agrees = headed is not None and headed[0].split()[-1].lower() == signed[0].split()[-1].lower()
    return SenderName(*signed, confidence=0.95 if agrees else 0.8, signed=True)


def _signatures(text: str, start: int, own: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    for closing in reversed(list(_CLOSING.finditer(text, start))):
        yield from _names(text, closing.end(), len(text), _LINES_AFTER_CLOSING, own)


def _foot(text: str, start: int) -> int:
    """Return where the last few filled lines of a letter begin."""
    filled = [line.start() for line in re.finditer(r"[^\n]+", text) if line.group().strip() and line.start() >= start]
    return filled[-_LINES_AT_FOOT:][0] if filled else len(text)


def _names(text: str, start: int, end: int, lines: int, own: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    """Yield the lines that look like a person's name, among the first few that are not empty."""
    filled = (line for line in re.finditer(r"[^\n]+", text[start:end]) if line.group().strip())
    for line, _ in zip(filled, range(lines), strict=False):
        written = line.group().strip(" \t,.-")
        match = _NAME.fullmatch(written)
        if match is None or not _is_person(match, own):
            continue
        position = text.index(written, start + line.start())
        yield " ".join(written.split()), position, position + len(written)


def is_closing(line: str) -> bool:
    """Return whether a line holds closing words and hardly anything else."""
    return _CLOSING.match(line) is not None and len(line.split()) <= _LONGEST_CLOSING


def is_person(written: str, *, titled: bool = False) -> bool:
    """Return whether a text is a person's name and nothing else; only one with a title, if `titled`."""
    match = _NAME.fullmatch(written)
    return match is not None and _is_person(match, ()) and (not titled or match["title"] is not None)


def _is_a_label(written: str) -> bool:
    """Return whether a line is what a form prints beside a box, such as "Signature Date"."""
    perhaps = list(_PERHAPS_A_LABEL.finditer(written))
    return _LABEL.search(written) is not None or len(perhaps) > 1 or any(one.start() == 0 for one in perhaps)


def _is_person(match: re.Match[str], own: tuple[str, ...]) -> bool:
    written = match.group()
    if _NOT_A_NAME.search(written) or _is_a_label(written) or written.lower() in own:
        return False
    longest = max(len(part.rstrip(".")) for part in match["parts"].split())
    return longest > 1 and (match["title"] is not None or len(match["parts"].split()) > 1)
