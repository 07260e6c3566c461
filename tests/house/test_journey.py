"""The order of the journey stands in one place, and everything else agrees with it."""

from __future__ import annotations

import inspect
from pathlib import Path

from mailroom import journey
from mailroom.journey import JOURNEY, after
from mailroom.journey.travel import STAGES

ROOT = Path(__file__).parents[2]


def test_the_readme_shows_the_journey_in_its_order() -> None:
    line = " -> ".join(("channel", "receive", *JOURNEY))
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_stage_of_the_journey_has_its_function_under_its_own_name() -> None:
    assert tuple(STAGES) == JOURNEY
    for name, stage in STAGES.items():
        assert (stage.__name__, stage.__module__) == (name, f"mailroom.journey.{name}")
        assert list(inspect.signature(stage).parameters) == ["item_id", "services"]


def test_every_stage_is_a_file_of_the_journey() -> None:
    files = {file.stem for file in Path(journey.__file__).parent.glob("*.py")}
    assert set(JOURNEY) <= files


def test_after_walks_through_the_journey_to_its_end() -> None:
    walked: list[str] = [JOURNEY[0]]
    while (following := after(walked[-1])) is not None:
        walked.append(following)
    assert tuple(walked) == JOURNEY
