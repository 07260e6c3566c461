"""Styles, scripts and pictures of the pages: kept for good under an address that changes with them."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_NOW = "public, max-age=60"


class VersionedFiles(StaticFiles):
    """The files of `static/`; one asked for with its version may be kept."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, with how long it may be kept."""
        response = await super().get_response(path, scope)
        asked = f"/static/{path}?{scope['query_string'].decode('latin-1')}"
        same = response.status_code == HTTPStatus.OK and asked == static_address(path)
        response.headers["Cache-Control"] = _FOR_GOOD if same else _FOR_NOW
        return response


@cache
def static_address(name: str) -> str:
    """Return the address of a file of `static/`, with the version that its content gives it."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
