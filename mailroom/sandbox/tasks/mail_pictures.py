"""The pictures that a mail brought along, for its drawing: by Content-ID, or within its HTML; never from anywhere else.

Before: `draw_message` has the parts of a mail. After: what draws asks here for every address that it meets, and is
refused all but these, within limits on bytes and pixels that are looked at before anything is decoded.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import unquote, unquote_to_bytes

from PIL import Image

from mailroom.sandbox.limits import MEGABYTE
from mailroom.sandbox.tasks.mail_body import content_of

_FORMATS = ("JPEG", "PNG", "GIF")
"""Pictures of points alone: a drawing (SVG) can name others, and is a language of its own."""

_MOST_PICTURES = 50
_MOST_BYTES = 10 * MEGABYTE
_MOST_BYTES_WITHIN = MEGABYTE
_MOST_PIXELS_TOGETHER = 40_000_000
_DATA = re.compile(r"data:[^,]{0,200},", re.IGNORECASE)


class NotBrought(ValueError):
    """The mail did not bring this along, or it is too large, or no picture."""


@dataclass(slots=True)
class Brought:
    """What the mail brought along, given out as long as it all stays within the limits.

    Args:
        parts: of the mail.
        most_pixels: of one picture.
    """

    parts: Sequence[Message]
    most_pixels: int
    _given: int = 0
    _pixels: int = field(default=_MOST_PIXELS_TOGETHER)

    def give(self, address: str) -> tuple[bytes, str]:
        """Return the picture at this address and its media type.

        Raises:
            NotBrought: there is none that may be drawn.
        """
        return self._checked(self._bytes_at(address))

    def _bytes_at(self, address: str) -> bytes:
        if address[:4].lower() == "cid:":
            return self._with_id(unquote(address[4:]))
        within = _DATA.match(address)
        if within is None or len(address) > 2 * _MOST_BYTES_WITHIN:
            raise NotBrought("an address outside")
        return _decoded(address[within.end() :], is_base64=within[0].lower().endswith(";base64,"))

    def _with_id(self, name: str) -> bytes:
        for part in self.parts:
            if str(part.get("Content-ID", "")).strip().strip("<>") == name:
                return content_of(part)
        raise NotBrought("cid")

    def _checked(self, content: bytes) -> tuple[bytes, str]:
        self._given += 1
        if self._given > _MOST_PICTURES or len(content) > _MOST_BYTES:
            raise NotBrought("too many or too large")
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                pixels, media_type = picture.width * picture.height, Image.MIME[picture.format or ""]
        except (OSError, ValueError, KeyError, SyntaxError, Image.DecompressionBombError) as fault:
            raise NotBrought("no picture") from fault
        self._pixels -= pixels
        if pixels > self.most_pixels or self._pixels < 0:
            raise NotBrought("too many pixels")
        return content, media_type


def _decoded(data: str, *, is_base64: bool) -> bytes:
    if not is_base64:
        return unquote_to_bytes(data)
    try:
        return base64.b64decode(unquote_to_bytes(data), validate=False)
    except binascii.Error as fault:
        raise NotBrought("data") from fault
