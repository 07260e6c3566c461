"""An HTML mail as it was formatted, with nothing in it that acts, loads, leads away or hides.

Before: `read_message` has the HTML of a mail. After: a page shows it in a frame of its own, under a policy that would
stop all of that once more. Cleaning is nh3's (the ammonia library); which elements stay is ours.
"""

from __future__ import annotations

from importlib.metadata import version

import nh3

ELEMENTS = {
    *("p", "div", "span", "br", "hr", "blockquote", "pre", "center", "address"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "small", "code"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "*": {"dir", "lang", "style"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_STYLES = {"text-align", "font-weight", "font-style", "text-decoration"}
"""None of these can make words invisible or fetch anything; colour can do the one and a background the other."""

LEFT_OUT = {"script", "style", "title", "head", "template", "noscript", "svg", "math", "object"}
_MOST_TAGS = 10_000
"""Cleaning takes time by the square of how deep elements are nested: two seconds for so many."""

_PAGE = """<!doctype html>
<html lang="und">
<head><meta charset="utf-8"><title>Message</title>
<style>
body {{ margin: 10px; font: 16px/1.5 arial, sans-serif; color: #0b0c0c; background: #fff; overflow-wrap: anywhere }}
table {{ border-collapse: collapse }}
td, th {{ padding: 2px 6px; vertical-align: top; text-align: start }}
</style></head>
<body>
{body}
</body>
</html>
"""

MADE_BY = f"nh3 {version('nh3')}"


def safe_html(html: str) -> str | None:
    """Return what stands in the body of a page, harmless; None where it has more tags than a letter would."""
    if html.count("<") > _MOST_TAGS:
        return None
    return nh3.clean(
        html,
        tags=ELEMENTS,
        attributes=_ATTRIBUTES,
        filter_style_properties=_STYLES,
        clean_content_tags=LEFT_OUT,
        url_schemes=set(),
        link_rel=None,
    )


def page_of(harmless: str) -> str:
    """Return it as a page that needs nothing beside itself: in its frame it can load nothing, not even from us."""
    return _PAGE.format(body=harmless)
