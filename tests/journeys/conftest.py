import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = str(Path(__file__).parent)
sys.path.append(_HERE)  # the modules beside the tests: the place, the letters, the checker

from place import Place  # noqa: E402  # found by the line above


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A fresh mailroom; what it said is shown when a test fails."""
    made = Place(tmp_path)
    yield made
    if made.log.exists():
        print(made.log.read_text()[-8000:])
