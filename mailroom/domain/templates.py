"""What teams answer with: reply templates and the reasons for which an item is returned, as `config/` says them.

`settings.py` reads the tables and builds these values; `desk/replying.py` and `desk/returning.py` ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a reply does: answers in full, tells when the full answer will come, or asks and tells in between.

    `again` is the post room's own: it asks for what could not be opened, before anything is settled.
    """

    FULL = "full"
    HOLDING = "holding"
    INTERIM = "interim"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Template:
    """A `[templates.KEY]` table of `config/templates.toml`, whose head explains each field."""

    key: str
    title: str
    kind: Kind
    case_types: tuple[str, ...]
    outcome: str | None
    fill_in: Mapping[str, str]
    causes: tuple[str, ...] = ()

    def fits(self, case_type: str) -> bool:
        """Whether a case of this type may be answered with it."""
        return self.kind is not Kind.AGAIN and (not self.case_types or case_type in self.case_types)


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """A `[returns.KEY]` table of `config/returns.toml`: why a team may return an item."""

    key: str
    title: str
    belongs_elsewhere: bool


ASKED_FOR = frozenset({"encrypted", "empty", "damaged", "incomplete"})
"""Why a file could not be opened of which the sender may have another."""

DOCUMENT = "document"
"""What stands in such a question for the names of the files."""

KNOWN = frozenset(
    {"greeting", "reference", "received", "due", "promised", "today", "service", "team", "council", "contact"}
)
"""Placeholders that the mailroom fills in itself; whatever else stands in a text is filled in by the officer."""


def template_from(key: str, table: Mapping[str, Any]) -> Template:
    """Build a template from its table.

    Raises:
        ValueError: a key is missing, unknown or has a value that means nothing; the message names it.
    """
    _refuse_unknown(table, {"title", "kind", "case_types", "outcome", "fill_in", "causes"})
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
    case_types, causes = tuple(table.get("case_types", ())), tuple(table.get("causes", ()))
    _refuse_other_questions(kind, causes, fill_in)
    return Template(key, _given(table, "title"), kind, case_types, table.get("outcome"), fill_in, causes)


def return_reason_from(key: str, table: Mapping[str, Any]) -> ReturnReason:
    """Build a reason from its table.

    Raises:
        ValueError: a key is missing or unknown; the message names it.
    """
    _refuse_unknown(table, {"title", "belongs_elsewhere"})
    return ReturnReason(key, _given(table, "title"), bool(table.get("belongs_elsewhere", False)))


def _refuse_other_questions(kind: Kind, causes: tuple[str, ...], fill_in: Mapping[str, str]) -> None:
    """Refuse a question that nobody could be asked: what is filled in there is what could not be opened."""
    if kind is not Kind.AGAIN and causes:
        raise ValueError('causes: only what is asked for again has them; take them out, or write kind = "again"')
    unknown = ", ".join(sorted(set(causes) - ASKED_FOR))
    if unknown:
        raise ValueError(f"causes: {unknown} is none of {', '.join(sorted(ASKED_FOR))}")
    if kind is Kind.AGAIN and (not causes or fill_in.keys() != {DOCUMENT}):
        raise ValueError(f'kind = "again" needs causes, and {DOCUMENT} as all that is filled in')


def _given(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    unknown = ", ".join(sorted(table.keys() - known))
    if unknown:
        raise ValueError(f"{unknown} is not a key here; there are {', '.join(sorted(known))}")
