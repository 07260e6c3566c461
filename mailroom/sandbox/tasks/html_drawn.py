"""An HTML mail as it may be drawn: harmless as in its frame, with its colours, sizes and the pictures it brought.

Before: `draw_message` has the HTML of a mail. After: it is drawn. Here colours and what hides words may stay, because
the drawing is to show what the sender meant to be seen; the words themselves stand beside it, and what they hold beyond
the drawing is told.
"""

from __future__ import annotations

import re

import nh3

from mailroom.sandbox.tasks.html_safe import ELEMENTS, LEFT_OUT

_SIDES = ("top", "right", "bottom", "left")
_STYLES = {
    *("text-align", "font-weight", "font-style", "text-decoration", "font-size", "font-family", "line-height"),
    *("color", "background", "background-color", "display", "visibility", "vertical-align"),
    *("width", "max-width", "border", "border-collapse", "border-spacing", "border-color", "border-style"),
    *("border-width", "border-radius", "margin", "padding", "list-style-type", "direction"),
    *(f"{what}-{side}" for what in ("margin", "padding", "border") for side in _SIDES),
}
_OF_BOXES = {"align", "valign", "bgcolor", "width", "height", "border", "cellpadding", "cellspacing"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "style", "align", "bgcolor"},
    "table": _OF_BOXES,
    "tr": _OF_BOXES,
    "td": _OF_BOXES | {"colspan", "rowspan"},
    "th": _OF_BOXES | {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "font": {"color", "size", "face"},
    "img": {"src", "alt", "width", "height"},
}
_MOST_CHARACTERS = 1_000_000
_MOST_TAGS = 4000
"""A table of as many takes half the time there is, and thirteen sheets; one of 3 000 rows would not be done in it."""

_MOST_LETTERS = 70_000
"""Of text: about what twenty sheets hold."""

_TAG = re.compile(r"<[^<>]*>?")
_PAGE = """<!doctype html>
<html lang="und">
<head><meta charset="utf-8"><title>Message</title>
<style>
@page {{ size: 210mm 297mm; margin: 10mm }}
body {{ margin: 0; font: 15px/1.4 "Liberation Sans", "DejaVu Sans", sans-serif; color: #0b0c0c;
  overflow-wrap: break-word }}
pre {{ white-space: pre-wrap }}
img, table {{ max-width: 100% }}
</style></head>
<body>
{body}
</body>
</html>
"""


def drawable_html(html: str) -> tuple[str, bool]:
    """Return the page to be drawn, and whether it had to be cut short."""
    harmless = nh3.clean(
        html[:_MOST_CHARACTERS],
        tags=ELEMENTS | {"img", "font", "big", "tt", "strike"},
        attributes=_ATTRIBUTES,
        filter_style_properties=_STYLES,
        clean_content_tags=LEFT_OUT,
        url_schemes={"cid", "data"},
        link_rel=None,
    )
    end = _end_of_what_is_drawn(harmless)
    return _PAGE.format(body=harmless[:end]), end < len(harmless) or len(html) > _MOST_CHARACTERS


def _end_of_what_is_drawn(harmless: str) -> int:
    """Return where it is cut; whoever parses it closes what is open there."""
    end, letters, most = 0, 0, len(harmless)
    for number, tag in enumerate(_TAG.finditer(harmless)):
        if number == _MOST_TAGS or letters + tag.start() - end > _MOST_LETTERS:
            most = tag.start()
            break
        letters += tag.start() - end
        end = tag.end()
    return min(most, end + _MOST_LETTERS - letters)
