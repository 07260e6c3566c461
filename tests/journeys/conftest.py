import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = str(Path(__file__).parent)
sys.path.append(_HERE)  # the modules beside the tests: the place, the letters, the checker

from database_server import PostgreSql, postgresql  # noqa: E402
from place import Place  # noqa: E402  # found by the line above


@pytest.fixture(scope="session")
def crashing_server() -> Iterator[PostgreSql]:
    """A PostgreSQL that tests may stop, and start again."""
    with postgresql() as started:
        yield started


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A fresh mailroom; what it said is shown when a test fails."""
    made = Place(tmp_path)
    yield made
    made.kill_all()
    if made.log.exists():
        print(made.log.read_text()[-8000:])
