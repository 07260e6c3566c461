"""Puts the web application together: what every request passes, the routes, the answers to what goes wrong.

Before: `bootstrap` has the services and the way in for uploads. After: `server.py` serves what stands here.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from mailroom.desk.at_the_address import Addresses
from mailroom.services import Services
from mailroom.web import faults
from mailroom.web.gate import Gate
from mailroom.web.metrics import Metrics
from mailroom.web.rendering import Pages
from mailroom.web.routes import ROUTERS, provider
from mailroom.web.routes.upload import TakeIn
from mailroom.web.signed_in import may_send_files
from mailroom.web.static_files import VersionedFiles

_SMALL = 800
"""Bytes below which compressing an answer costs more than it saves."""


def application(services: Services, take_in: TakeIn) -> FastAPI:
    """Return the web application over these services."""
    app = FastAPI(title="Mailroom", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.services, app.state.take_in = services, take_in
    app.state.addresses = Addresses(services.now)
    app.state.pages, app.state.metrics = Pages(services), Metrics(services)
    for router in ROUTERS:
        app.include_router(router)
    provider.add_provider(app, services.settings.web)
    app.mount("/static", VersionedFiles())
    faults.register(app)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALL)
    app.add_middleware(
        Gate,
        web=services.settings.web,
        saw_page=app.state.metrics.saw_page,
        answer_fault=faults.our_fault,
        turn_away=faults.turned_away,
        may_send_files=may_send_files,
    )
    return app
