"""The web application over a whole mailroom, and people who are signed in to it: by HTTP, and in a real browser."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from free_ports import free_port
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.testclient import TestClient

sys.path.append(str(Path(__file__).parent))

from browser import CHROMIUM, QUIET
from house import House
from read_once import ReadOnce
from visitors import PASSWORD, SignIn, Visitor
from worlds import Worlds, WorldsInFiles, WorldsOnServer

from mailroom.bootstrap.ways_in import deliver_file
from mailroom.desk.accounts import Post, join
from mailroom.desk.signing_in import choose_password, sign_in
from mailroom.domain.access import Role, Viewer
from mailroom.ports import Queue
from mailroom.records.session import Records
from mailroom.services import Services
from mailroom.web.app import application
from mailroom.web.server import serving

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
CONFIG = Path(__file__).parents[3] / "config"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def served_on(port: int, services: Services) -> Services:
    web = services.settings.web.model_copy(update={"port": port, "address": f"http://127.0.0.1:{port}"})
    return replace(services, settings=services.settings.model_copy(update={"web": web}))


def worlds_of(records: Records, data: Path, folder: Path, request: pytest.FixtureRequest) -> Worlds:
    if records.embedded:
        return WorldsInFiles(data / "mailroom.sqlite", folder)
    return WorldsOnServer(records, request.getfixturevalue("database_server"))


@pytest.fixture
def services(services: Services, read_before: Path) -> Services:
    """With pages on a port of this test's own, and letters read once."""
    sandbox = ReadOnce(services.sandbox, services.settings.limits, read_before)
    return served_on(free_port(), replace(services, sandbox=sandbox))


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest,
    new_database: Callable[[Path, str], AbstractContextManager[str]],
    open_services: Callable[..., AbstractContextManager[Services]],
    make_clock: Callable[[], Callable[[], datetime]],
    make_queue: Callable[[], Queue],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """One served mailroom for all states of the pages."""
    data, clock = tmp_path_factory.mktemp("house"), make_clock()
    with pytest.MonkeyPatch.context() as environment, ExitStack() as stack:
        records = Records(stack.enter_context(new_database(data, request.config.getoption("--on"))))
        stack.callback(records.close)
        environment.setenv("MAILROOM_DATA", str(data))
        environment.setenv("MAILROOM_CONFIG", str(CONFIG))
        services = served_on(free_port(), stack.enter_context(open_services(records, clock, make_queue())))
        environment.undo()
        folder = tmp_path_factory.mktemp("worlds")
        built = House(services, clock, folder, worlds_of(records, data, folder, request))
        built.build()
        app = application(services, partial(deliver_file, services=services))
        stack.enter_context(serving(app, services.settings.web))
        yield built


@pytest.fixture
def app(services: Services) -> FastAPI:
    return application(services, partial(deliver_file, services=services))


@pytest.fixture
def anonymous(app: FastAPI, services: Services) -> TestClient:
    """A browser in which nobody is signed in."""
    return TestClient(app, base_url=services.settings.web.address, raise_server_exceptions=False)


@pytest.fixture
def member(services: Services) -> Callable[..., str]:
    """Makes an account with a password of its own, `PASSWORD`: `member("kim", Role.POST_ROOM, teams=("housing",))`."""

    def make(name: str, *roles: Role, teams: tuple[str, ...] = (), limited: bool = False) -> str:
        new = join(name, name.title(), Post(frozenset(roles), frozenset(teams), limited), BOSS, services)
        choose_password(sign_in(name, new.password, "", services), new.password, PASSWORD, services)
        return name

    return make


@pytest.fixture
def signed_in(app: FastAPI, services: Services, member: Callable[..., str]) -> Iterator[SignIn]:
    """Makes an account and signs it in by HTTP: `signed_in("kim", Role.POST_ROOM)`."""
    with ExitStack() as stack:

        def enter(name: str, *roles: Role, teams: tuple[str, ...] = (), limited: bool = False) -> Visitor:
            member(name, *roles, teams=teams, limited=limited)
            client = stack.enter_context(
                TestClient(app, base_url=services.settings.web.address, raise_server_exceptions=False)
            )
            client.post("/sign-in", data={"name": name, "password": PASSWORD})
            found = _CSRF.search(client.get("/me").text)
            assert found is not None
            return Visitor(client, found[1])

        yield enter


@pytest.fixture
def served(app: FastAPI, services: Services) -> Iterator[str]:
    """The pages on a port of this machine; gives their address."""
    with serving(app, services.settings.web):
        yield services.settings.web.address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One real browser for the tests of a file.

    An event loop runs while it is open, and whatever refuses to begin beside one comes after it in the same process.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(chromium: Browser, house: House) -> Iterator[BrowserContext]:
    """What all windows of these tests share: what was loaded once is not loaded again."""
    context = chromium.new_context(base_url=house.services.settings.web.address)
    yield context
    context.close()


@pytest.fixture
def open_page(chromium: Browser, served: str) -> Iterator[Callable[..., Page]]:
    """Opens a page in a window of its own: `open_page("/me", javascript=False)`; a script's error fails the test."""
    errors: list[str] = []
    with ExitStack() as stack:

        def show(path: str = "/", *, javascript: bool = True, **options: Any) -> Page:  # noqa: ANN401  # the library's own
            context = chromium.new_context(base_url=served, java_script_enabled=javascript, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(path)
            return page

        yield show
    assert errors == []


@pytest.fixture
def open_as(open_page: Callable[..., Page], member: Callable[..., str]) -> Callable[..., Page]:
    """Opens a window and signs somebody in by keys: `open_as("kim", Role.POST_ROOM)`."""

    def enter(name: str, *roles: Role, teams: tuple[str, ...] = (), limited: bool = False, **options: Any) -> Page:  # noqa: ANN401
        member(name, *roles, teams=teams, limited=limited)
        page = open_page("/sign-in", **options)
        page.get_by_label("Name", exact=True).focus()  # a browser whose scripts are off gives no field the focus
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return page

    return enter
