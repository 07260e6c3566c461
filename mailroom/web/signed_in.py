"""The door of every route: who is behind the request, whether the task is theirs, and whether a form is one of ours.

A route names its task by the type of its person, for instance `person: Settler`; a test holds every route to that.
"""

from __future__ import annotations

import secrets
from typing import Annotated, cast

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Scope

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.desk.signing_in import Person, person_of
from mailroom.domain.access import Task, may_do
from mailroom.domain.errors import MailroomError
from mailroom.services import Services
from mailroom.settings import Web
from mailroom.web.gate import SAFE

CSRF = "csrf"
"""Name of the hidden field with the sitting's secret; scripts send it as the header X-CSRF-Token."""

CHOOSE_PASSWORD = "/password"  # noqa: S105  # an address
SIGN_OUT = "/sign-out"


class NotSignedIn(MailroomError):
    """Nobody is behind this request, or their sitting has ended."""


class MustChoosePassword(MailroomError):
    """They came in with a password for once and have not chosen their own yet."""


class NotOurForm(MailroomError):
    """The form does not carry the secret of this sitting."""


def services_of(request: Request) -> Services:
    """Return the bundle that use cases want."""
    return cast("Services", request.app.state.services)


ServicesOf = Annotated[Services, Depends(services_of)]


class Doing:
    """What a route depends on: a person who does this task, None where it is enough to be signed in.

    Args:
        task: a line of the table in `domain/access.py`.
    """

    def __init__(self, task: Task | None) -> None:
        self.task = task

    async def __call__(self, request: Request) -> Person:
        """Return the person.

        Raises:
            NotSignedIn: nobody is signed in.
            MustChoosePassword: they must choose a password first.
            Refused: the task is not theirs.
            NotOurForm: something is to be changed by a form that we did not make for them.
        """
        services = services_of(request)
        person = await run_in_threadpool(person_of, token_of(request), services)
        if person is None:
            raise NotSignedIn("Sign in first.")
        request.state.person = person
        if person.password_for_once and request.url.path not in (CHOOSE_PASSWORD, SIGN_OUT):
            raise MustChoosePassword("Choose a password of your own first.")
        if self.task is not None:
            refuse_unless_theirs_to_do(person.viewer, self.task)
        if request.method not in SAFE:
            await _refuse_unless_ours(request, person)
        return person


Anyone = Annotated[Person, Depends(Doing(None))]
Looker = Annotated[Person, Depends(Doing(Task.LOOK))]
Taker = Annotated[Person, Depends(Doing(Task.TAKE_IN))]
Settler = Annotated[Person, Depends(Doing(Task.SETTLE))]
Mender = Annotated[Person, Depends(Doing(Task.MEND))]
Answerer = Annotated[Person, Depends(Doing(Task.ANSWER))]
Prover = Annotated[Person, Depends(Doing(Task.PROVE))]
Teller = Annotated[Person, Depends(Doing(Task.COUNT))]
Measurer = Annotated[Person, Depends(Doing(Task.MEASURE))]
Administrator = Annotated[Person, Depends(Doing(Task.ADMINISTER))]


async def may_send_files(scope: Scope) -> bool:
    """Return whether whoever asks takes files in: before that is known nothing large is read."""
    request = Request(scope)
    person = await run_in_threadpool(person_of, token_of(request), services_of(request))
    return person is not None and may_do(person.viewer, Task.TAKE_IN)


def token_of(request: Request) -> str:
    """Return the token that the browser holds, empty where it holds none."""
    return request.cookies.get(cookie_name(services_of(request).settings.web), "")


def keep_token(response: Response, token: str, web: Web) -> None:
    """Have the browser hold the token of a new sitting: never readable for scripts, gone when the browser closes."""
    response.set_cookie(
        cookie_name(web), token, secure=is_secure(web), httponly=True, samesite="lax", path="/", max_age=None
    )


def drop_token(response: Response, web: Web) -> None:
    """Have the browser forget its token."""
    response.delete_cookie(cookie_name(web), secure=is_secure(web), httponly=True, samesite="lax", path="/")


def is_secure(web: Web) -> bool:
    """Return whether the pages are reached over TLS."""
    return web.address.startswith("https:")


def cookie_name(web: Web) -> str:
    """Return the cookie's name; over TLS with the prefix by which a browser lets nobody else set it (RFC 6265bis)."""
    return "__Host-mailroom" if is_secure(web) else "mailroom"


async def _refuse_unless_ours(request: Request, person: Person) -> None:
    sent = request.headers.get("x-csrf-token")
    if sent is None:
        sent = str((await request.form()).get(CSRF, ""))
    if not secrets.compare_digest(sent.encode(), person.csrf.encode()):
        raise NotOurForm("This page is from an earlier sitting. Load it again, and nothing you see will be lost.")
