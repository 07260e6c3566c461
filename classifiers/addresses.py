"""The sender's postal address: at the letter's head, beneath the signature or in the footer; never the addressee's.

Before: the first page's text and the places of its words. After: `fields` hands it out as index data, and a person
looks at it before anything is posted. A letter posted to a wrong address tells a stranger who wrote to the council: so
an address is found only where something says whose it is, and of two that may both be the sender's neither is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from classifiers.address_blocks import Block, blocks_of, columns_of
from classifiers.address_parts import Kind, Part, parts_of
from classifiers.classifier import Box
from classifiers.layout import Piece, around, line_height
from classifiers.postcodes import Postcode, postcodes_of
from classifiers.senders import is_closing, is_person

_SALUTATION = re.compile(
    r"(?:dear|annwyl|to whom|hi|hello|good (?:morning|afternoon|day)|\w{2,6}[ ]+(?:sirs?|madam))\b", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_NO_NAMES = "mr mrs ms miss mx dr rev revd sir lady prof professor cllr councillor major capt and the dear annwyl"
_TITLES = frozenset(_NO_NAMES.split())
_PUBLIC_BODY = re.compile(
    r"\b(?:council|civic (?:hall|centre|offices?)|authority|town hall|county hall)\b", re.IGNORECASE
)
_ADDRESSED = re.compile(
    r"\b(?:council|department|dept|section|team|office|officers?|manager|director|services?|executive|clerk|housing|"
    r"revenues?|benefits?|planning|tax|parking|environmental|licensing|electoral|registrar|sirs?)\b",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"^\W*(?:c\.?c\.?|copy to|copies to)\b|\b(?:client|witness|claimant|defendant|applicant|appellant|respondent|"
    r"employee|employer|tenant|landlord|patient|customer|deceased|payee|debtor|insured|executor|occupier|owner|"
    r"account holder)s?\b",
    re.IGNORECASE,
)
_LABELS_A_PLACE = re.compile(r"\b(?:address|property|premises|residence|site|location|place of|home)\b", re.IGNORECASE)
_PROSE_WORDS, _PROSE_SHARE = 9, 0.6
_MOST_AT_HEAD, _MOST_AT_FOOT, _MOST_TO_SEARCH = 40, 40, 400
_LINES_BELOW_A_NAME = 4
_LINES_WITH_A_LABEL = 2
_RIGHT_HALF = 0.45

_NAMED_AND_PLACED, _NAMED, _PLACED, _SIGNED, _FIRST, _FOOTER = 0.95, 0.9, 0.9, 0.85, 0.85, 0.75
_NO_NUMBER = 0.9
_NO_POSTCODE = 0.55
_BEST_POSTCODE = 0.95
_LEAST_READ = 0.5  # of the least sure word: below, Tesseract as often guesses as reads
_DOUBT = 0.2


@dataclass(frozen=True, slots=True)
class SenderAddress:
    """An address that is taken for the sender's.

    Attributes:
        value: its lines joined by commas, without name and postcode.
        postcode: the postcode that belongs to it, None where none could be read.
        start: first character in the page's text.
        end: the character after the last one.
        box: around its lines, postcode included.
        confidence: 0 to 1.
    """

    value: str
    postcode: Postcode | None
    start: int
    end: int
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class _Page:
    """What is asked of a page again and again.

    Attributes:
        head: the pieces above the greeting, or above the first sentence.
        foot: the pieces below the closing words, or below the last sentence.
        middle: from where on, across the page, a piece stands in its right half.
        height: of a line.
        greets: whether somebody is greeted, so that it is a letter.
        greeted: words of the greeting's name.
        signed: words of the name under the closing words.
        ours: how the council is named, or None.
        own_postcodes: the council's postcodes.
    """

    head: tuple[Piece, ...]
    foot: tuple[Piece, ...]
    middle: float
    height: float
    greets: bool
    greeted: frozenset[str]
    signed: tuple[str, ...]
    ours: re.Pattern[str] | None
    own_postcodes: frozenset[str]


def sender_address(
    pieces: Sequence[Piece], signed: str | None, own_names: Collection[str], own_postcodes: Collection[str]
) -> SenderAddress | None:
    """Return the postal address of whoever wrote a letter, or None where it is not plain.

    Args:
        pieces: of the first page, without what is quoted or enclosed.
        signed: the name under the closing words, or None.
        own_names: names of the council, which is never the sender.
        own_postcodes: the council's postcodes.
    """
    if not pieces:
        return None
    page = _page(pieces, signed, own_names, own_postcodes)
    candidates = sorted((*_at_head(page), *_at_foot(page)), key=lambda one: one[1])
    found = {_key(block): (block, sure) for block, sure in candidates}
    named = {key: one for key, one in found.items() if one[1] and _is_signed(one[0], page)}
    likely = found if len(found) == 1 else named
    if len(likely) != 1:
        return None
    ((block, sure),) = likely.values()
    return _address(block, sure) if sure and _read(block) >= _LEAST_READ else None


def below_a_name(pieces: Sequence[Piece], names: Collection[str]) -> set[int]:
    """Return where the postcodes begin that stand in a column just below one of these names, and so are its own.

    A postcode of ours that was misread is told by this alone.
    """
    named = _any_of(names)
    found: set[int] = set()
    for column in columns_of(pieces[:_MOST_TO_SEARCH]) if named else []:
        last = -_LINES_BELOW_A_NAME
        for number, piece in enumerate(column):
            last = number if named and named.search(piece.text) else last
            if number - last < _LINES_BELOW_A_NAME:
                found |= {piece.start + code.start for code in postcodes_of(piece.text)}
    return found


def _page(
    pieces: Sequence[Piece], signed: str | None, own_names: Collection[str], own_postcodes: Collection[str]
) -> _Page:
    height = line_height(pieces)
    greeting = next((piece for piece in pieces if _SALUTATION.match(piece.text)), None)
    prose = [piece for piece in pieces if _is_prose(piece)]
    closing = next((piece for piece in reversed(pieces) if is_closing(piece.text)), None)
    body = min((piece.top for piece in (greeting, *prose[:1]) if piece is not None), default=None)
    end = closing or max(prose, key=lambda piece: piece.top, default=None)
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    return _Page(
        head=tuple(piece for piece in pieces if body is None or piece.top < body - height / 2)[:_MOST_AT_HEAD],
        foot=tuple(piece for piece in pieces if body is not None and end and piece.top > end.top + height / 2)[
            -_MOST_AT_FOOT:
        ],
        middle=left + _RIGHT_HALF * (right - left),
        height=height,
        greets=greeting is not None,
        greeted=_greeted(greeting.text) if greeting else frozenset(),
        signed=tuple(_words(signed or "")),
        ours=_any_of(own_names),
        own_postcodes=frozenset(own_postcodes),
    )


def _at_head(page: _Page) -> Iterator[tuple[Block, float]]:
    """Yield every block at the head that may be the sender's, with how sure that is; 0 where nothing says so."""
    for column in columns_of(page.head):
        for block in blocks_of(column):
            if not _is_somebody_elses(block, page) and not _stands_below_us(block, page):
                yield block, _sure_at_head(block, page)


def _at_foot(page: _Page) -> Iterator[tuple[Block, float]]:
    """Yield the block of each column at the foot that has one and no more: several are a list of other people."""
    for column in columns_of(page.foot):
        blocks = list(blocks_of(column))
        if len(blocks) == 1 and not _is_somebody_elses(blocks[0], page):
            yield blocks[0], _sure_at_foot(blocks[0], column, page)


def _sure_at_foot(block: Block, column: Sequence[Piece], page: _Page) -> float:
    if _is_signed(block, page):
        return _NAMED
    if block.above and is_person(block.above[-1].text):
        return _SIGNED
    has_contact = any(part.kind is Kind.CONTACT for piece in column for part in parts_of(piece))
    return _FOOTER if has_contact else 0.0


def _sure_at_head(block: Block, page: _Page) -> float:
    on_the_right = page.greets and block.parts[0].piece.left > page.middle
    placed = on_the_right or _is_followed_by_an_addressee(block, page)
    if _is_signed(block, page):
        return _NAMED_AND_PLACED if placed else _NAMED
    if placed:
        return _PLACED
    return _FIRST if all(part.kind in (Kind.CONTACT, Kind.DATE) for part in block.above) else 0.0


def _is_followed_by_an_addressee(block: Block, page: _Page) -> bool:
    its_own = [part.piece for part in (*block.above, *block.lines)]
    others = (piece for piece in page.head if piece not in its_own and piece.top > block.top - page.height)
    return any(_ADDRESSED.search(piece.text) or _is_ours(piece.text, page) for piece in others)


def _is_somebody_elses(block: Block, page: _Page) -> bool:
    """Return whether a block is ours, another public body's, the addressee's, or named as anything but an address."""
    lines = [part.piece.text for part in (*block.above, *block.parts)]
    if any(_is_ours(line, page) or _PUBLIC_BODY.search(line) for line in lines):
        return True
    if block.postcode is not None and block.postcode.value in page.own_postcodes:
        return True
    return _is_labelled(block, page) or (
        not _is_signed(block, page) and any(_is_anothers(one, page) for one in block.above)
    )


def _is_labelled(block: Block, page: _Page) -> bool:
    """Return whether a label stands before an address, in its line or above it: "Property:", "cc", "Claimant"."""
    first = block.parts[0]
    before = first.piece.text[: first.start - first.piece.start]
    nearest = [part.piece.text for part in block.above if part.kind is not Kind.CONTACT][-_LINES_WITH_A_LABEL:]
    beside = (piece.text for piece in (*page.head, *page.foot) if _stands_left_of(piece, first.piece))
    return (
        ":" in before
        or any(line.rstrip().endswith(":") or _SOMEBODY.search(line) for line in nearest)
        or any(text.rstrip().endswith(":") or _LABELS_A_PLACE.search(text) for text in beside)
    )


def _stands_left_of(piece: Piece, other: Piece) -> bool:
    return piece.right <= other.left and abs(piece.top - other.top) < other.height / 2


def _is_anothers(part: Part, page: _Page) -> bool:
    """Return whether a name above an address is greeted in the letter, or is a person's who did not sign it."""
    if page.greeted & set(_words(part.text)):
        return True
    return part.kind is Kind.NAME and bool(page.signed)


def _stands_below_us(block: Block, page: _Page) -> bool:
    """Return whether our own name stands above a block: then the letter is from us, or the form is ours."""
    return any(piece.bottom <= block.top and _is_ours(piece.text, page) for piece in page.head)


def _is_ours(text: str, page: _Page) -> bool:
    named = page.ours is not None and page.ours.search(text) is not None
    return named or any(code.value in page.own_postcodes for code in postcodes_of(text))


def _is_signed(block: Block, page: _Page) -> bool:
    """Return whether the name above the address is the one under the closing words."""
    return bool(page.signed) and any(_words(part.text)[-1:] == [page.signed[-1]] for part in block.above[-3:])


def _is_prose(piece: Piece) -> bool:
    words = piece.text.split()
    return len(words) >= _PROSE_WORDS and sum(word[0].islower() for word in words) >= _PROSE_SHARE * len(words)


def _words(text: str) -> list[str]:
    return [word for word in _LETTERS.findall(text.lower()) if word not in _TITLES]


def _greeted(text: str) -> frozenset[str]:
    """Return the words of the name that is greeted; none where an office is."""
    return frozenset() if _ADDRESSED.search(text) else frozenset(_words(text))


def _any_of(names: Collection[str]) -> re.Pattern[str] | None:
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b", re.IGNORECASE) if longest_first else None


def _key(block: Block) -> tuple[str, str]:
    return _value(block).lower(), block.postcode.value if block.postcode else ""


def _value(block: Block) -> str:
    return ", ".join(part.text for part in block.parts)


def _address(block: Block, sure: float) -> SenderAddress:
    return SenderAddress(
        value=_value(block),
        postcode=block.postcode,
        start=min(part.start for part in block.lines),
        end=max(part.end for part in block.lines),
        box=around([part.piece.box for part in block.lines]),
        confidence=round(sure * _share_whole(block) * min(1.0, _read(block) + _DOUBT), 4),
    )


def _share_whole(block: Block) -> float:
    """Return what is left of the confidence where something is missing or had to be put right."""
    code = block.postcode.confidence / _BEST_POSTCODE if block.postcode else _NO_POSTCODE
    return code * (1.0 if block.numbered else _NO_NUMBER)


def _read(block: Block) -> float:
    """Return how surely its least sure word was read, or its postcode, which may have been put right."""
    words = min(part.piece.sure for part in block.lines)
    return min(words, block.postcode.confidence) if block.postcode else words
