"""Whoever cannot do without the database server waits for it, and stops waiting when told to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from database_server import PostgreSql, postgresql
from sqlalchemy import text

from mailroom.records.patient import Leaving, patient_engine


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
