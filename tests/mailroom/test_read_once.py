"""What the tests of pages and desks are given in place of a second reading is what the first one gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from read_once import ReadOnce
from sample_letters import pdf_of

from mailroom.services import Services


@pytest.fixture
def asked(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the real sandbox is asked, in turn."""
    arguments, run = [], services.sandbox.run
    monkeypatch.setattr(
        services.sandbox, "run", lambda task, given, **known: arguments.append(given) or run(task, given, **known)
    )
    return arguments


def test_the_same_bytes_are_read_once_and_other_bytes_pages_and_limits_anew(
    services: Services, asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    limits, kept = services.settings.limits, tmp_path / "kept"
    kept.mkdir()

    def read(text: str, number: int = 1, under: object = limits) -> tuple[dict[str, Any], dict[str, bytes]]:
        (tmp_path / "letter.pdf").write_bytes(pdf_of(text, "Enclosed"))
        scratch = tmp_path / str(len(list(tmp_path.iterdir())))
        scratch.mkdir()
        reader, page = ReadOnce(services.sandbox, under, kept), {"number": number, "only": False}
        answer = reader.run("read_page", page, source=tmp_path / "letter.pdf", scratch=scratch)
        return answer, {file.name: file.read_bytes() for file in scratch.iterdir()}

    first = read("Please mend my boiler.")
    assert "boiler" in first[0]["text"]
    assert read("Please mend my boiler.") == first
    assert len(asked) == 1
    assert "drains" in read("Please mend the drains.")[0]["text"]
    assert "Enclosed" in read("Please mend my boiler.", number=2)[0]["text"]
    read("Please mend my boiler.", under="others")
    assert len(asked) == 4
