"""The text of an RTF document, also as Outlook packs it into its messages.

Before: `read_text` has an RTF file, or `mapi` a message of which the text is kept in no other form. After: it is the
text of a document. The library is striprtf; what it raises for a damaged file means no more than that.
"""

from __future__ import annotations

from typing import NoReturn

from striprtf.striprtf import rtf_to_text

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE

_MOST_BYTES = 20 * MEGABYTE
"""Pictures are kept in RTF as text, at twice their size, so a short letter may be long; read at 2 MB a second."""

# [MS-OXRTFCP] 2.2: what any document may refer to before it has said anything, and the sizes of the window.
_BEGINNING = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_HEAD = 16
_COMPRESSED, _AS_IT_IS = b"LZFu", b"MELA"


def rtf_text(content: bytes) -> str:
    """Return the text of an RTF document.

    Raises:
        TaskRefused: it is damaged or too long.
    """
    if len(content) > _MOST_BYTES:
        sentence = f"This RTF document is longer than {_MOST_BYTES // MEGABYTE} MB."
        raise TaskRefused(Cause.TOO_LARGE, f"{sentence} Open the original and index it by hand.")
    try:
        text: str = rtf_to_text(content.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError, LookupError, TypeError) as fault:
        _refuse(fault)
    return text


def unpack_rtf(packed: bytes) -> bytes:
    """Return the RTF document that Outlook has packed by the rules of [MS-OXRTFCP].

    Raises:
        TaskRefused: it unpacks to more than may be read, or is not packed by them.
    """
    unpacked = int.from_bytes(packed[4:8], "little")
    if unpacked > _MOST_BYTES or packed[8:12] not in {_COMPRESSED, _AS_IT_IS}:
        _refuse(ValueError("no packed RTF"))
    if packed[8:12] == _AS_IT_IS:
        return packed[_HEAD : _HEAD + unpacked]
    return _unpack(packed, unpacked)


def _unpack(packed: bytes, most: int) -> bytes:
    """Copy letters, and runs of letters out of the last 4096, as each bit of a control byte says."""
    whole = bytearray(_BEGINNING)
    most += len(_BEGINNING)
    place = _HEAD
    while place < len(packed) and len(whole) < most:
        control, place = packed[place], place + 1
        for bit in range(8):
            if not control >> bit & 1:
                whole += packed[place : place + 1]
                place += 1
                continue
            run = int.from_bytes(packed[place : place + 2], "big")
            place += 2
            start = _back_to(run >> 4, len(whole))
            if start is None:
                return bytes(whole[len(_BEGINNING) : most])
            for offset in range((run & 0xF) + 2):
                whole.append(whole[start + offset])
    return bytes(whole[len(_BEGINNING) : most])


def _back_to(window_place: int, length: int) -> int | None:
    """Return where in all that was unpacked a place in the window lies; None where it says that this is the end."""
    back = (length - window_place) % _WINDOW
    return length - back if 0 < back <= length else None


def _refuse(fault: Exception) -> NoReturn:
    sentence = f"This RTF document is damaged and cannot be read ({type(fault).__name__})."
    raise TaskRefused(Cause.DAMAGED, f"{sentence} Ask the sender to send it again.") from fault
