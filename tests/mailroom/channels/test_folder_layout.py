"""What names in a hot folder say of date, team and whether a file is post at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

import pytest

from mailroom.channels.folder_layout import arrival_of, check_pattern, is_left_alone
from mailroom.channels.folder_settings import FolderSettings
from mailroom.domain.errors import Misconfigured

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MODIFIED = datetime(2026, 11, 21, 23, 30, tzinfo=UTC).timestamp()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "pattern", "received", "team"),
    [
        ("2026-11-20/planning/x.pdf", "{date}/{team}", NOON, "planning"),
        ("2026-11-20/planning/deeper/x.pdf", "{date}/{team}", NOON, "planning"),
        ("2026-11-20/x.pdf", "{date}/{team}", NOON, None),
        ("planning/2026-11-20/x.pdf", "{team}/{date}", NOON, "planning"),
        ("scans/2026-11-20/x.pdf", "scans/{date}", NOON, None),
        ("other/2026-11-20/x.pdf", "scans/{date}", None, None),
        ("planning/x.pdf", "{date}/{team}", None, None),
        ("2026-1120/planning/x.pdf", "{date}/{team}", None, None),
        ("2026-02-30/planning/x.pdf", "{date}/{team}", None, None),
        ("2026-11-23/planning/x.pdf", "{date}/{team}", None, "planning"),
        ("2026-11-20/planning/x.pdf", "", None, None),
        ("x.pdf", "{date}/{team}", None, None),
    ],
)
def test_subfolders_say_date_and_team(path: str, pattern: str, received: datetime | None, team: str | None) -> None:
    arrival = arrival_of(PurePath(path), MODIFIED, pattern, NOW)
    assert arrival.hints.team == team
    assert arrival.assumed is (received is None)
    assert arrival.received_at == (received or datetime.fromtimestamp(MODIFIED, UTC))


def test_noon_is_noon_in_london_in_summer_too() -> None:
    arrival = arrival_of(PurePath("2026-07-01/x.pdf"), MODIFIED, "{date}", NOW)
    assert arrival.received_at == datetime(2026, 7, 1, 11, tzinfo=UTC)


def test_the_day_that_begins_in_london_before_it_begins_in_utc_is_believed() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert not arrival_of(PurePath("2026-07-01/x.pdf"), MODIFIED, "{date}", late).assumed


def test_a_case_type_can_be_named_as_well() -> None:
    arrival = arrival_of(PurePath("planning/comment/x.pdf"), MODIFIED, "{team}/{case_type}", NOW)
    assert (arrival.hints.team, arrival.hints.case_type) == ("planning", "comment")


@pytest.mark.parametrize(
    ("modified", "expected"),
    [
        ((NOW + timedelta(days=400)).timestamp(), NOW),
        (1e18, NOW),
        (-5.0, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_that_cannot_be_is_brought_into_bounds(modified: float, expected: datetime) -> None:
    assert arrival_of(PurePath("x.pdf"), modified, "", NOW).received_at == expected


@pytest.mark.parametrize(
    "path",
    [
        "scan.pdf.part", "scan.TMP", "~$letter.docx", "scan.pdf~", ".scan.pdf", ".x/scan.pdf", "a/.x/scan.pdf",
        "scan.pdf.crdownload", "taken/scan.pdf", "Thumbs.db",
    ],
)  # fmt: skip
def test_what_is_nobodys_post_is_left_alone(path: str) -> None:
    assert is_left_alone(PurePath(path))


@pytest.mark.parametrize("path", ["scan.pdf", "a/taken/scan.pdf", "letter~1.doc", "tmp/part.pdf", "no ending"])
def test_post_is_not_left_alone(path: str) -> None:
    assert not is_left_alone(PurePath(path))


@pytest.mark.parametrize("pattern", ["{day}", "{date}/{Team}", "{date}-{team}", "{"])
def test_an_unknown_place_in_a_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(Misconfigured, match="pattern"):
        check_pattern(pattern)


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(Misconfigured, match="pattern"):
        FolderSettings(Path(), pattern="{day}")
    with pytest.raises(Misconfigured, match="above 0"):
        FolderSettings(Path(), quiet_seconds=0)
    with pytest.raises(Misconfigured, match="first shown"):
        FolderSettings(Path(), incomplete_after=600, accept_incomplete_after=60)
