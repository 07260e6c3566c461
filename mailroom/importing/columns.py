"""The columns of an index: what each is called, and by which other names it is known.

Before: `index_file.py` has the headings. After: `row.py` reads cells by our names. docs/import.md has the same table; a
test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the other names that it may have, and whether every index must have it."""

    name: str
    also: tuple[str, ...] = ()
    required: bool = False


COLUMNS = (
    Column("file", ("path", "filename"), required=True),
    Column("received", ("received_date", "date_received"), required=True),
    Column("channel"),
    Column("reference", ("old_reference",)),
    Column("case_type", ("type",)),
    Column("team"),
    Column("title", ("subject",)),
    Column("sender", ("sender_email", "email")),
    Column("sender_name", ("name",)),
    Column("sender_address", ("address",)),
    Column("sender_postcode", ("postcode",)),
    Column("account_reference", ("account", "customer_reference")),
    Column(
        "letter_date",
    ),
    Column("limited", ("sensitivity", "limited_access")),
    Column("closed", ("closed_date", "date_closed")),
    Column("outcome"),
    Column("file_name", ("given_name",)),
    Column("sha256", ("sha_256", "digest")),
)
"""All columns that mean something here."""

OF_OUR_BAGS = frozenset({"received_assumed", "case", "state", "media_type", "size"})
"""Columns of an export that say nothing that is needed to bring its items over."""

REASON = "reason"
"""The column that is put to the rows that were left out: it means nothing when they are brought over later."""

_BY_NAME = {name: column.name for column in COLUMNS for name in (column.name, *column.also)}


@dataclass(frozen=True, slots=True)
class Headings:
    """What stands in which place of a row.

    Attributes:
        places: place of each column that is known, by our name.
        ignored: headings that mean nothing here.
        faults: sentences about headings that are missing or there twice.
    """

    places: Mapping[str, int]
    ignored: Sequence[str]
    faults: Sequence[str]


def headings_from(cells: Sequence[str]) -> Headings:
    """Make sense of the first line of an index; pure."""
    places: dict[str, int] = {}
    ignored, faults = [], []
    for place, cell in enumerate(cells):
        plain = _plain(cell)
        name = _BY_NAME.get(plain)
        if name is None:
            ignored += [cell.strip()] if plain not in {"", REASON, *OF_OUR_BAGS} else []
        elif name in places:
            faults.append(f"There are two columns {name} ({cells[places[name]].strip()}, {cell.strip()}). Remove one.")
        else:
            places[name] = place
    wanted = [column for column in COLUMNS if column.required and column.name not in places]
    faults += [
        f"There is no column {column.name} (nor {', '.join(column.also)}). Add it, with a value in every row."
        for column in wanted
    ]
    return Headings(places, ignored, faults)


def _plain(heading: str) -> str:
    return "_".join(heading.strip().lower().replace("-", " ").replace("_", " ").split())
