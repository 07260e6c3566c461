"""The text of documents of Word and OpenDocument and of presentations: paragraphs as lines, cells of tables with tabs.

Before: `read_text` knows the kind. After: the text is the one page of its document. What stands at the head and foot of
each page, and in notes, is read as well: a letterhead says who writes. What was deleted is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mailroom.sandbox.tasks.bounded_text import BoundedText
from mailroom.sandbox.tasks.office_package import Package, locked, opened
from mailroom.sandbox.tasks.signatures import OPEN_SHEET, OPEN_SLIDES, OPEN_TEXT, SLIDES, WORD, Kind

_MOST_SPACES = 80


@dataclass(frozen=True, slots=True)
class Markup:
    """What the elements of a format mean for its text.

    Attributes:
        within: elements of which the characters are text, with all that they hold.
        lines: elements that end a line.
        cell: the element after which a tab stands.
        row: the element that ends a line of cells.
        signs: elements that stand for characters.
        silent: elements of which nothing is read.
        titled: the element that begins with a line of its name, where that is of use.
    """

    within: frozenset[str]
    lines: frozenset[str]
    cell: str
    row: str
    signs: Mapping[str, str]
    silent: frozenset[str]
    titled: str = ""


_MICROSOFT = Markup(
    within=frozenset({"t"}),
    lines=frozenset({"p"}),
    cell="tc",
    row="tr",
    signs={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    silent=frozenset({"pPr", "rPr", "sectPr", "Fallback"}),
)
_OPEN = Markup(
    within=frozenset({"p", "h"}),
    lines=frozenset({"p", "h"}),
    cell="table-cell",
    row="table-row",
    signs={"tab": "\t", "line-break": "\n"},
    silent=frozenset({"tracked-changes", "forms"}),
)
_OPEN_TABLES = replace(_OPEN, titled="table")
_OF_WORD = ("header", "document", "footnotes", "endnotes", "comments", "footer")
_OF_OPEN = (r"styles\.xml", r"content\.xml")

_FORMATS: dict[str, tuple[Markup, tuple[str, ...]]] = {
    WORD.media_type: (_MICROSOFT, tuple(rf"word/{name}\d*\.xml" for name in _OF_WORD)),
    SLIDES.media_type: (_MICROSOFT, (r"ppt/slides/slide\d+\.xml", r"ppt/notesSlides/notesSlide\d+\.xml")),
    OPEN_TEXT.media_type: (_OPEN, _OF_OPEN),
    OPEN_SHEET.media_type: (_OPEN_TABLES, _OF_OPEN),
    OPEN_SLIDES.media_type: (_OPEN, _OF_OPEN),
}


def flowing_text(kind: Kind, source: Path) -> str:
    """Return the text of a document, with the members that hold it one after the other, none of them twice.

    Raises:
        TaskRefused: it is damaged, locked, or larger than a letter.
    """
    markup, patterns = _FORMATS[kind.media_type]
    with opened(source, kind.words) as package:
        _refuse_if_locked(package, kind)
        names = [name for pattern in patterns for name in package.like(pattern)]
        texts = [_text_of(package, name, markup, kind) for name in names]
    return "\n".join(dict.fromkeys(text.strip("\n") for text in texts if text.strip()))


def _text_of(package: Package, name: str, markup: Markup, kind: Kind) -> str:
    flow = _Flow(markup, BoundedText(kind.words))
    package.walk(name, flow.start, flow.end, flow.hear)
    return str(flow.text)


def _refuse_if_locked(package: Package, kind: Kind) -> None:
    """Refuse an OpenDocument with a password, which says so in its list of members and has noise in place of XML."""
    manifest = "META-INF/manifest.xml"
    if not kind.media_type.startswith("application/vnd.oasis.") or manifest not in package.names:
        return
    found: set[str] = set()
    package.walk(manifest, lambda name, _: found.add(name), lambda _: None, lambda _: None)
    if "encryption-data" in found:
        raise locked(kind.words)


class _Flow:
    """Follows the elements of one member."""

    def __init__(self, markup: Markup, text: BoundedText) -> None:
        self.text = text
        self._markup = markup
        self._within = 0
        self._silent = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._silent += name in self._markup.silent
        if self._silent:
            return
        self._within += name in self._markup.within
        if sign := self._markup.signs.get(name):
            self.text.add(sign)
        elif name == "s" and self._within:
            self.text.add(" " * _count(attributes.get("c", "1")))
        elif name == self._markup.titled:
            self.text.add(f"{attributes.get('name', '')}\n")

    def end(self, name: str) -> None:
        if self._silent:
            self._silent -= name in self._markup.silent
            return
        self._within -= name in self._markup.within
        if name in self._markup.lines:
            self.text.add("\n")
        elif name == self._markup.cell:
            self.text.end_cell()
        elif name == self._markup.row:
            self.text.end_row()

    def hear(self, words: str) -> None:
        if self._within and not self._silent:
            self.text.add(words)


def _count(number: str) -> int:
    """Return how many spaces an OpenDocument stands for where it says so."""
    return min(int(number), _MOST_SPACES) if number.isdecimal() and len(number) < 10 else 1
