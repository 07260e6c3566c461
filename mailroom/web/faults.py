"""Answers to what goes wrong: a page, or a line of JSON for scripts, that says what happened and what to do.

A page left open overnight loses nothing: what a form carried is kept on the sign-in page and sent on afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, PurposeNeeded
from mailroom.desk.keeping import keep_for_provider
from mailroom.desk.signing_in import owner_of
from mailroom.domain.access import may_do
from mailroom.domain.errors import CustodyBreach, MailroomError, NeedsPerson
from mailroom.web.gate import SAFE
from mailroom.web.kept_form import keep, may_be_kept
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import (
    CHOOSE_PASSWORD,
    Doing,
    MustChoosePassword,
    NotOurForm,
    NotSignedIn,
    services_of,
    token_of,
)

_log = logging.getLogger(__name__)

Handler = Callable[[Request, Exception], Awaitable[Response]]

_STATUS: dict[type[Exception], HTTPStatus] = {
    NotThere: HTTPStatus.NOT_FOUND,
    NotOurForm: HTTPStatus.FORBIDDEN,
    Refused: HTTPStatus.CONFLICT,
    NeedsPerson: HTTPStatus.CONFLICT,
    CustodyBreach: HTTPStatus.INTERNAL_SERVER_ERROR,
    MailroomError: HTTPStatus.SERVICE_UNAVAILABLE,
}
TITLES = {
    HTTPStatus.NOT_FOUND: "This page is not there",
    HTTPStatus.FORBIDDEN: "This is not yours to do",
    HTTPStatus.CONFLICT: "This was not done",
    HTTPStatus.BAD_REQUEST: "Something is missing",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not now",
}
OTHERWISE = "Something went wrong"
"""The titles of the pages, in English; the template translates them."""

_NO_PAGE = "Check the address. If you came by a link, the item may have been moved or is not yours to see."
_AWAY = (
    "The records cannot be reached just now. Go back and try again in a minute: what you entered is still there, and "
    "what was saved before is safe."
)
_OUR_FAULT = "It is our fault, and it is on record. Try again; if it happens again, tell the administrator when it was."


def register(app: FastAPI) -> None:
    """Have every fault of the application answered here."""
    app.add_exception_handler(NotSignedIn, _ask_to_sign_in)
    app.add_exception_handler(MustChoosePassword, _ask_for_password)
    app.add_exception_handler(PurposeNeeded, _ask_what_for)
    app.add_exception_handler(MailroomError, _tell)
    for away in (OperationalError, NoConnectionFree):
        app.add_exception_handler(away, _tell_that_records_are_away)
    app.add_exception_handler(RequestValidationError, _tell_what_is_missing)
    app.add_exception_handler(HTTPException, _tell_status)


def our_fault(scope: Scope) -> Response:
    """Return the answer to whatever nobody foresaw; the gate has put it into the log."""
    return _answer(Request(scope), HTTPStatus.INTERNAL_SERVER_ERROR, _OUR_FAULT)


def turned_away(scope: Scope, status: HTTPStatus, sentence: str) -> Response:
    """Return the answer to what the gate did not let in."""
    return _answer(Request(scope), status, sentence, TITLES[HTTPStatus.CONFLICT])


def wants_json(request: Request) -> bool:
    """Return whether a script asks, which says so."""
    return "application/json" in request.headers.get("accept", "")


async def _ask_to_sign_in(request: Request, fault: Exception) -> Response:
    if wants_json(request):
        return JSONResponse({"sentence": str(fault)}, status_code=HTTPStatus.UNAUTHORIZED)
    if request.method in SAFE:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return go_to(f"/sign-in?next={quote(here)}")
    if not may_be_kept(request.url.path):
        return go_to("/sign-in")
    services, token = services_of(request), token_of(request)
    owner = await run_in_threadpool(owner_of, token, services)
    kept = keep(request.url.path, await request.form(), owner or "")
    by_provider = await run_in_threadpool(keep_for_provider, token, kept.path, kept.fields, services)
    back = "/sign-in/kept" if by_provider else "/"
    return page(request, "sign_in/sign_in.html", status=HTTPStatus.UNAUTHORIZED, kept=kept, provider_next=back)


async def _ask_for_password(request: Request, fault: Exception) -> Response:  # noqa: ARG001  # the library's signature
    return go_to(CHOOSE_PASSWORD)


async def _ask_what_for(request: Request, fault: Exception) -> Response:
    if wants_json(request):
        return JSONResponse({"sentence": str(fault)}, status_code=HTTPStatus.CONFLICT)
    return go_to(f"/audit/{fault.item}" if isinstance(fault, PurposeNeeded) else "/")


async def _tell(request: Request, fault: Exception) -> Response:
    status = next(status for kind, status in _STATUS.items() if isinstance(fault, kind))
    if isinstance(fault, Refused) and not _task_is_theirs(request):
        status = HTTPStatus.FORBIDDEN
    return _answer(request, status, str(fault))


async def _tell_that_records_are_away(request: Request, fault: Exception) -> Response:
    _log.warning("the records cannot be reached", extra={"why": type(fault).__name__})
    return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, _AWAY)


async def _tell_what_is_missing(request: Request, fault: Exception) -> Response:
    errors = fault.errors() if isinstance(fault, RequestValidationError) else []
    fields = sorted({str(error["loc"][-1]) for error in errors})
    sentence = f"Fill in or correct: {', '.join(fields)}. Go back, and what you entered is still there."
    return _answer(request, HTTPStatus.BAD_REQUEST, sentence)


async def _tell_status(request: Request, fault: Exception) -> Response:
    status = HTTPStatus(fault.status_code) if isinstance(fault, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    sentence = _NO_PAGE if status is HTTPStatus.NOT_FOUND else status.phrase
    return _answer(request, status, sentence)


def _answer(request: Request, status: HTTPStatus, sentence: str, title: str | None = None) -> Response:
    if wants_json(request):
        return JSONResponse({"sentence": sentence}, status_code=status)
    title = title or TITLES.get(status, OTHERWISE)
    return page(request, "faults/fault.html", status=status, title=title, sentence=sentence)


def _task_is_theirs(request: Request) -> bool:
    """Whether the route's task is the person's: only then a refusal is about this item and this moment."""
    route, person = request.scope.get("route"), getattr(request.state, "person", None)
    dependant = getattr(route, "dependant", None)
    doors = [need.call for need in dependant.dependencies if isinstance(need.call, Doing)] if dependant else []
    return person is None or all(door.task is None or may_do(person.viewer, door.task) for door in doors)
