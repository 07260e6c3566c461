"""What is done next with a file in a hot folder: every decision without a disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.channels.complete.verdict import COMPLETE, UNKNOWN, Completeness, incomplete
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.sighting import Sighting, Stamp, Step, failed, next_step, seen, sentence_to_show

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
SETTINGS = FolderSettings(Path(), quiet_seconds=5, incomplete_after=600, accept_incomplete_after=7200, retry_seconds=8)
CUT_OFF = incomplete("It stops.")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def first_look(verdict: Completeness | None = None, *, accepted: bool = False) -> Sighting:
    return Sighting(Stamp(10, 1), START, START, verdict=verdict, accepted=accepted)


@pytest.mark.parametrize(
    ("verdict", "accepted", "seconds", "expected"),
    [
        (None, False, 0, Step.WAIT),
        (None, False, 4.99, Step.WAIT),
        (None, False, 5, Step.JUDGE),
        (COMPLETE, False, 5, Step.TAKE),
        (UNKNOWN, False, 5, Step.TAKE),
        (CUT_OFF, False, 5, Step.WAIT),
        (CUT_OFF, False, 7199, Step.WAIT),
        (CUT_OFF, False, 7200, Step.TAKE),
        (COMPLETE, True, 5, Step.MOVE),
    ],
)
def test_quiet_then_whole_then_taken(
    verdict: Completeness | None, accepted: bool, seconds: float, expected: Step
) -> None:
    assert next_step(first_look(verdict, accepted=accepted), at(seconds), SETTINGS) is expected


def test_a_change_makes_everything_known_void_but_the_first_look() -> None:
    known = failed(first_look(COMPLETE, accepted=True), "It broke.", at(6), SETTINGS)
    changed = seen(known, Stamp(11, 2), at(7))
    assert changed == Sighting(Stamp(11, 2), first_seen=START, last_change=at(7))


def test_no_change_leaves_what_is_known() -> None:
    known = first_look(CUT_OFF)
    assert seen(known, Stamp(10, 1), at(9)) is known


def test_pauses_double_up_to_a_bound() -> None:
    sighting, pauses = first_look(COMPLETE), []
    for _ in range(40):
        sighting = failed(sighting, "It broke.", START, SETTINGS)
        assert sighting.next_try is not None
        pauses.append((sighting.next_try - START).total_seconds())
    assert pauses[:7] == [8, 16, 32, 64, 128, 256, 300]
    assert set(pauses[6:]) == {300}


def test_nothing_is_done_before_the_next_try() -> None:
    sighting = failed(first_look(COMPLETE), "It broke.", at(5), SETTINGS)
    assert next_step(sighting, at(12.9), SETTINGS) is Step.WAIT
    assert next_step(sighting, at(13), SETTINGS) is Step.TAKE


@pytest.mark.parametrize(
    ("sighting", "expected"),
    [
        (first_look(), "The file is still being written to."),
        (first_look(CUT_OFF), "It stops."),
        (replace(first_look(CUT_OFF), trouble="It broke."), "It broke."),
    ],
)
def test_what_lies_for_long_is_shown_with_what_is_wrong(sighting: Sighting, expected: str) -> None:
    assert sentence_to_show(sighting, at(599), SETTINGS) is None
    assert sentence_to_show(sighting, at(600), SETTINGS) == expected
