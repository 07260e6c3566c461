"""WeasyPrint, where the libraries are that it needs of the system (Pango): a harmless page of HTML as a PDF.

Before: `draw_message` has made the page. After: it takes pictures of the PDF. The only addresses that are ever looked
up are those that the caller has something for; the warm parent loads all this once.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from PIL import ImageFile

try:
    from weasyprint import HTML
    from weasyprint.urls import URLFetcherResponse
except OSError:  # the package is there, and a library of the system that it needs is not
    HTML = None

ImageFile.LOAD_TRUNCATED_IMAGES = False
"""WeasyPrint sets it as it is loaded, for the whole process, in which cut pictures would then pass for whole ones."""

MADE_BY = f"WeasyPrint {version('weasyprint')}"
READY = HTML is not None

Give = Callable[[str], tuple[bytes, str]]
"""`give(address) -> content, media type`; raises `ValueError` where there is nothing for it."""


class _Given:
    """Answers WeasyPrint in place of its own fetcher, which would ask the network and the disk."""

    _fail_on_errors = False  # what is not there is left out, and the rest is drawn

    def __init__(self, give: Give) -> None:
        self._give = give

    def __call__(self, address: str) -> URLFetcherResponse:
        content, media_type = self._give(address)
        return URLFetcherResponse(address, content, {"Content-Type": media_type})


def draw_pdf(page: str, give: Give, target: Path) -> None:
    """Write the page as a PDF; a picture that ends early is drawn as far as it goes.

    Raises:
        RecursionError: its elements lie too deep within one another.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        HTML(string=page, url_fetcher=_Given(give)).write_pdf(target, presentational_hints=True)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
