"""What teams answer with: reply templates and the reasons for which an item is returned, as `config/` says them.

`settings.py` reads the tables and builds these values; `desk/replying.py` and `desk/returning.py` ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a reply does: answers in full, tells when the full answer will come, or asks and tells in between."""

    FULL = "full"
    HOLDING = "holding"
    INTERIM = "interim"


@dataclass(frozen=True, slots=True)
class Template:
    """A `[templates.KEY]` table of `config/templates.toml`, whose head explains each field."""

    key: str
    title: str
    kind: Kind
    case_types: tuple[str, ...]
    outcome: str | None
    fill_in: Mapping[str, str]

    def fits(self, case_type: str) -> bool:
        """Whether a case of this type may be answered with it."""
        return not self.case_types or case_type in self.case_types


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """A `[returns.KEY]` table of `config/returns.toml`: why a team may return an item."""

    key: str
    title: str
    belongs_elsewhere: bool


KNOWN = frozenset(
    {"greeting", "reference", "received", "due", "promised", "today", "service", "team", "council", "contact"}
)
"""Placeholders that the mailroom fills in itself; whatever else stands in a text is filled in by the officer."""


def template_from(key: str, table: Mapping[str, Any]) -> Template:
    """Build a template from its table.

    Raises:
        ValueError: a key is missing, unknown or has a value that means nothing; the message names it.
    """
    _refuse_unknown(table, {"title", "kind", "case_types", "outcome", "fill_in"})
    kind, fill_in = Kind(_given(table, "kind")), dict(table.get("fill_in", {}))
    if kind is Kind.FULL and not table.get("outcome"):
        raise ValueError(
            'outcome is missing: write how a case ends with this answer, for instance outcome = "answered"'
        )
    if kind is not Kind.FULL and "outcome" in table:
        raise ValueError("outcome: only a full answer closes a case; take it out")
    taken = KNOWN & fill_in.keys()
    if taken:
        raise ValueError(f"fill_in: {', '.join(sorted(taken))} is filled in by the mailroom; choose another name")
    case_types = tuple(table.get("case_types", ()))
    return Template(key, _given(table, "title"), kind, case_types, table.get("outcome"), fill_in)


def return_reason_from(key: str, table: Mapping[str, Any]) -> ReturnReason:
    """Build a reason from its table.

    Raises:
        ValueError: a key is missing or unknown; the message names it.
    """
    _refuse_unknown(table, {"title", "belongs_elsewhere"})
    return ReturnReason(key, _given(table, "title"), bool(table.get("belongs_elsewhere", False)))


def _given(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    unknown = ", ".join(sorted(table.keys() - known))
    if unknown:
        raise ValueError(f"{unknown} is not a key here; there are {', '.join(sorted(known))}")
