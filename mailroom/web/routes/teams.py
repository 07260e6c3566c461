"""The teams' queues: where an officer begins the day."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from mailroom.desk.team_queue import queue_page, teams_of
from mailroom.records.team_lines import Show
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import Answerer, ServicesOf

router = APIRouter(prefix="/teams")


@router.get("")
def list_teams(request: Request, person: Answerer, services: ServicesOf) -> Response:
    """List the teams whose queue somebody may see; who works in one only is led there."""
    found = teams_of(person.viewer, services)
    if len(found) == 1:
        return go_to(f"/teams/{found[0].team.key}")
    return page(request, "teams/teams.html", queues=found)


@router.get("/{team}")
def show_queue(
    request: Request,
    team: str,
    person: Answerer,
    services: ServicesOf,
    show: Show = Show.OPEN,
    page_number: int = 1,
) -> Response:
    """Show one page of a team's queue."""
    found = queue_page(team, person.viewer, services, show, page_number)
    here = f"/teams/{team}?{urlencode({'show': show, 'page_number': found.page})}"
    return page(request, "teams/queue.html", queue=found, parts=list(Show), here=here)
