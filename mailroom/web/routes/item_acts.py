"""What is done with one item on the bench; each act brings the run that the person had before their eyes.

A script that asks for JSON gets the sentence, the item's run from now on and where the person goes next; a form gets
that page, which says once what was done.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, Response

from mailroom.desk.acting import Done, Refused
from mailroom.desk.adding import add
from mailroom.desk.asking import ask_sender, take_question_back
from mailroom.desk.audit import NotThere
from mailroom.desk.correcting import correct, correct_received
from mailroom.desk.deadlines import if_received
from mailroom.desk.index_values import as_written
from mailroom.desk.item_page import open_item
from mailroom.desk.joining import join
from mailroom.desk.letters import undo_acknowledgement
from mailroom.desk.post_room import mark_sensitive, reroute, retake, settle, settled_as_seen
from mailroom.desk.referring import refer
from mailroom.desk.retrying import retry
from mailroom.desk.signing_in import Person
from mailroom.desk.splitting import split
from mailroom.desk.taking import following, give_back, keep_taken, show_loaded, take_over
from mailroom.desk.undoing import undo_decision
from mailroom.domain.sla import LONDON
from mailroom.services import Services
from mailroom.web.faults import wants_json
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter(prefix="/items/{item}")
NEXT = "/post-room/next"
_NOON = time(12)
Typed = Annotated[str, Form()]
Run = Annotated[int | None, Form()]
Pages = Annotated[list[int], Form()]


@router.post("/settle")
def settle_item(
    request: Request,
    item: str,
    person: Settler,
    services: ServicesOf,
    choice: Typed = "",
    other: Typed = "",
    reason: Typed = "",
    run: Run = None,
) -> Response:
    """Settle an exception, or route a settled item elsewhere, and go on to the next."""
    done = _decide(item, other or choice, choice, reason.strip(), run, person, services)
    return _to_next(request, done, person, services, f"?undo={item}")


@router.post("/fields")
def correct_fields(
    request: Request,
    item: str,
    person: Settler,
    services: ServicesOf,
    field: Annotated[list[str], Form()],
    value: Annotated[list[str], Form()],
    run: Run = None,
) -> Response:
    """Correct index data: names and values come side by side, and those that are as they were are left alone."""
    known = {one.name: one.value for one in open_item(item, person.viewer, services).fields}
    changed = {
        name: new
        for name, new in zip(field, value, strict=False)
        if name and new.strip() not in (known.get(name, ""), as_written(name, known.get(name, "")))
    }
    done, shown = None, ""
    for name, new in changed.items():
        done = correct(item, name, new, person.viewer, services, expected_run=run)
        shown = as_written(name, str(done.facts.get("new", new)))
        run = None  # from here on it is our own change that the item has seen
    if done is None:
        raise Refused("Nothing was changed: the fields are as they were.")
    return _stay(request, done, shown=shown)


@router.get("/received")
def show_what_a_date_changes(
    request: Request, item: str, person: Settler, services: ServicesOf, day: str = ""
) -> Response:
    """Show every deadline as it is and as it would be under this date of receipt, before anything is changed."""
    redated = if_received(item, _noon_of(day), person.viewer, services)
    return page(request, "items/received.html", redated=redated, day=day)


@router.post("/received")
def correct_date(
    request: Request, item: str, person: Settler, services: ServicesOf, day: Typed, reason: Typed = "", run: Run = None
) -> Response:
    """Correct the date of receipt."""
    at = _noon_of(day)
    return _stay(request, correct_received(item, at, person.viewer, services, reason=reason, expected_run=run))


@router.post("/limit")
def limit(request: Request, item: str, person: Settler, services: ServicesOf, reason: Typed = "") -> Response:
    """Make an item limited-access; whoever is not named for it sees it no more."""
    if not reason.strip():
        raise Refused("Say why it is limited-access: it may concern somebody at risk, for instance.")
    return _to_next(request, mark_sensitive(item, person.viewer, services, reason=reason), person, services)


@router.post("/split")
def split_item(
    request: Request,
    item: str,
    person: Settler,
    services: ServicesOf,
    first: Pages = [],  # noqa: B006  # FastAPI copies it
    run: Run = None,
) -> Response:
    """Split an item at these pages; its parts come back when they are read."""
    return _to_next(request, split(item, first, person.viewer, services, expected_run=run), person, services)


@router.post("/join")
def join_item(
    request: Request, item: str, person: Settler, services: ServicesOf, into: Typed, run: Run = None
) -> Response:
    """Join an item to the one that it belongs to."""
    return _to_next(request, join(item, into.strip(), person.viewer, services, expected_run=run), person, services)


@router.post("/add")
def add_item(
    request: Request, item: str, person: Settler, services: ServicesOf, into: Typed, run: Run = None
) -> Response:
    """Add an item to the case that it belongs to."""
    done = add(item, into.strip(), person.viewer, services, expected_run=run)
    return _to_next(request, done, person, services, f"?undo={item}")


@router.post("/rescan")
def rescan(
    request: Request, item: str, person: Settler, services: ServicesOf, reason: Typed = "", run: Run = None
) -> Response:
    """Ask for a new scan."""
    done = retake(item, person.viewer, services, reason=reason.strip() or None, expected_run=run)
    give_back(item, person.viewer, services)
    return _to_next(request, done, person, services, f"?besides={item}")


@router.post("/ask")
def ask(request: Request, item: str, person: Settler, services: ServicesOf, run: Run = None) -> Response:
    """Ask the sender for what could not be opened; the item waits, and others are offered."""
    done = ask_sender(item, person.viewer, services, expected_run=run)
    give_back(item, person.viewer, services)
    return _to_next(request, done, person, services, f"?besides={item}")


@router.post("/unask")
def take_back_question(request: Request, item: str, person: Settler, services: ServicesOf) -> Response:
    """Take back a question that has not gone out yet."""
    return _stay(request, take_question_back(item, person.viewer, services))


@router.post("/no-letter")
def leave_out_letter(request: Request, item: str, person: Settler, services: ServicesOf) -> Response:
    """Take back the letter to the sender: it has nowhere to go, or they were told by another way."""
    return _stay(request, undo_acknowledgement(item, person.viewer, services))


@router.post("/retry")
def try_again(request: Request, item: str, person: Settler, services: ServicesOf, run: Run = None) -> Response:
    """Have the machine try an exception again."""
    return _to_next(request, retry(item, person.viewer, services, expected_run=run), person, services)


@router.post("/refer")
def give_to_colleague(
    request: Request, item: str, person: Settler, services: ServicesOf, note: Typed = "", colleague: Typed = ""
) -> Response:
    """Give an exception that one cannot tell to a colleague, with a note."""
    done = refer(item, note, person.viewer, services, colleague=colleague or None)
    return _to_next(request, done, person, services)


@router.post("/undo")
def undo(request: Request, item: str, person: Settler, services: ServicesOf) -> Response:
    """Take a decision back and open the item again."""
    return _stay(request, undo_decision(item, person.viewer, services))


@router.post("/take-over")
def take(request: Request, item: str, person: Settler, services: ServicesOf) -> Response:
    """Take an item that somebody else has."""
    return _stay(request, take_over(item, person.viewer, services))


@router.post("/keep")
def keep(item: str, person: Settler, services: ServicesOf) -> Response:
    """Let a script say that somebody still works on the item; the answer says who has it."""
    return JSONResponse({"taken_by": keep_taken(item, person.viewer, services)})


@router.post("/give-back")
def free(request: Request, item: str, person: Settler, services: ServicesOf) -> Response:
    """Let an item go for others."""
    return _go_on(request, give_back(item, person.viewer, services), "/post-room")


def _noon_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), _NOON, LONDON)
    except ValueError as wrong:
        raise Refused(f"{day!r} is no date. Choose a day.") from wrong


def _decide(
    item: str, wanted: str, suggestion: str, reason: str, run: int | None, person: Person, services: Services
) -> Done:
    kind, _, key = wanted.partition(":")
    if not key:
        raise Refused("Choose what it is first.")
    case_type = key if kind == "type" else suggestion.partition(":")[2]
    team = key if kind == "team" else None
    if settled_as_seen(item, run, person.viewer, services):
        why = reason or "seen again in the post room"
        routed_type = case_type if kind == "type" else None
        return reroute(item, person.viewer, services, reason=why, team=team, case_type=routed_type, expected_run=run)
    if not case_type:
        raise Refused("Say what it is as well: type a word of it and choose. The team follows from that.")
    return settle(item, case_type, person.viewer, services, team=team, reason=reason or None, expected_run=run)


def _to_next(request: Request, done: Done, person: Person, services: Services, query: str = "") -> Response:
    """Go on to the next item; a script is told whether it may show the one that it has loaded ahead.

    That one may be limited-access meanwhile, or a more urgent one may have come in.
    """
    shown = wants_json(request) and _is_shown(request, done, person, services)
    return _go_on(request, done, NEXT + query, shown=shown)


def _is_shown(request: Request, done: Done, person: Person, services: Services) -> bool:
    """Log the look at what is loaded ahead if that is what comes next, in the request that asks for it."""
    item, _, run = request.headers.get("mailroom-loaded", "").partition(":")
    if not run.isdigit() or item != following([done.item], person.viewer, services):
        return False
    try:
        show_loaded(item, int(run), person.viewer, services)
    except (NotThere, Refused):
        return False
    return True


def _stay(request: Request, done: Done, **facts: Any) -> Response:  # noqa: ANN401  # whatever JSON can hold
    return _go_on(request, done, f"/items/{done.item}", **facts)


def _go_on(request: Request, done: Done, path: str, **facts: Any) -> Response:  # noqa: ANN401  # whatever JSON can hold
    if not wants_json(request):
        return go_to(path, done.sentence)
    return JSONResponse({**done.as_json(), "run": done.run, "next": path, **facts})
