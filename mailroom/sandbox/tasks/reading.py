"""What the tasks that read pages share: the mailroom's limits on the way into `ocr`, its errors on the way out.

Before: a task calls `ocr`. After: the stage gets a `TaskRefused` with the workshop's sentence and the mailroom's cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from ocr import errors
from ocr.limits import PageLimits

_CAUSES: tuple[tuple[type[errors.ReadingError], Cause], ...] = (
    (errors.EncryptedDocument, Cause.ENCRYPTED),
    (errors.DamagedDocument, Cause.DAMAGED),
    (errors.UnsupportedFormat, Cause.UNKNOWN_FORMAT),
    (errors.PageTooLarge, Cause.TOO_LARGE),
    (errors.TooManyPages, Cause.TOO_LARGE),
    (errors.NoSuchPage, Cause.INCOMPLETE),
)


@contextmanager
def refused_in_words() -> Iterator[None]:
    """Turn an error about the document into a refusal; one about the installation passes.

    Raises:
        TaskRefused: the document cannot be read, and the sentence says why.
    """
    try:
        yield
    except errors.ReadingError as error:
        for kind, cause in _CAUSES:
            if isinstance(error, kind):
                raise TaskRefused(cause, str(error)) from error
        raise


def page_limits(arguments: Mapping[str, Any]) -> PageLimits:
    """Return the limits on a document: `most_pages` and `most_pixels` of the arguments, or the usual ones."""
    usual = PageLimits()
    return PageLimits(
        max_pages=arguments.get("most_pages", usual.max_pages),
        max_pixels=arguments.get("most_pixels", usual.max_pixels),
    )
