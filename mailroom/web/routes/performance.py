"""The manager's page: one sentence, a bar a channel, what is late and why, what runs out, then the plots; a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from mailroom.desk.acting import Refused
from mailroom.desk.export import figures_as_csv, late_as_csv, teams_as_csv
from mailroom.desk.measuring import A_PAGE, measure
from mailroom.desk.morning import last_working_day, morning
from mailroom.domain.access import Task, may_do
from mailroom.domain.sla import local_date
from mailroom.records.ledger import Days
from mailroom.services import Services
from mailroom.web import plots
from mailroom.web.rendering import page
from mailroom.web.signed_in import Measurer, ServicesOf

router = APIRouter()
_A_DAY = timedelta(days=1)
_USUAL = 28


@dataclass(frozen=True, slots=True)
class Period:
    """A period that can be chosen by one click."""

    name: str
    first: date
    last: date


@router.get("/performance")
def show(
    request: Request, person: Measurer, services: ServicesOf, first: str = "", last: str = "", page_number: str = ""
) -> Response:
    """Show the figures of a period; of the last four weeks where none is chosen."""
    known = periods(local_date(services.now()), last_working_day(local_date(services.now()), services))
    fault = None
    number = max(1, int(page_number)) if page_number.isascii() and page_number.isdigit() else 1
    try:
        measured = measure(_days(first, last, services), person.viewer, services, min(number, 100_000))
    except Refused as wrong:
        fault, measured = str(wrong), measure(_days("", "", services), person.viewer, services)
    return page(
        request,
        "performance/performance.html",
        status=409 if fault else 200,
        fault=fault,
        fault_field="first",
        measured=measured,
        morning=morning(person.viewer, services),
        periods=known,
        plot=plots.plot(measured.series),
        plots=plots,
        last_page=max(1, -(-measured.late_seen // A_PAGE)),
        proves=may_do(person.viewer, Task.PROVE),
    )


@router.get("/performance.csv")
def export(person: Measurer, services: ServicesOf, first: str = "", last: str = "") -> Response:
    """Return the figures of a period as a file."""
    days = _days(first, last, services)
    return _file("mailroom", days, figures_as_csv(days, person.viewer, services))


@router.get("/performance/late.csv")
def export_late(person: Measurer, services: ServicesOf, first: str = "", last: str = "") -> Response:
    """Return what of a period is late, and why, as a file."""
    days = _days(first, last, services)
    return _file("mailroom-late", days, late_as_csv(days, person.viewer, services))


@router.get("/performance/teams.csv")
def export_teams(person: Measurer, services: ServicesOf, first: str = "", last: str = "") -> Response:
    """Return what lies before the teams, and what of a period they sent back, as a file."""
    days = _days(first, last, services)
    return _file("mailroom-teams", days, teams_as_csv(days, person.viewer, services))


def periods(today: date, worked: date) -> list[Period]:
    """Return the periods that can be chosen by one click; pure."""
    monday = today - today.weekday() * _A_DAY
    month = today.replace(day=1)
    month_before = (month - _A_DAY).replace(day=1)
    return [
        Period("Last working day", worked, worked),
        Period("This week", monday, today),
        Period("Last week", monday - 7 * _A_DAY, monday - _A_DAY),
        Period("Four weeks", today - (_USUAL - 1) * _A_DAY, today),
        Period("This month", month, today),
        Period("Last month", month_before, month - _A_DAY),
        Period("A year", today - 365 * _A_DAY, today),
    ]


def _file(name: str, days: Days, content: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{days.first}-{days.last}.csv"'}
    return Response(content, media_type="text/csv", headers=headers)


def _days(first: str, last: str, services: Services) -> Days:
    """Return the period that was asked for.

    Raises:
        Refused: a day is none.
    """
    today = local_date(services.now())
    until = _day(last) or today
    return Days(_day(first) or until - (_USUAL - 1) * _A_DAY, until)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise Refused(f"{text!r} is no day. Write it as 2026-11-20.") from wrong
