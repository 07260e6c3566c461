"""How the service is and how it is set up, for an administrator; figures for monitoring."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Form, Request
from starlette.responses import PlainTextResponse, Response

from mailroom.desk.emergency import ALARM, clear_emergency
from mailroom.desk.health import alarms, measure, notices
from mailroom.desk.mail_ways import mail_ways
from mailroom.domain.access import Task, may_do
from mailroom.duties.check import check
from mailroom.settings import told
from mailroom.web.metrics import CONTENT_TYPE, Metrics
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import Administrator, ServicesOf

router = APIRouter()
_FORWARDED = {"forwarded", "x-forwarded-for"}
"""Headers that say that somebody else stands behind the address we see."""


@router.get("/health")
def health(request: Request, person: Administrator, services: ServicesOf) -> Response:
    """Show alarms, workers, what waits, and what each check finds."""
    found = check(services)
    return page(
        request,
        "health/health.html",
        alarms=alarms(person.viewer, services),
        findings=sorted(found, key=lambda finding: finding.sound),
        health=measure(services),
        mail=mail_ways(services),
        notices=notices(services),
        measures=may_do(person.viewer, Task.MEASURE),
        emergency=ALARM,
    )


@router.post("/health/looked-into")
def looked_into(person: Administrator, services: ServicesOf, subject: Annotated[str, Form()] = "") -> Response:
    """Clear the alarm about somebody's emergency access."""
    clear_emergency(subject, person.viewer, services)
    return go_to("/health", "The alarm is cleared, and you are on record for it.")


@router.get("/settings")
def settings(request: Request, person: Administrator, services: ServicesOf) -> Response:  # noqa: ARG001  # the door asks
    """Show each setting and where it comes from, and the catalogue."""
    catalogue = services.catalogue
    return page(
        request,
        "health/settings.html",
        settings=told(services.settings),
        folder=catalogue.folder.absolute(),
        kinds=sorted(catalogue.services.values(), key=lambda service: service.title),
        teams=catalogue.teams,
    )


@router.get("/metrics")
def metrics(request: Request, services: ServicesOf) -> Response:
    """Return the figures, to the machines that the settings name and nobody else."""
    asker = request.client.host if request.client else ""
    behind = not services.settings.web.proxies and _FORWARDED & set(request.headers)
    if behind or asker not in services.settings.web.metrics_from:
        return PlainTextResponse("web.metrics_from does not name this address.", status_code=403)
    return Response(cast("Metrics", request.app.state.metrics).text(), media_type=CONTENT_TYPE)
