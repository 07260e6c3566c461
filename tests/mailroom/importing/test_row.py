"""A row is understood as the older system meant it, or each wrong cell has a sentence of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailroom.catalogue import load_catalogue
from mailroom.domain.capture import Channel
from mailroom.domain.sla import LONDON
from mailroom.importing.columns import headings_from
from mailroom.importing.index_file import RawRow
from mailroom.importing.row import Fault, Known, Row, row_from

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "config")
NOW = datetime(2026, 11, 16, 10, tzinfo=LONDON)
KNOWN = Known(CATALOGUE.services, CATALOGUE.teams, NOW)
GOOD = {"file": "a.pdf", "received": "2026-11-02"}


def read(**cells: str) -> tuple[Row | None, list[Fault]]:
    told = GOOD | cells
    places = headings_from(list(told)).places
    row, faults = row_from(RawRow(7, list(told.values())), places, len(told), KNOWN)
    return row, list(faults)


def good(**cells: str) -> Row:
    row, faults = read(**cells)
    assert row is not None, faults
    return row


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-02", (2026, 11, 2, 12, 0)),
        ("2026-11-02T08:30", (2026, 11, 2, 8, 30)),
        ("2/11/2026", (2026, 11, 2, 12, 0)),
        ("02.11.2026 17:45", (2026, 11, 2, 17, 45)),
    ],
)
def test_a_date_is_iso_or_day_first_and_a_date_alone_is_noon_in_london(
    written: str, meant: tuple[int, int, int, int, int]
) -> None:
    assert good(received=written).received_at == datetime(*meant, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("column", "written", "sentence"),
    [
        ("received", "", "every row needs it"),
        ("received", "11/02/26", "is no date"),
        ("received", "31/02/2026", "is no date"),
        ("received", "2026-11-17", "lies in the future"),
        ("received", "1066-10-14", "Correct the year"),
        ("received", "2001-03-01", "write when it was closed"),
        ("closed", "2026-11-01", "before the date of receipt"),
        ("closed", "2027-01-01", "lies in the future"),
        ("file", "", "every row needs it"),
        ("file", "../secret.pdf", "leads out of the folder"),
        ("file", "/etc/passwd", "leads out of the folder"),
        ("file", "C:\\scans\\a.pdf", "leads out of the folder"),
        ("channel", "pigeon", "There is no channel"),
        ("case_type", "dragons", "There is no case type"),
        ("team", "dragons", "There is no team"),
        ("sender", "Mary Bell", "is no e-mail address"),
        ("limited", "perhaps", "neither yes nor no"),
        ("sha256", "abc", "no SHA-256"),
    ],
)
def test_a_cell_that_means_nothing_is_named_with_line_column_and_what_to_do(
    column: str, written: str, sentence: str
) -> None:
    row, faults = read(**{column: written})
    assert row is None
    assert [(fault.line, fault.column) for fault in faults] == [(7, column)]
    assert sentence in faults[0].sentence


def test_what_a_row_says_stands_and_types_and_teams_go_by_key_or_name() -> None:
    row = good(
        file="2019\\a.pdf", channel="E-mail", case_type="Bins: missed collection", team="Revenues", reference=" DMS 1 ",
        sender="a@example.org", limited="Yes", closed="03/11/2026", outcome="Done", postcode="HD1 1QF",
        given_name="b.pdf",
    )  # fmt: skip
    assert (row.file, row.file_name, row.channel) == ("2019/a.pdf", "b.pdf", Channel.EMAIL)
    assert (row.case_type, row.team, row.reference, row.limited) == ("missed_bin", "revenues", "DMS 1", True)
    assert (row.sender, row.outcome) == ("a@example.org", "Done")
    assert dict(row.fields) == {"sender_postcode": "HD1 1QF", "old_reference": "DMS 1"}


def test_an_address_that_no_channel_proved_is_index_data_and_nobody_to_write_to() -> None:
    row = good(sender="a@example.org")
    assert (row.sender, row.fields["email"]) == (None, "a@example.org")


def test_an_apostrophe_that_kept_a_spreadsheet_from_counting_is_no_part_of_the_name() -> None:
    assert good(given_name="'=cmd.pdf").file_name == "=cmd.pdf"
    assert good(sender_name="'t Hooft").fields["sender_name"] == "'t Hooft"


def test_a_closed_matter_may_be_older_than_any_receipt_that_a_channel_is_believed() -> None:
    assert good(received="1974-04-01", closed="1975-01-01").received_at.year == 1974
    assert NOW - good(received="2010-01-04").received_at > timedelta(days=5000)


def test_more_cells_than_headings_are_a_delimiter_in_a_cell() -> None:
    row, faults = row_from(RawRow(3, ["a.pdf", "2026-11-02", "Smith", "Jane"]), {"file": 0, "received": 1}, 3, KNOWN)
    assert (row, "quotes" in faults[0].sentence) == (None, True)
