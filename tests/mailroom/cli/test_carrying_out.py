"""`export` and `redact` as a person at the terminal reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit

Ask = Callable[..., Any]


def test_items_of_a_day_are_carried_out_and_a_bag_is_never_written_into(ask: Ask, tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    answer = ask("export", "--from", "2026-11-16", "--to", "2026-11-16", "-o", bag)
    assert (answer.code, answer.out) == (0, f"In {bag}: items 4, originals 4.\n")
    assert bagit.Bag(str(bag)).validate()
    again = ask("export", "--from", "2026-11-16", "-o", bag)
    assert (again.code, "is there already" in again.err.replace("\n", " ")) == (1, True)
    assert ask("export", "-o", tmp_path / "other").code == 1


def test_a_text_has_no_pictures_to_paint_over_and_that_is_told(
    ask: Ask, taken: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    item = taken["request.txt"]["reference"]
    answer = ask("redact", item, "--words", "Mary Bell", "--reason", "for the applicant", "-o", tmp_path / "copy.pdf")
    assert answer.code == 1
    assert "has no page with a picture" in answer.err.replace("\n", " ")
    assert not (tmp_path / "copy.pdf").exists()
