"""The command that makes the index anew, killed and run again, and twice at once: nothing is lost, and nothing double.

On both databases, and on PostgreSQL as the service and as the role that owns the tables, which fills in another way.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from database_server import ADMIN, PostgreSql
from sqlalchemy import select

from mailroom.domain.access import Role, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.domain.query import terms_of
from mailroom.records.finding import find
from mailroom.records.reindexing import Progress, progress
from mailroom.records.search import index_of
from mailroom.records.search.asked import Asked
from mailroom.records.search.shelves import AUDIENCES, SHELVES, shelves_now
from mailroom.records.session import Records
from mailroom.records.tables import SearchWord
from mailroom.records.wanted import Wanted

CONFIG = Path(__file__).parents[3] / "config"
CLERK = Viewer("kim", frozenset({Role.POST_ROOM}), named_for_limited=True)
OPEN, LIMITED = 6, 2
SLOWLY = """
import os, signal, sys
from mailroom.cli.app import main
from mailroom.records import reindexing
from mailroom.records.search import shelves

reindexing._A_STEP = 1
filled, left = reindexing.note_days, [int(sys.argv.pop())]

def note(*told):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return filled(*told)

reindexing.note_days = note
main()
"""
"""`mailroom reindex` a text a step; it is killed within a step, the texts of which are put and not committed."""

NEVER = 0
Put = Callable[..., str]


@pytest.fixture(params=["service", "owner"])
def mailroom(
    request: pytest.FixtureRequest, archive: Records, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Records:
    """An archive that commands are told of, with some texts."""
    if archive.embedded and request.param == "owner":
        pytest.skip("SQLite knows no owners")
    monkeypatch.setenv("MAILROOM_DATA", str(tmp_path))
    monkeypatch.setenv("MAILROOM_CONFIG", str(CONFIG))
    monkeypatch.delenv("MAILROOM_DATABASE_URL", raising=False)
    if not archive.embedded:
        monkeypatch.setenv("MAILROOM_DATABASE_URL", archive.url)
    if request.param == "owner":
        server: PostgreSql = request.getfixturevalue("database_server")
        monkeypatch.setenv("MAILROOM_DATABASE_ADMIN_URL", server.url(archive.url.rpartition("/")[2], ADMIN))
    for number in range(OPEN):
        put(f"the words, number{number}")
    for _ in range(LIMITED):
        put("secret words", sensitivity=Sensitivity.LIMITED)
    return archive


def reindex(killed_in_step: int = NEVER) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SLOWLY, "reindex", str(killed_in_step)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)


def ended(process: subprocess.Popen[str]) -> int:
    said, errors = process.communicate(timeout=120)
    print(said, errors)
    return process.returncode


def is_whole(mailroom: Records, texts: int) -> None:
    """Each text lies once on the shelf that is searched, nothing on the other one, and no word is counted too often."""
    with mailroom.look() as session:
        shelves = shelves_now(session)
        (other,) = (shelf for shelf in SHELVES if shelf != shelves.searched)
        on_shelf = {
            shelf: list(index_of(session).newest(session, Asked(shelf, AUDIENCES, terms_of("words")), 99))
            for shelf in SHELVES
        }
        counts = dict(session.execute(select(SearchWord.word, SearchWord.texts)).all())
        assert find(session, Wanted("words"), CLERK).number == texts
    assert shelves.filling is None
    assert sorted(on_shelf[shelves.searched]) == sorted(set(on_shelf[shelves.searched]))
    assert (len(on_shelf[shelves.searched]), on_shelf[other]) == (texts, [])
    assert counts.get("words", 0) <= texts - LIMITED
    assert "secret" not in counts


def test_it_goes_on_where_it_was_killed_and_all_is_found_all_the_while(mailroom: Records, put: Put) -> None:
    texts = OPEN + LIMITED
    assert ended(reindex(3)) == -signal.SIGKILL
    assert progress(mailroom) == Progress(2, texts)
    put("late words")
    with mailroom.look() as session:
        assert find(session, Wanted("words"), CLERK).number == texts + 1
    assert ended(reindex(2)) == -signal.SIGKILL
    assert progress(mailroom) == Progress(4, texts + 1)
    assert ended(reindex()) == 0
    is_whole(mailroom, texts + 1)


def test_two_at_once_put_each_text_once(mailroom: Records) -> None:
    both = [reindex(), reindex()]
    assert [ended(process) for process in both] == [0, 0]
    is_whole(mailroom, OPEN + LIMITED)
