"""Why a document or a page could not be read, each with a sentence that a clerk can act on.

Raised by every module of this package; the mailroom turns them into an exception case or a setting to mend.
"""

from __future__ import annotations

from pathlib import Path


class ReadingError(Exception):
    """Base of all errors of this package; `str(error)` is the sentence for people."""


class EncryptedDocument(ReadingError):
    """The file opens only with a password."""

    def __init__(self) -> None:
        super().__init__("This document is locked with a password. Ask the sender for a copy without one.")


class DamagedDocument(ReadingError):
    """The file, or the page asked for, cannot be decoded."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This document is damaged and cannot be read: {what}. Ask the sender to send it again.")


class UnsupportedFormat(ReadingError):
    """The bytes are none of PDF, TIFF, JPEG and PNG."""

    def __init__(self) -> None:
        super().__init__("This file is not a PDF, TIFF, JPEG or PNG, so its pages cannot be shown or read here.")


class PageTooLarge(ReadingError):
    """The page claims more pixels, or a larger sheet, than is safe to decode."""

    def __init__(self, number: int, claim: str) -> None:
        super().__init__(f"Page {number} is too large to be opened safely ({claim}). Have it looked at by hand.")


class TooManyPages(ReadingError):
    """The document claims more pages than are read."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"This document has more than {limit} pages. Split it, or have it looked at by hand.")


class NoSuchPage(ReadingError):
    """A page number beyond the end of the document was asked for."""

    def __init__(self, number: int) -> None:
        super().__init__(f"This document has no page {number}.")


class EngineMissing(ReadingError):
    """The program or library that reads pages is not installed."""


class MissingLanguage(EngineMissing):
    """A language is asked for whose model is not installed."""

    def __init__(self, languages: list[str], looked_in: list[Path]) -> None:
        packages = " ".join("tesseract-ocr-" + language.replace("_", "-") for language in languages)
        places = ", ".join(str(place) for place in looked_in)
        super().__init__(
            f"No Tesseract model for {', '.join(languages)} (looked in {places}). Install it (Debian, Ubuntu: "
            f"apt-get install {packages}) or name the folder of the models in the settings."
        )
