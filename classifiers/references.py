"""Reference numbers: patterns that a council names in its rules file, and National Insurance numbers.

Before: a page's text and the parsed patterns. After: `fields` hands them out as index data. Whether a number exists is
for the back-office list to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from classifiers.tables import refuse_unknown, share_at, strings_at

_SPACES = re.compile(r"\s+")
_NINO = re.compile(r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")
_NINO_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class FoundReference:
    """A number that was found: the name of its pattern, its value without spaces, its span and confidence."""

    name: str
    value: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class ReferencePattern:
    """One named pattern.

    Attributes:
        name: name of the field.
        pattern: what the number looks like; its first group, if any, is the value.
        near: words of which one must stand in the same line or the one before, or none.
        believed: confidence with such a word, or where none is asked for.
        doubted: confidence without, or None where it is no find at all.
    """

    name: str
    pattern: re.Pattern[str]
    near: tuple[str, ...]
    believed: float
    doubted: float | None

    @classmethod
    def from_table(cls, name: str, table: Mapping[str, object]) -> ReferencePattern:
        """Read one parsed `[references.NAME]` table.

        Raises:
            ValueError: a key is missing or wrong; the message names it.
        """
        where = f"references.{name}"
        refuse_unknown(table, ("pattern", "near", "believed", "doubted"), where)
        try:
            pattern = re.compile(str(table.get("pattern") or "("))
        except re.error as error:
            raise ValueError(f"{where}.pattern is missing or no regular expression: {error}") from error
        near = strings_at(table, "near", where) if "near" in table else []
        doubted = share_at(table, "doubted", where) if "doubted" in table else None
        return cls(name, pattern, tuple(word.lower() for word in near), share_at(table, "believed", where), doubted)

    def find(self, text: str) -> Iterator[FoundReference]:
        """Yield every number of this pattern in a text."""
        for match in self.pattern.finditer(text):
            group = 1 if match.re.groups else 0
            confidence = self.believed if self._has_word_near(text, match.start(group)) else self.doubted
            if confidence is not None and match.group(group):
                value = _SPACES.sub("", match.group(group)).upper()
                yield FoundReference(self.name, value, *match.span(group), confidence)

    def _has_word_near(self, text: str, position: int) -> bool:
        if not self.near:
            return True
        line = text.rfind("\n", 0, position)
        start = text.rfind("\n", 0, max(line, 0)) + 1
        end = text.find("\n", position)
        lines = text[start : end if end >= 0 else len(text)].lower()
        return any(word in lines for word in self.near)


def national_insurance_numbers(text: str) -> Iterator[FoundReference]:
    """Yield National Insurance numbers by HMRC's rules of prefix and suffix (National Insurance Manual NIM39110).

    The prefix has no D, F, I, Q, U or V, no O in second place, and is not BG, GB, NK, KN, TN, NT or ZZ; the suffix is
    A to D.
    """
    for match in _NINO.finditer(text):
        value = match.group().replace(" ", "")
        yield FoundReference("national_insurance_number", value, match.start(), match.end(), _NINO_CONFIDENCE)
