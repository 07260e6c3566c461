"""A font for text that is searched and copied but never seen: every character of Unicode, all of one plain shape.

Used by `layer`, which writes in the invisible mode. Characters are addressed by their UTF-16 code, so that Welsh and
Polish letters work like any other. The one shape is a box, for PDFium leaves out upright text of no area. The TrueType
tables are the six that a PDF needs (ISO 32000-1, 9.9). Tesseract and OCRmyPDF have such a font, too.
"""

from __future__ import annotations

import struct
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name

ADVANCE = 500
"""Width of every character in thousandths of the font size."""

CAPITALS = 720
"""Height of every character, that of capitals in most text faces."""

_UNITS_PER_EM = 1000
_GLYPHS = 2
_ONE = 0x10000  # 1.0 as a fixed-point number
_MAGIC = 0x5F0F3CF5  # every head table has it
_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def add_invisible_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Add the font to a document and return it, for a page's resources."""
    program = compressed(pdf, _true_type())
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.InvisibleFont,
        Flags=5,  # fixed pitch, symbolic
        FontBBox=Array([0, 0, ADVANCE, CAPITALS]),
        ItalicAngle=0,
        Ascent=CAPITALS,
        Descent=0,
        CapHeight=CAPITALS,
        StemV=80,
        FontFile2=program,
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.InvisibleFont,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=ADVANCE,
        CIDToGIDMap=compressed(pdf, b"\x00\x01" * 0x10000),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name.InvisibleFont,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=compressed(pdf, _TO_UNICODE),
        )
    )


def compressed(pdf: pikepdf.Pdf, data: bytes) -> pikepdf.Object:
    """Add a stream, compressed here: where pikepdf compresses as it saves, it first unpacks the document's own."""
    return pdf.make_indirect(pikepdf.Stream(pdf, zlib.compress(data), Filter=Name.FlateDecode))


def _true_type() -> bytes:
    """Return the font file (OpenType specification: table directory, then the tables, each on a multiple of four)."""
    box = _box()
    extent = (0, 0, ADVANCE, CAPITALS)
    tables = {
        b"glyf": box,
        b"head": struct.pack(">4I2H2q4h2H3h", _ONE, _ONE, 0, _MAGIC, 0, _UNITS_PER_EM, 0, 0, *extent, 0, 8, 2, 0, 0),
        b"hhea": struct.pack(">I3hH11hH", _ONE, CAPITALS, 0, 0, ADVANCE, 0, 0, ADVANCE, 1, *[0] * 7, 1),
        b"hmtx": struct.pack(">Hhh", ADVANCE, 0, 0),
        b"loca": struct.pack(">3H", 0, 0, len(box) // 2),
        b"maxp": struct.pack(">I14H", _ONE, _GLYPHS, 4, 1, 0, 0, 2, *[0] * 8),
    }
    start = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64), b""
    for tag, table in tables.items():
        padded = table.ljust(-(-len(table) // 4) * 4, b"\x00")
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, checksum, start + len(body), len(table))
        body += padded
    return directory + body


def _box() -> bytes:
    """Return the outline of glyph 1: one contour of four points on the curve; each corner as a step from the last."""
    head = struct.pack(">5h", 1, 0, 0, ADVANCE, CAPITALS)
    steps = struct.pack(">4h4h", 0, 0, ADVANCE, 0, 0, CAPITALS, 0, -CAPITALS)
    return (head + struct.pack(">2H4B", 3, 0, 1, 1, 1, 1) + steps).ljust(36, b"\x00")
