"""Whoever cannot do without the database server waits for it, and stops waiting when told to."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
import pytest
from database_server import PostgreSql, postgresql
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from mailroom.engine import EngineQueue
from mailroom.records import session
from mailroom.records.patient import Leaving, patient_engine
from mailroom.records.session import Records, not_waiting_for_ever


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSql]:
    with postgresql() as started:
        yield started


def test_it_is_waited_for_until_it_is_back_and_no_longer_than_whoever_waits_may(server: PostgreSql) -> None:
    leaving = Event()
    engine = patient_engine(server.url("postgres"), leaving)

    def ask() -> str:
        with engine.connect() as connection:
            return str(connection.scalar(text("SHOW idle_in_transaction_session_timeout")))

    assert ask() == "1min"
    server.stop()
    try:
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(ask)
            with pytest.raises(TimeoutError):
                waiting.result(2)
            server.start()
            back = time.monotonic()
            assert waiting.result(5) == "1min"
            assert time.monotonic() - back < 3
            server.stop()
            waiting = pool.submit(ask)
            with pytest.raises(TimeoutError):
                waiting.result(1)
            leaving.set()
            with pytest.raises(Leaving):
                waiting.result(3)
        server.start()
    finally:
        leaving.set()
        engine.dispose()


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(session._WAITS, "connect_timeout", "2")
    leaving = Event()
    leaving.set()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://mailroom@127.0.0.1:{silent.getsockname()[1]}/mailroom"
        ways: list[Callable[[], object]] = [
            lambda: Records(url).connection(),
            lambda: patient_engine(url, leaving).connect(),
            lambda: EngineQueue(url).in_flight(["worker@test-1"]),
        ]
        for connect in ways:
            began = time.monotonic()
            with pytest.raises((OperationalError, Leaving)):
                connect()
            assert time.monotonic() - began < 8


def test_a_server_whose_machine_is_gone_is_noticed_within_half_a_minute(server: PostgreSql) -> None:
    told = make_url(not_waiting_for_ever(server.url("postgres") + "?connect_timeout=3")).query
    assert told["connect_timeout"] == "3"
    assert int(told["tcp_user_timeout"]) <= 30_000
    assert int(told["keepalives_idle"]) + int(told["keepalives_interval"]) * int(told["keepalives_count"]) <= 30
    where = not_waiting_for_ever(server.url("postgres")).replace("+psycopg", "")
    with psycopg.connect(where) as connection, socket.socket(fileno=os.dup(connection.fileno())) as way:
        assert way.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000
