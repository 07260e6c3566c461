"""Addresses as they stand in a column: street, town and postcode below one another, and what stands above them.

Before: `layout` has cut the page into pieces, and `address_parts` says what their parts are. After: `addresses` decides
which block, if any, is the sender's. A block that is not whole is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from classifiers.address_parts import Kind, Part, parts_of
from classifiers.layout import Piece, line_height
from classifiers.postcodes import Postcode

_WIDEST_GAP = 1.5  # in heights of a line: lines of a block stand up to 1.4 apart, blocks 1.7 and more
_ASKEW = 1.6
_MOST_TOWNS = 4
_TOWNS = frozenset({Kind.PLACE, Kind.ROAD, Kind.HOUSE, Kind.COUNTRY})
_ABOVE_A_STREET = frozenset({Kind.UNIT, Kind.HOUSE, Kind.ROAD, Kind.STREET})
_MOST_ABOVE_A_STREET = 2
_ENDS = frozenset({Kind.POSTCODE, Kind.MISREAD})


@dataclass(frozen=True, slots=True)
class Block:
    """An address, and what stands above it in its column.

    Attributes:
        parts: flat, house, street and towns, from the top; never the postcode.
        postcode_part: where its postcode stands, None where none could be read.
        above: what stands above the address in the same column, without a gap; often a name.
        numbered: whether it has a number in a street or a box, so that it is whole.
    """

    parts: tuple[Part, ...]
    postcode_part: Part | None
    above: tuple[Part, ...]
    numbered: bool

    @property
    def lines(self) -> tuple[Part, ...]:
        """All its parts, the postcode included."""
        return (*self.parts, self.postcode_part) if self.postcode_part else self.parts

    @property
    def top(self) -> int:
        """Upper edge of the first line."""
        return min(part.piece.top for part in self.parts)

    @property
    def postcode(self) -> Postcode | None:
        """Its postcode."""
        return self.postcode_part.postcode if self.postcode_part else None


def columns_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces gathered into columns: each goes on below the one that it stands under without a gap."""
    height = line_height(pieces)
    columns: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: (one.top, one.left)):
        column = next((one for one in reversed(columns) if _goes_on(one[-1], piece, height)), None)
        if column is None:
            columns.append([piece])
        else:
            column.append(piece)
    return columns


def blocks_of(column: Sequence[Piece]) -> Iterator[Block]:
    """Yield the addresses of a column."""
    parts = [part for piece in column for part in parts_of(piece)]
    ends = [number for number, part in enumerate(parts) if part.kind in _ENDS]
    begin = 0
    for end in ends or [len(parts)]:
        block = _block(parts[begin:end], parts[end] if ends and parts[end].postcode else None)
        if block is not None:
            yield block
        begin = end + 1


def _goes_on(above: Piece, below: Piece, height: float) -> bool:
    gap = (below.top - above.bottom) / height
    edges = (
        below.left - above.left,
        below.right - above.right,
        (below.left + below.right - above.left - above.right) / 2,
    )
    aligned = min(map(abs, edges)) <= _ASKEW * height
    return aligned and below.top - above.top > height / 2 and gap <= _WIDEST_GAP


def _block(parts: Sequence[Part], postcode: Part | None) -> Block | None:
    """Return the address that these parts end in, or begin where no postcode ends them."""
    lines = list(_joined([part for part in parts if part.kind is not Kind.CONTACT]))
    stop = _end_of_towns(lines) if postcode is None else len(lines)
    span = _with_number(lines[:stop]) or (_with_house(lines[:stop]) if postcode else None)
    if span is None:
        return None
    begin, numbered = span
    if _may_hold_a_flat(lines[:begin]):
        return None
    return Block(tuple(lines[begin:stop]), postcode, tuple(lines[:begin]), numbered)


def _may_hold_a_flat(above: Sequence[Part]) -> bool:
    """Return whether a number above the street was not understood: without its flat it is another's home."""
    not_understood = bool(above) and above[-1].kind is Kind.OTHER and any(map(str.isdigit, above[-1].text))
    return not_understood or any(part.kind is Kind.UNIT for part in above)


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts, a number and the street that stands after its comma or below it made one."""
    waiting: Part | None = None
    for part in parts:
        if waiting is not None and part.kind in (Kind.ROAD, Kind.PLACE):
            yield replace(part, kind=Kind.STREET, text=f"{waiting.text} {part.text}", start=waiting.start)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = part if part.kind is Kind.NUMBER else None
        if waiting is None:
            yield part
    if waiting is not None:
        yield waiting


def _end_of_towns(lines: Sequence[Part]) -> int:
    """Return where the towns below the first street end, or 0 where it has none or something else is below them."""
    street = next((number for number, part in enumerate(lines) if part.kind is Kind.STREET), len(lines))
    end = street + 1
    while end < len(lines) and lines[end].kind in _TOWNS:
        end += 1
    goes_on = end < len(lines) and lines[end].kind is not Kind.DATE
    return end if end > street + 1 and not goes_on else 0


def _with_number(lines: Sequence[Part]) -> tuple[int, bool] | None:
    """Return where an address begins whose street or flat has a number and is followed by nothing but towns."""
    first_town = _first_of_towns(lines)
    last = first_town - 1
    if last < 0 or len(lines) - first_town > _MOST_TOWNS:
        return None
    is_unit = lines[last].kind is Kind.UNIT and first_town < len(lines)
    if lines[last].kind is not Kind.STREET and not is_unit:
        return None
    begin = last
    while begin > max(0, last - _MOST_ABOVE_A_STREET) and _stands_above_a_street(lines[begin - 1]):
        begin -= 1
    return begin, True


def _with_house(lines: Sequence[Part]) -> tuple[int, bool] | None:
    """Return where an address begins that has the name of a house and no number: house and road, or farm and town."""
    towns = list(enumerate(lines))[_first_of_towns(lines) :]
    road = next((number for number, part in towns if part.kind is Kind.ROAD), None)
    if road is not None:
        named = road > 0 and road - 1 >= _first_of_towns(lines) and _may_be_a_house(lines[road - 1])
        return (road - 1, False) if named else None
    house = next((number for number, part in towns if part.kind is Kind.HOUSE), None)
    return (house, False) if house is not None and house + 1 < len(lines) else None


def _first_of_towns(lines: Sequence[Part]) -> int:
    number = len(lines)
    while number > 0 and lines[number - 1].kind in _TOWNS:
        number -= 1
    return number


def _stands_above_a_street(part: Part) -> bool:
    alone = part.text == part.piece.text.strip(" ,.") and len(part.text.split()) == 1
    return part.kind in _ABOVE_A_STREET or (part.kind is Kind.PLACE and alone)


def _may_be_a_house(part: Part) -> bool:
    return part.kind is Kind.HOUSE or len(part.text.split()) == 1 or part.text.lower().startswith("the ")
