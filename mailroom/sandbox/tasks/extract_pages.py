"""Task: some pages of a batch as a file of their own, its image streams copied unchanged.

Before: a batch is split. After: the extract is what anyone gets as the original of the item, so it must not hold a byte
of another item's pages: what a page does not draw is left behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
import tifftools

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused

# Keys of a page that lead to other pages or to what is known about the whole document.
_LEADS_AWAY = ("/B", "/StructParents", "/PieceInfo", "/Metadata", "/AA")
_ANNOTATION_LEADS_AWAY = ("/Parent", "/A", "/AA", "/Dest", "/Popup", "/IRT", "/StructParent")


def extract_pages(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Write pages `first` to `last` (from 1, both included) of a PDF or TIFF of `media_type` into the scratch folder.

    The same source and pages give the same bytes each time.

    Returns:
        `file` (its name in the scratch folder) and `pages`.

    Raises:
        TaskRefused: it is locked or damaged, has fewer pages, or is of a kind that is not cut.
    """
    first, last = int(arguments["first"]), int(arguments["last"])
    if not 1 <= first <= last:
        raise ValueError(f"pages {first} to {last} are no range")
    match arguments["media_type"]:
        case "application/pdf":
            target = scratch / "extract.pdf"
            _extract_from_pdf(source, target, first, last)
        case "image/tiff":
            target = scratch / "extract.tif"
            _extract_from_tiff(source, target, first, last)
        case other:
            raise TaskRefused(Cause.UNKNOWN_FORMAT, f"Pages can be taken from a PDF or TIFF only, and this is {other}.")
    return {"file": target.name, "pages": last - first + 1}


def _extract_from_pdf(source: Path, target: Path, first: int, last: int) -> None:
    try:
        with pikepdf.open(source) as whole, pikepdf.new() as part:
            _refuse_beyond(len(whole.pages), last)
            for page in whole.pages[first - 1 : last]:
                _cut_what_leads_away(page)
                part.pages.append(page)
            part.remove_unreferenced_resources()
            part.save(
                target,
                deterministic_id=True,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                compress_streams=False,
            )
    except pikepdf.PasswordError as error:
        sentence = "This document is locked with a password. Ask the sender for a copy without one."
        raise TaskRefused(Cause.ENCRYPTED, sentence) from error
    except pikepdf.PdfError as error:
        raise _damaged() from error


def _cut_what_leads_away(page: pikepdf.Page) -> None:
    for key in _LEADS_AWAY:
        if key in page.obj:
            del page.obj[key]
    annotations = page.obj.get("/Annots")
    if isinstance(annotations, pikepdf.Array):
        for annotation in annotations.as_list():
            if isinstance(annotation, pikepdf.Dictionary):
                _cut_off(annotation)


def _cut_off(annotation: pikepdf.Object) -> None:
    """Leave of an annotation what is seen: a box of a form keeps its look as a stamp and loses its field."""
    for key in _ANNOTATION_LEADS_AWAY:
        if key in annotation:
            del annotation[key]
    if annotation.get("/Subtype") == pikepdf.Name.Widget:
        annotation.Subtype = pikepdf.Name.Stamp


def _extract_from_tiff(source: Path, target: Path, first: int, last: int) -> None:
    try:
        whole = tifftools.read_tiff(source)
        _refuse_beyond(len(whole["ifds"]), last)
        tifftools.write_tiff({**whole, "ifds": whole["ifds"][first - 1 : last]}, target, allowExisting=True)
    except tifftools.TifftoolsError as error:
        raise _damaged() from error


def _refuse_beyond(pages: int, last: int) -> None:
    if pages == 0:
        raise _damaged()
    if last > pages:
        raise TaskRefused(Cause.INCOMPLETE, f"This file has {pages} pages, and page {last} was asked for.")


def _damaged() -> TaskRefused:
    return TaskRefused(Cause.DAMAGED, "This document is damaged and cannot be split. Open the original by hand.")
