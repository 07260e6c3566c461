"""English and Welsh: which of the two a reader wants, and the texts of it.

English texts stand in the templates; `locale/cy/LC_MESSAGES/mailroom.po` has the Welsh ones. They are read once, at the
start, straight from the catalogue that translators work in.
"""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

LANGUAGES = ("en", "cy")
COOKIE = "language"
_LOCALE = Path(__file__).parent / "locale"


@cache
def texts_of(language: str) -> gettext.NullTranslations:
    """Return the texts of a language; those of English are what stands in the templates."""
    if language == LANGUAGES[0]:
        return gettext.NullTranslations()
    compiled = BytesIO()
    with (_LOCALE / language / "LC_MESSAGES" / "mailroom.po").open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translated(text: str | None, *, language: str) -> str:
    """Return a text that reached a template through a variable; what the catalogue has not, as it is.

    Unlike `_()`, which is for what stands in the template itself, it leaves markup and per cent signs what they are:
    some of these texts are people's own words, and a page escapes them.
    """
    return texts_of(language).gettext(text) if text else ""


def language_of(request: Request) -> str:
    """Return the language that this reader chose, else the first of their browser's that there is."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return negotiate_locale([tag.partition("-")[0] for tag in accepted if tag], LANGUAGES) or LANGUAGES[0]
