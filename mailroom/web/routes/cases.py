"""A case: its documents beside its story, and what a team does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from mailroom.desk import back_office as desk
from mailroom.desk.acting import Done, Refused
from mailroom.desk.case_page import open_case_page
from mailroom.desk.drawing import drawn_message, sheet_shown
from mailroom.desk.message_shown import formatted_message
from mailroom.desk.minding import bring_forward as bring_case_forward
from mailroom.desk.minding import write_note
from mailroom.desk.page_content import picture_of_page, words_of_page
from mailroom.desk.returning import places_to_name, return_item
from mailroom.desk.signing_in import Person
from mailroom.domain.access import Role
from mailroom.domain.sla import local_date
from mailroom.services import Services
from mailroom.web.forms import day_in, way_back
from mailroom.web.rendering import a_picture, go_to, in_a_frame, page
from mailroom.web.signed_in import Answerer, Looker, ServicesOf

router = APIRouter(prefix="/cases")
Typed = Annotated[str, Form()]

_STRETCH = 200_000
"""Characters of a text that a page of its own shows at once: a browser has them in a blink."""


@router.get("/{item}")
def show_case(request: Request, item: str, person: Looker, services: ServicesOf) -> Response:
    """Show a case."""
    return _show(request, item, person, services)


@router.get("/{item}/pages/{place}")
def show_picture(item: str, place: int, person: Looker, services: ServicesOf) -> Response:
    """Return the picture of one page."""
    return a_picture(picture_of_page(item, place, person.viewer, services))


@router.get("/{item}/pages/{place}/text")
def show_text(
    request: Request,
    item: str,
    place: int,
    person: Looker,
    services: ServicesOf,
    start: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show a page's text that is too long for the case's own page, or one of many, a long stretch at a time."""
    text = words_of_page(item, place, person.viewer, services, start, most=_STRETCH)
    return page(request, "cases/text.html", item=item, text=text, stretch=_STRETCH)


@router.get("/{item}/pages/{place}/formatted")
def show_formatted(item: str, place: int, person: Looker, services: ServicesOf) -> Response:
    """Return a message of the case as it was formatted, for a frame in which nothing runs, loads or leads away."""
    return in_a_frame(formatted_message(item, place, person.viewer, services))


@router.get("/{item}/pages/{place}/drawing")
def show_drawing(request: Request, item: str, place: int, person: Looker, services: ServicesOf) -> Response:
    """Show a message of the case as it was meant to be seen."""
    drawing = drawn_message(item, place, person.viewer, services)
    return page(request, "cases/drawing.html", item=item, place=place, drawing=drawing)


@router.get("/{item}/pages/{place}/drawing/{number}")
def show_sheet(item: str, place: int, number: int, person: Looker, services: ServicesOf) -> Response:
    """Return the picture of one sheet of a drawing."""
    return a_picture(sheet_shown(item, place, number, person.viewer, services))


@router.post("/{item}/accept")
def accept(request: Request, item: str, person: Answerer, services: ServicesOf, back: Typed = "") -> Response:
    """Take the case on; whoever works in the team has it then."""
    officer = person.viewer.name if Role.BACK_OFFICE in person.viewer.roles else None
    act = _Act(request, item, person, services, "accept", {})
    return act.go(lambda: desk.accept(item, person.viewer, services, officer=officer), back)


@router.post("/{item}/allocate")
def allocate(
    request: Request, item: str, person: Answerer, services: ServicesOf, officer: Typed = "", back: Typed = ""
) -> Response:
    """Give the case to an officer."""
    act = _Act(request, item, person, services, "allocate", {"officer": officer})
    return act.go(lambda: desk.allocate(item, officer.strip(), person.viewer, services), back)


@router.post("/{item}/note")
def note(
    request: Request, item: str, person: Answerer, services: ServicesOf, text: Typed = "", back: Typed = ""
) -> Response:
    """Note something on the case."""
    act = _Act(request, item, person, services, "note", {"text": text})
    return act.go(lambda: write_note(item, text, person.viewer, services), back)


@router.post("/{item}/bring-forward")
def bring_forward(
    request: Request,
    item: str,
    person: Answerer,
    services: ServicesOf,
    day: Typed = "",
    why: Typed = "",
    back: Typed = "",
) -> Response:
    """Put the case out of sight until a day; with an empty one, bring it back."""
    act = _Act(request, item, person, services, "bring-forward", {"day": day, "why": why})
    return act.go(lambda: bring_case_forward(item, day_in(day) if day else None, why, person.viewer, services), back)


@router.post("/{item}/return")
def give_back(
    request: Request,
    item: str,
    person: Answerer,
    services: ServicesOf,
    reason: Typed = "",
    words: Typed = "",
    belongs_to: Typed = "",
    back: Typed = "",
) -> Response:
    """Return the item to the post room."""
    act = _Act(request, item, person, services, "return", {"reason": reason, "words": words, "belongs_to": belongs_to})
    why, more = (reason, words) if reason else (words, "")
    place = belongs_to.strip() or None
    return act.go(lambda: return_item(item, why, person.viewer, services, words=more, belongs_to=place), back)


@router.post("/{item}/close")
def close(
    request: Request,
    item: str,
    person: Answerer,
    services: ServicesOf,
    outcome: Typed = "",
    other: Typed = "",
    day: Typed = "",
    back: Typed = "",
) -> Response:
    """Close the case with its outcome."""
    act = _Act(request, item, person, services, "close", {"outcome": outcome, "other": other, "day": day})
    chosen = other.strip() or outcome
    return act.go(lambda: desk.close_on(item, chosen, _day_or_today(day, services), person.viewer, services), back)


@dataclass(frozen=True, slots=True)
class _Act:
    """What somebody asked for by one of the forms on the page.

    Attributes:
        request: theirs.
        item: reference or id.
        person: who asks.
        services: the bundle.
        form: name of the form.
        typed: what stands in it.
    """

    request: Request
    item: str
    person: Person
    services: Services
    form: str
    typed: Mapping[str, str]

    def go(self, act: Callable[[], Done], back: str) -> Response:
        """Do it and go on; where it is refused, show the page again with the sentence and what was typed."""
        try:
            done = act()
        except Refused as fault:
            facts = {"fault": str(fault), "opened": self.form, "typed": self.typed}
            return _show(self.request, self.item, self.person, self.services, status=409, **facts)
        return go_to(way_back(back, f"/cases/{self.item}"), done.sentence)


def _show(
    request: Request,
    item: str,
    person: Person,
    services: Services,
    *,
    status: int = 200,
    **facts: Any,  # noqa: ANN401  # what the template shows beside the case
) -> Response:
    found = open_case_page(item, person.viewer, services)
    today, places = local_date(services.now()), places_to_name(services)
    return page(request, "cases/case.html", status=status, case=found, today=today, places=places, **facts)


def _day_or_today(text: str, services: Services) -> date:
    return day_in(text) if text.strip() else local_date(services.now())
