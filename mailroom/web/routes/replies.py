"""Answering a case by a template: what it says, what is missing in it, and on its way."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from mailroom.desk.acting import Refused, refuse_unless
from mailroom.desk.case_page import open_case_page
from mailroom.desk.correcting import correct
from mailroom.desk.drafting import Answer, draft_reply
from mailroom.desk.replying import send_reply, take_back_reply
from mailroom.desk.signing_in import Person
from mailroom.services import Services
from mailroom.web.forms import day_in, way_back
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import Answerer, Mender, ServicesOf

router = APIRouter(prefix="/cases/{item}/reply")
Typed = Annotated[str, Form()]
_FILLED = "fill-"
"""What the names of fields begin with that go into the text."""


@router.get("")
def ask_for_reply(
    request: Request, item: str, person: Answerer, services: ServicesOf, template: str = "", back: str = ""
) -> Response:
    """Ask by which template the case is answered, and what goes into it."""
    if not template:
        found = open_case_page(item, person.viewer, services)
        return page(request, "cases/templates.html", case=found, back=way_back(back, ""))
    return _show(request, item, Answer(template), person, services, back=back)


@router.post("")
async def reply(request: Request, item: str, person: Answerer, services: ServicesOf) -> Response:
    """Show the reply with what was filled in, or send it."""
    form = await request.form()
    return await run_in_threadpool(_reply, request, item, form, person, services)


@router.post("/take-back")
def take_back(item: str, person: Answerer, services: ServicesOf, back: Typed = "") -> Response:
    """Take back the reply that has not gone out."""
    done = take_back_reply(item, person.viewer, services)
    return go_to(way_back(back, f"/cases/{item}"), done.sentence)


@router.post("/address")
def put_address(
    request: Request,
    item: str,
    person: Mender,
    services: ServicesOf,
    template: Typed = "",
    name: Typed = "",
    address: Typed = "",
    postcode: Typed = "",
    back: Typed = "",
) -> Response:
    """Put in the sender's postal address, which stands in the letter, and go on with the reply."""
    lines = ", ".join(line.strip(" ,") for line in address.splitlines() if line.strip(" ,"))
    typed = {"sender_name": name, "sender_address": lines, "sender_postcode": postcode}
    try:
        for field, value in typed.items():
            refuse_unless(bool(value.strip()), "Fill in name, address and postcode.")
            correct(item, field, value, person.viewer, services)
    except Refused as fault:
        facts = {"fault": str(fault), "typed_address": {"name": name, "address": address, "postcode": postcode}}
        return _show(request, item, Answer(template), person, services, status=409, back=back, **facts)
    return go_to(f"/cases/{item}/reply?{urlencode({'template': template, 'back': back})}", "The address is put in.")


def _reply(request: Request, item: str, form: FormData, person: Person, services: Services) -> Response:
    back, answer = str(form.get("back", "")), Answer(str(form.get("template", "")))
    try:
        answer = _answer(form)
        if form.get("do") != "send":
            return _show(request, item, answer, person, services, back=back, shown_again=True)
        number = str(form.get("number", ""))
        expected = int(number) if number.isdigit() else None
        done = send_reply(item, answer, person.viewer, services, expected_number=expected)
    except Refused as fault:
        return _show(request, item, answer, person, services, status=409, fault=str(fault), back=back)
    return go_to(way_back(back, f"/cases/{item}"), done.sentence)


def _show(
    request: Request,
    item: str,
    answer: Answer,
    person: Person,
    services: Services,
    *,
    status: int = 200,
    **facts: Any,  # noqa: ANN401  # what the template shows beside the draft
) -> Response:
    found, draft = open_case_page(item, person.viewer, services), draft_reply(item, answer, person.viewer, services)
    return page(request, "cases/reply.html", status=status, case=found, draft=draft, answer=answer, **facts)


def _answer(form: FormData) -> Answer:
    """Return what the form holds.

    Raises:
        Refused: the promised day is none.
    """
    text = {name: str(value) for name, value in form.items()}
    promised = text.get("promised", "").strip()
    return Answer(
        template=text.get("template", ""),
        filled={name.removeprefix(_FILLED): value for name, value in text.items() if name.startswith(_FILLED)},
        language=text.get("language") or None,
        promised_for=day_in(promised) if promised else None,
        closes="keep_open" not in text,
        outcome=text.get("outcome", "").strip() or None,
    )
