"""Opens a PDF for drawing and for reading its text, mending its structure once where that helps.

Before: `media` says it is a PDF. After: `pdf_page`, `text_layer` and `document` work on the open document. PDFium is
not thread-safe and is used by one process at a time.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf
import pypdfium2
from pypdfium2 import raw

from ocr.errors import DamagedDocument, EncryptedDocument, NoSuchPage

_END_WITHIN = 1024


@contextmanager
def opened_pdf(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF; form fields are drawn as a viewer would, scripts never run.

    Raises:
        DamagedDocument: neither PDFium nor, as a second opinion, qpdf can make sense of it.
        EncryptedDocument: it needs a password.
    """
    document = _open(path)
    try:
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()
        yield document
    finally:
        document.close()


@contextmanager
def opened_page(path: Path, number: int) -> Iterator[pypdfium2.PdfPage]:
    """Open one page, counted from 1.

    Raises:
        DamagedDocument: the document or the page cannot be loaded.
        EncryptedDocument: it needs a password.
        NoSuchPage: it has fewer pages.
    """
    with opened_pdf(path) as document:
        if not 1 <= number <= len(document):
            raise NoSuchPage(number)
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise DamagedDocument(f"page {number} cannot be loaded") from error
        try:
            yield page
        finally:
            page.close()


def is_cut_short(path: Path) -> bool:
    """Say whether the end of the file is missing; PDFium and qpdf open such a file without a word, pages empty.

    A PDF ends with the marker %%EOF, which viewers look for in its last 1024 bytes (ISO 32000-1, annex H, note 18).
    """
    with path.open("rb") as file:
        file.seek(0, io.SEEK_END)
        file.seek(max(file.tell() - _END_WITHIN, 0))
        return b"%%EOF" not in file.read()


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise EncryptedDocument from error
    try:
        return pypdfium2.PdfDocument(_mended(path))
    except pypdfium2.PdfiumError as error:
        raise DamagedDocument("the PDF cannot be opened") from error


def _mended(path: Path) -> bytes:
    """Return the PDF with its structure rebuilt by qpdf, its streams as they are."""
    mended = io.BytesIO()
    with broken_pdfs_named("the PDF cannot be opened"), pikepdf.open(path) as pdf:
        pdf.save(mended, compress_streams=False)
    return mended.getvalue()


@contextmanager
def broken_pdfs_named(what: str) -> Iterator[None]:
    """Turn what pikepdf raises on broken files into errors of this package; to be put around work on a file received.

    Raises:
        DamagedDocument: with `what` as the reason.
        EncryptedDocument: the file needs a password.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pikepdf.exceptions.PageCopyWarning)  # about form fields that hang loose
            yield
    except pikepdf.PasswordError as error:
        raise EncryptedDocument from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise DamagedDocument(what) from error
