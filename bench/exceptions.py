"""The letters of `exceptions.toml` as scans: what a clerk of the benchmark finds on the bench, and what they are.

Before: the texts. After: scans in a hot folder, named by their number, and for each what a clerk who knows the council
would do with it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rendering.files import scanned_pdf
from rendering.letter_text import pages_of
from rendering.scanner import LOOKS, scan
from rendering.sheet import Style, draw_page

_DPI = 200
_FACES = ("serif", "sans", "typewriter", "narrow")
_LOOKS = ("clean", "ordinary", "worn")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter.

    Attributes:
        file_name: of its scan.
        text: as `rendering` sets it.
        is_: the case type that it is, or what else is to be done: split, limit, rescan.
        fields: what should stand in the index data, by name of the field.
        look: how it was scanned.
    """

    file_name: str
    text: str
    is_: str
    fields: dict[str, str]
    look: str


def letters() -> list[Letter]:
    """Return the letters in the order in which they came."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return [_letter(number, entry) for number, entry in enumerate(table["letter"], start=1)]


def _letter(number: int, entry: dict[str, str]) -> Letter:
    lines = entry["sender"].split(", ")
    sender = "\n".join(f"> {line}" for line in lines)
    return Letter(
        file_name=f"letter{number:02d}.pdf",
        text=f"{sender}\n\n> 19 November 2026\n\nDear Sir or Madam\n\n{entry['text']}\n\nYours faithfully\n",
        is_=entry["is"],
        fields={"sender_name": lines[0], "sender_postcode": lines[-1], "letter_date": "19 November 2026"},
        look=entry.get("look", _LOOKS[number % len(_LOOKS)]),
    )


def scanned(letter: Letter, number: int) -> bytes:
    """Return the scan of a letter; the same number gives the same bytes."""
    chance = np.random.default_rng(number)
    style = Style(face=_FACES[number % len(_FACES)], points=12)
    drawn = (draw_page(lines, style, _DPI, chance) for lines in pages_of(letter.text))
    return scanned_pdf([scan(np.asarray(page), LOOKS[letter.look], _DPI, chance) for page in drawn], _DPI)
