from pathlib import Path

import pytest

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.read_text import MOST_BYTES, read_text


def test_a_text_is_one_page(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_bytes("Annwyl Syr,\r\n\r\nTŷ Gwyn owes £40.\r\n".encode())
    assert read_text(file, tmp_path, {}) == {
        "text": "Annwyl Syr,\n\nTŷ Gwyn owes £40.\n",
        "pages": 1,
    }


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", Cause.EMPTY),
        (b" \r\n\x1a", Cause.EMPTY),
        (bytes(range(32)) * 8, Cause.UNKNOWN_FORMAT),
        (b"x" * (MOST_BYTES + 1), Cause.TOO_LARGE),
    ],
)
def test_what_is_no_readable_text_is_refused(tmp_path: Path, content: bytes, cause: Cause) -> None:
    file = tmp_path / "text"
    file.write_bytes(content)
    with pytest.raises(TaskRefused) as caught:
        read_text(file, tmp_path, {})
    assert caught.value.cause is cause
