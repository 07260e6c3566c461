"""Kinds of file by their first bytes: a table to add a line to, and nothing else.

Before: `identify` has read the head of a file. After: it has a media type and words for a clerk. Sources: the published
format of each kind; media types as registered with IANA where they are.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type and what a clerk calls it (`a Word document`)."""

    media_type: str
    words: str


PDF = Kind("application/pdf", "a PDF document")
TIFF = Kind("image/tiff", "a TIFF image")
JPEG = Kind("image/jpeg", "a JPEG photograph")
PNG = Kind("image/png", "a PNG image")
TEXT = Kind("text/plain", "a plain text")
MESSAGE = Kind("message/rfc822", "an e-mail")
EMPTY = Kind("application/x-empty", "an empty file")
UNKNOWN = Kind("application/octet-stream", "a file of unknown kind")
ZIP = Kind("application/zip", "a ZIP archive")
OLE = Kind("application/x-ole-storage", "an old Office document")
HTML = Kind("text/html", "a web page")
CALENDAR = Kind("text/calendar", "a calendar entry")
RTF = Kind("application/rtf", "an RTF document")
WORD = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a Word document")
EXCEL = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "an Excel workbook")
SLIDES = Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", "a PowerPoint presentation")
OPEN_TEXT = Kind("application/vnd.oasis.opendocument.text", "an OpenDocument text")
OPEN_SHEET = Kind("application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet")
OPEN_SLIDES = Kind("application/vnd.oasis.opendocument.presentation", "an OpenDocument presentation")
OLD_WORD = Kind("application/msword", "a Word document of the old kind (.doc)")
OLD_EXCEL = Kind("application/vnd.ms-excel", "an Excel workbook of the old kind (.xls)")
OLD_SLIDES = Kind("application/vnd.ms-powerpoint", "a PowerPoint presentation of the old kind (.ppt)")
OUTLOOK = Kind("application/vnd.ms-outlook", "an Outlook message")
WINMAIL = Kind("application/vnd.ms-tnef", "an Outlook attachment (winmail.dat)")
LOCKED_OFFICE = Kind("application/x-encrypted-office", "an Office document locked with a password")
LOCKED_PGP = Kind("application/pgp-encrypted", "a file encrypted with PGP")
LOCKED_SMIME = Kind("application/pkcs7-mime", "a file encrypted with a certificate (S/MIME)")

PAGED = frozenset(kind.media_type for kind in (PDF, TIFF, JPEG, PNG))
"""Media types that are read page by page."""

WRITTEN = frozenset(
    kind.media_type
    for kind in (TEXT, HTML, CALENDAR, RTF, WORD, EXCEL, OLD_EXCEL, SLIDES, OPEN_TEXT, OPEN_SHEET, OPEN_SLIDES)
)
"""Media types of which the words are read; no page is shown but where it is printed."""

PRINTED = frozenset(kind.media_type for kind in (RTF, WORD, OLD_WORD, SLIDES, OLD_SLIDES, OPEN_TEXT, OPEN_SLIDES))
"""Media types that LibreOffice prints, where there is one, so that pages are shown; the old kinds are read so alone."""

MESSAGES = frozenset(kind.media_type for kind in (MESSAGE, OUTLOOK, WINMAIL))
"""Media types that have a head, a text and attachments."""

READABLE = PAGED | WRITTEN | MESSAGES
"""Media types that the mailroom reads; everything else goes to a person."""

WRAPPINGS = frozenset(kind.media_type for kind in (ZIP, WINMAIL))
"""Media types that, attached to a mail, are nothing to read themselves: they stand for what they hold."""

LOCKED = frozenset(kind.media_type for kind in (LOCKED_OFFICE, LOCKED_PGP, LOCKED_SMIME))
"""Media types that nobody can open without a password or key."""

SIGNATURES: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"%PDF-", PDF),
    (0, b"II*\0", TIFF),
    (0, b"MM\0*", TIFF),
    (0, b"II+\0", TIFF),
    (0, b"MM\0+", TIFF),
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (0, b"{\\rtf", RTF),
    (0, b"%!PS", Kind("application/postscript", "a PostScript document")),
    (0, b"\xc5\xd0\xd3\xc6", Kind("application/postscript", "a PostScript document")),
    (0, b"GIF87a", Kind("image/gif", "a GIF image")),
    (0, b"GIF89a", Kind("image/gif", "a GIF image")),
    (0, b"BM", Kind("image/bmp", "a BMP image")),
    (8, b"WEBP", Kind("image/webp", "a WebP image")),
    (4, b"ftypheic", Kind("image/heic", "a HEIC photograph (from a telephone)")),
    (4, b"ftypheix", Kind("image/heic", "a HEIC photograph (from a telephone)")),
    (4, b"ftypmif1", Kind("image/heif", "a HEIF photograph (from a telephone)")),
    (4, b"ftypavif", Kind("image/avif", "an AVIF image")),
    (4, b"jP  \r\n\x87\n", Kind("image/jp2", "a JPEG 2000 image")),
    (0, b"\xff\x4f\xff\x51", Kind("image/jp2", "a JPEG 2000 image")),
    (0, b"8BPS", Kind("image/vnd.adobe.photoshop", "a Photoshop image")),
    (0, b"AT&TFORM", Kind("image/vnd.djvu", "a DjVu document")),
    (4, b"ftyp", Kind("video/mp4", "a video or sound recording")),
    (8, b"AVI ", Kind("video/x-msvideo", "a video")),
    (0, b"\x1aE\xdf\xa3", Kind("video/x-matroska", "a video")),
    (8, b"WAVE", Kind("audio/wav", "a sound recording")),
    (0, b"ID3", Kind("audio/mpeg", "a sound recording")),
    (0, b"OggS", Kind("audio/ogg", "a sound recording")),
    (0, b"fLaC", Kind("audio/flac", "a sound recording")),
    (0, b"#!AMR", Kind("audio/amr", "a sound recording")),
    (0, b"7z\xbc\xaf\x27\x1c", Kind("application/x-7z-compressed", "a 7-Zip archive")),
    (0, b"Rar!\x1a\x07", Kind("application/vnd.rar", "a RAR archive")),
    (0, b"\x1f\x8b\x08", Kind("application/gzip", "a gzip archive")),
    (0, b"\x1f\x9d", Kind("application/x-compress", "a compressed file")),
    (0, b"BZh", Kind("application/x-bzip2", "a bzip2 archive")),
    (0, b"\xfd7zXZ\0", Kind("application/x-xz", "an xz archive")),
    (257, b"ustar", Kind("application/x-tar", "a tar archive")),
    (0, b"MZ", Kind("application/vnd.microsoft.portable-executable", "a program")),
    (0, b"\x7fELF", Kind("application/x-executable", "a program")),
    (0, b"\x78\x9f\x3e\x22", WINMAIL),
    (0, b"-----BEGIN PGP MESSAGE", LOCKED_PGP),
    (0, b"-----BEGIN PGP", Kind("application/pgp-keys", "a PGP key or signature")),
    (0, b"<?xml", Kind("application/xml", "an XML file")),
    (0, b"<svg", Kind("image/svg+xml", "an SVG drawing")),
    (0, b"%FDF-", Kind("application/vnd.fdf", "the data of a PDF form")),
)
"""(offset, bytes, kind); the first that fits wins."""

MADE_BY_OFFICE = b"[Content_Types].xml"
"""The member that every document of Microsoft Office has, and an archive with a folder of the same name has not."""

OFFICE_CONTENTS: tuple[tuple[bytes, Kind], ...] = ((b"word/", WORD), (b"xl/", EXCEL), (b"ppt/", SLIDES))
"""Names of members that tell one document of Microsoft Office from another."""

ZIP_CONTENTS: tuple[tuple[bytes, Kind], ...] = (
    (b"mimetypeapplication/vnd.oasis.opendocument.text", OPEN_TEXT),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", OPEN_SHEET),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentation", OPEN_SLIDES),
    (b"mimetypeapplication/epub+zip", Kind("application/epub+zip", "an e-book")),
    (b"Index/Document.iwa", Kind("application/vnd.apple.pages", "an Apple Pages document")),
)
"""Names of members, as they stand in the local headers, that tell a document of another kind from a ZIP archive."""

OLE_CONTENTS: tuple[tuple[str, Kind], ...] = (
    ("EncryptedPackage", LOCKED_OFFICE),
    ("__properties_version1.0", OUTLOOK),
    ("WordDocument", OLD_WORD),
    ("Workbook", OLD_EXCEL),
    ("Book", OLD_EXCEL),
    ("PowerPoint Document", OLD_SLIDES),
    ("VisioDocument", Kind("application/vnd.visio", "a Visio drawing")),
)
"""Names in the uppermost folder of an OLE2 file, which holds them as UTF-16."""

SMIME: tuple[tuple[bytes, Kind], ...] = (
    (bytes.fromhex("06092a864886f70d010703"), LOCKED_SMIME),
    (bytes.fromhex("06092a864886f70d010702"), Kind("application/pkcs7-signed", "a sealed message (S/MIME)")),
)
"""The object identifiers that begin what S/MIME encrypts and what it seals (RFC 5652 sections 5 and 6)."""
