"""What the tests of buckets stand on: a real service that locks, and something to keep."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from object_servers import ObjectServer, ceph

sys.path.append(str(Path(__file__).parent))  # for `notebook`, which several of these tests write into


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectServer]:
    with ceph() as started:
        yield started


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter"
    path.write_bytes(b"a letter")
    return path
