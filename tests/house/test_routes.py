"""Every route of the pages asks who is there and whether the task is theirs; those that do not are named here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from mailroom.bootstrap import build_services
from mailroom.bootstrap.places import make_folders
from mailroom.catalogue import load_catalogue
from mailroom.records.session import Records
from mailroom.settings import load_settings
from mailroom.web.app import application
from mailroom.web.navigation import BAR
from mailroom.web.routes import ROUTERS
from mailroom.web.signed_in import Doing

OPEN = {
    "/metrics": "asks for the machine's address",
    "/sign-in/provider": "sends to where one signs in",
    "/sign-in/provider/return": "begins a sitting",
    "/sign-in": "asks who is there",
    "/language": "a choice of the browser",
    "/theme.css": "a colour",
    "/healthz": "-",
}
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
TEMPLATES = Path(__file__).parents[2] / "mailroom" / "web" / "templates"
NAMES = [f"{','.join(sorted(route.methods))} {route.path}" for route in ROUTES]


def doors(route: APIRoute) -> list[Doing]:
    return [need.call for need in route.dependant.dependencies if isinstance(need.call, Doing)]


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_every_route_has_a_door_or_is_open_for_a_reason(route: APIRoute) -> None:
    assert len(doors(route)) == (0 if route.path in OPEN else 1)


@pytest.mark.parametrize("entry", BAR, ids=lambda entry: entry.path)
def test_every_entry_of_the_bar_leads_to_a_route_of_the_same_task(entry: object) -> None:
    tasks = [doors(route)[0].task for route in ROUTES if route.path == entry.path and "GET" in route.methods]  # type: ignore[attr-defined]
    assert tasks == [entry.task]  # type: ignore[attr-defined]


def test_every_file_of_routes_is_in_the_application(data: Path, records: Records) -> None:
    with ExitStack() as stack:
        settings = load_settings()
        make_folders(settings)
        services = build_services(settings, load_catalogue(settings.config), records, lambda: None, stack)  # type: ignore[arg-type,return-value]
        app = application(services, lambda *_: None)  # type: ignore[arg-type,return-value]
    assert app.title == "Mailroom"
    files = {file.stem for file in (TEMPLATES.parent / "routes").glob("*.py")} - {"__init__"}
    assert {route.endpoint.__module__.rpartition(".")[2] for route in ROUTES} == files


def forms() -> Iterator[tuple[str, str]]:
    for file in sorted(TEMPLATES.rglob("*.html")):
        for form in re.findall(r"<form\b.*?</form>", file.read_text(encoding="utf-8"), re.DOTALL):
            yield str(file.relative_to(TEMPLATES)), form


@pytest.mark.parametrize(("file", "form"), list(forms()))
def test_every_form_that_changes_something_carries_the_sitting_s_secret(file: str, form: str) -> None:
    posts_inside = 'method="post"' in form and not re.search(r'action="/(?:sign-in|language)"', form)
    assert ("csrf_field" in form) == posts_inside, file


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_no_template_has_script_or_style_of_its_own_or_trusts_a_value(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=|\|\s*safe\b|javascript:", text) == []
