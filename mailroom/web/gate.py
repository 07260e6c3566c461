"""What every request passes before anything reads it, and what every answer carries.

A change asked for by a page of another address is refused, a body that is too large is not read, and every answer says
what a browser may do with it: run our own scripts and no others, frame nothing, keep no page (OWASP secure headers).
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailroom.settings import Web

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

LARGEST_FORM = 1024 * 1024
"""Bytes that a form may have; files come by routes of their own, which stream them."""

FILES = "/upload"
"""Where files come in: whoever takes files in may send more than a form holds, and nobody else may."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_TWO_YEARS = "max-age=63072000"
_log = logging.getLogger(__name__)


class Gate:
    """The outermost layer around the application.

    Args:
        app: what lies behind it.
        web: the settings of the pages.
        saw_page: is told the route's pattern and the seconds of every answer.
        answer_fault: makes the answer where the application failed.
        turn_away: makes the answer to what is not let in, of its status and a sentence.
        may_send_files: says whether whoever asks takes files in.
    """

    def __init__(
        self,
        app: ASGIApp,
        web: Web,
        saw_page: Callable[[str, float], None],
        answer_fault: Callable[[Scope], ASGIApp],
        turn_away: Callable[[Scope, HTTPStatus, str], ASGIApp],
        may_send_files: Callable[[Scope], Awaitable[bool]],
    ) -> None:
        self._app, self._saw_page = app, saw_page
        self._answer_fault, self._turn_away = answer_fault, turn_away
        self._may_send_files = may_send_files
        self._address = web.address
        self._headers = dict(_ALWAYS)
        if urlsplit(web.address).scheme == "https":
            self._headers["Strict-Transport-Security"] = _TWO_YEARS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add_headers(MutableHeaders(scope=message))
            await send(message)

        at = time.monotonic()
        try:
            await (await self._refusal(scope) or self._app)(scope, receive, send_with_headers)
        except Exception:  # whatever it was, the reader gets a page, and one with the headers
            route = getattr(scope.get("route"), "path", "-")
            _log.exception("page failed", extra={"route": route})
            if begun:
                raise
            await self._answer_fault(scope)(scope, receive, send_with_headers)
        finally:
            self._saw_page(getattr(scope.get("route"), "path", "-"), time.monotonic() - at)

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name, value in self._headers.items():
            headers.setdefault(name, value)

    async def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE and not self._is_ours(headers):
            sentence = f"This came from another address than {self._address}, so it was not done. Open that address."
            return self._turn_away(scope, HTTPStatus.FORBIDDEN, sentence)
        if _is_large(headers) and not (scope["path"] == FILES and await self._may_send_files(scope)):
            sentence = "That is more than a form can hold. Nothing was done: go back, and what you typed is there."
            return self._turn_away(scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Whether a change was asked for by a page of ours: browsers say so themselves, and cannot be made to lie."""
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        return origin is None or secrets.compare_digest(origin.encode(), self._address.encode())


def _is_large(headers: Headers) -> bool:
    """Whether a body is larger than a form may be, or does not say how large it is."""
    length = headers.get("content-length", "0")
    return not length.isdigit() or int(length) > LARGEST_FORM or "transfer-encoding" in headers
