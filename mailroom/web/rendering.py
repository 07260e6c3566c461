"""Makes a page of a template: texts in the reader's language, moments as people write them, the bar at the top.

Before: a route has the facts. After: the browser has the page. Every value in a template is escaped; markup that
somebody wrote into a letter is shown as what it is, text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from functools import partial
from typing import IO, Any, cast
from urllib.parse import quote, unquote

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from mailroom.desk.health import number_of_alarms
from mailroom.desk.signing_in import Person
from mailroom.domain.access import Task, may_do
from mailroom.services import Services
from mailroom.web import moments
from mailroom.web.keys import Keys
from mailroom.web.language import LANGUAGES, language_of, texts_of, translated
from mailroom.web.navigation import Entry, entries_for
from mailroom.web.signed_in import CSRF, services_of
from mailroom.web.static_files import static_address

_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters without width and those that turn the direction; the joiners of Arabic and Indic scripts are spelling."""

_CHUNK = 1 << 16
_NOTICE = "notice"
_NOTICE_SECONDS = 60
_LONGEST_NOTICE = 400
"""Letters of it: whatever they are, they fit into the 4 KB of a cookie."""


class Pages:
    """The templates, ready in each language.

    Args:
        services: the bundle; the council's name and colour are in its settings.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._by_language = {language: self._environment(language) for language in LANGUAGES}

    def make(self, request: Request, template: str, facts: Mapping[str, Any]) -> str:
        """Return the page as HTML."""
        language = language_of(request)
        return self._by_language[language].get_template(template).render(_about(request, language) | dict(facts))

    def _environment(self, language: str) -> Environment:
        components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
        environment = Environment(
            loader=ChoiceLoader([PackageLoader("mailroom.web"), components]),
            autoescape=True,
            undefined=ChainableUndefined,  # the components ask after parameters of parameters that nobody gave
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            auto_reload=False,
        )
        # The newer style takes whatever goes through `_()` for safe markup, an officer's own words among it.
        cast("Any", environment).install_gettext_translations(texts_of(language), newstyle=False)
        environment.filters.update(moments.filters_of(language), combine=operator.or_, shown=shown)
        environment.globals.update(
            council=self._services.settings.council,
            static=static_address,
            now=self._services.now,
            languages=LANGUAGES,
            translated=partial(translated, language=language),
            provider=bool(self._services.settings.web.provider.issuer),
        )
        return environment


def page(request: Request, template: str, *, status: int = 200, **facts: Any) -> Response:  # noqa: ANN401  # what a template shows
    """Return the page that the template makes of these facts."""
    pages = cast("Pages", request.app.state.pages)
    response = HTMLResponse(pages.make(request, template, facts), status_code=status)
    if _NOTICE in request.cookies:
        response.delete_cookie(_NOTICE, httponly=True, samesite="lax")
    return response


def shown(words: str | None) -> str:
    """Return what somebody wrote of themselves, with a mark for each character that takes no room or turns the others.

    Two names that look alike are then seen to differ, and none changes how the words around it read. What is stored
    stays as it came.
    """
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", words or "")


def a_picture(picture: IO[bytes]) -> Response:
    """Return a picture (JPEG) as it is read, closed when it is sent."""
    chunks = iter(lambda: picture.read(_CHUNK), b"")
    return StreamingResponse(chunks, media_type="image/jpeg", background=BackgroundTask(picture.close))


def in_a_frame(message: str) -> Response:
    """Return HTML from outside, made harmless before, for a frame in which nothing runs, loads or leads away."""
    policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    return HTMLResponse(message, headers={"Content-Security-Policy": policy})


def go_to(path: str, notice: str | None = None) -> Response:
    """Return the answer to a form: on to this page, which says once what was done."""
    response = RedirectResponse(path, status_code=303)
    if notice:
        value = (
            quote(notice)[:_LONGEST_NOTICE].rpartition("%")[0]
            if len(quote(notice)) > _LONGEST_NOTICE
            else quote(notice)
        )
        response.set_cookie(_NOTICE, value, max_age=_NOTICE_SECONDS, httponly=True, samesite="lax")
    return response


def _about(request: Request, language: str) -> dict[str, Any]:
    """Return what every template knows."""
    person: Person | None = getattr(request.state, "person", None)
    return {
        "request": request,
        "path": request.url.path,
        "language": language,
        "person": person,
        "entries": entries_for(person) if person else [],
        "count_alarms": lambda: _count_alarms(request, person),
        "count_waiting": lambda entry: _count_waiting(entry, request, person),
        "notice": unquote(request.cookies.get(_NOTICE, "")),
        "csrf_field": _csrf_field(person),
        "keys": Keys(),
    }


def _count_alarms(request: Request, person: Person | None) -> int:
    """Count the alarms for whoever is told of them; a page about a fault does not ask, it may be the database's."""
    told = person is not None and may_do(person.viewer, Task.COUNT)
    return number_of_alarms(services_of(request)) if told else 0


def _count_waiting(entry: Entry, request: Request, person: Person | None) -> int:
    """Count what waits where this entry of the bar leads; a page about a fault does not ask, as above."""
    return entry.waits(person.viewer, services_of(request)) if person and entry.waits else 0


def _csrf_field(person: Person | None) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF, person.csrf) if person else Markup()
