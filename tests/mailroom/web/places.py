"""Every route of the pages as tests go through them: whose it is, and its address with something real in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fastapi.routing import APIRoute

from mailroom.domain.access import MAY, Role, Task
from mailroom.web.routes import ROUTERS
from mailroom.web.signed_in import Doing

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def task_of(route: APIRoute) -> Task | None:
    """The task of a route; None where being signed in is enough, or where it is open."""
    return next((need.call.task for need in route.dependant.dependencies if isinstance(need.call, Doing)), None)


def has_door(route: APIRoute) -> bool:
    """Whether somebody must be signed in."""
    return any(isinstance(need.call, Doing) for need in route.dependant.dependencies)


def parameters_of(route: APIRoute) -> list[str]:
    """The names of what an address of this route has in it."""
    return _PARAMETER.findall(route.path)


def address_of(route: APIRoute, things: Mapping[str, str]) -> str:
    """The route's address with these things in it."""
    return _PARAMETER.sub(lambda match: things[match[1]], route.path)


def roles_of(task: Task | None) -> Iterable[Role]:
    """Who does this task."""
    return MAY[task] if task else Role


def ways_of(routes: Iterable[APIRoute]) -> list[tuple[str, APIRoute]]:
    """Each method of each route."""
    return [(method, route) for route in routes for method in sorted(route.methods)]
