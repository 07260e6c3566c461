"""Bytes from outside to text for people: which charset, and which characters may be shown.

Before: a task has the bytes of a text, a header or a part of a mail. After: text that any page can show and any
database can store. Only charsets that decode in linear time are taken from a declaration.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The C0 controls that occur in honest text: tab, line feed, form feed (fax software), carriage return, and the end of
# file of old DOS programs.
_HONEST_CONTROLS = b"\t\n\x0b\x0c\r\x1a\x1b"
_OTHER_CONTROLS = bytes([code for code in range(128) if (code < 32 or code == 127) and code not in _HONEST_CONTROLS])
_MOST_CONTROLS = 0.005
# Codecs that Python counts as charsets but that mail has no use for; `idna` and `punycode` take quadratic time.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs", "oem"}
)
# Everything that can change how the text around it is shown: controls but tab and line feed, and the bidirectional
# overrides and isolates of Unicode Standard Annex 9, with which `exe.fdp` can be made to read `pdf.exe`.
_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def guess_charset(content: bytes) -> str | None:
    """Return the charset that the bytes of a text are in, or None where they are no text.

    A byte order mark decides; else UTF-8 where it fits; else Windows-1252, the usual one of old British office files,
    where the bytes hold next to no control characters.
    """
    for mark, charset in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return charset
    if _share_of_controls(content) > _MOST_CONTROLS:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)  # incremental: the head may end inside a character
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode(content: bytes, declared: str | None = None) -> str:
    """Return the bytes as text in the declared charset, or the guessed one where that is missing, unknown or unfit."""
    charset = _usable(declared)
    if charset:
        try:
            return content.decode(charset)
        except (UnicodeError, LookupError):
            pass
    return content.decode(guess_charset(content) or "cp1252", "replace")


def for_display(text: str) -> str:
    """Return the text in NFC, lines ended by a line feed, without control characters and direction overrides."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    return unicodedata.normalize("NFC", _NOT_SHOWN.sub("", lines))


def _share_of_controls(content: bytes) -> float:
    return (len(content) - len(content.translate(None, _OTHER_CONTROLS))) / max(len(content), 1)


def _usable(declared: str | None) -> str | None:
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return None
    return None if name in _NOT_CHARSETS else name
