"""The text of an HTML mail, for people and for classification: words and line breaks, nothing that was marked up.

Before: `mail_body` found no plain text. After: it is the text of the message. Nothing is fetched and no link is kept.
"""

from __future__ import annotations

from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
_CELLS = frozenset({"td", "th"})
_LINES = frozenset(
    {"address", "article", "center", "dd", "div", "dt", "footer", "form", "header", "li", "section", "tr"}
)
_PARAGRAPHS = frozenset(
    {"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"},
)
_MOST_CHARACTERS = 2_000_000


def html_to_text(html: str) -> str:
    """Return the text of a page, its lines as a browser would break them, with at most one empty line between two.

    Args:
        html: the page; what lies beyond two million characters is left out.
    """
    reader = _TextOf()
    reader.feed(html[:_MOST_CHARACTERS])
    reader.close()
    return "".join(reader.pieces)


class _TextOf(HTMLParser):
    """Collects words; breaks and spaces wait until the next word, so that empty elements leave no trace."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent: list[str] = []
        self._breaks = 0
        self._space = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's name
        if tag == "body":
            self._silent.clear()  # a title that nobody closed ends here, as in browsers
        elif tag in _SILENT:
            self._silent.append(tag)
        elif tag == "br":
            self._breaks = min(self._breaks + 1, 2)
        else:
            self._break_at(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        else:
            self._break_at(tag)

    def handle_data(self, data: str) -> None:
        if self._silent or not data:
            return
        words = data.split()
        self._space = self._space or data[0].isspace()
        if words:
            self.pieces.extend((self._gap(), " ".join(words)))
            self._breaks = 0
            self._space = data[-1].isspace()

    def _break_at(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._breaks = 2
        elif tag in _LINES:
            self._breaks = max(self._breaks, 1)
        elif tag in _CELLS:
            self._space = True

    def _gap(self) -> str:
        if not self.pieces:
            return ""
        return "\n" * self._breaks or " " * self._space
