"""A calendar file says what it says in words, with times as they are in London."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailroom.sandbox.tasks.look_inside import look_inside
from mailroom.sandbox.tasks.read_text import read_text


def calendar(*lines: str, method: str = "REQUEST") -> bytes:
    event = ["BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *event, "END:VCALENDAR", ""]).encode()


def read(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert look_inside(file, tmp_path, {})["media_type"] == "text/calendar"
    text: str = read_text(file, tmp_path, {})["text"]
    return text


def test_an_invitation_is_read_as_a_person_would_write_it(tmp_path: Path) -> None:
    content = calendar(
        "SUMMARY:Site visit\\, Bridge St",
        "DTSTART:20260713T083000Z",
        "DTEND:20260713T100000Z",
        "LOCATION:Town Ha",
        " ll",
        "ORGANIZER;CN=Ann Lee:mailto:ann@client.example",
        "DESCRIPTION:Bring boots.\\nAnd a map.",
    )
    assert read(tmp_path, content).splitlines() == [
        "Invitation",
        "What: Site visit, Bridge St",
        "When: Monday 13 July 2026, 09:30 to 11:00",
        "Where: Town Hall",
        "From: Ann Lee <ann@client.example>",
        "",
        "Bring boots.",
        "And a map.",
    ]


@pytest.mark.parametrize(
    ("times", "when"),
    [
        (["DTSTART;TZID=America/New_York:20261201T100000"], "Tuesday 1 December 2026, 15:00"),
        (["DTSTART;TZID=W. Europe Standard Time:20261201T100000"], "Tuesday 1 December 2026, 09:00"),
        (["DTSTART:20261201T100000"], "Tuesday 1 December 2026, 10:00"),
        (
            ["DTSTART:20261201T220000Z", "DTEND:20261202T020000Z"],
            "Tuesday 1 December 2026, 22:00 to Wednesday 2 December 2026, 02:00",
        ),
        (
            ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202", "RRULE:FREQ=WEEKLY"],
            "Tuesday 1 December 2026 to Wednesday 2 December 2026 (not included), every week",
        ),
    ],
)
def test_times_are_those_of_london(tmp_path: Path, times: list[str], when: str) -> None:
    assert f"When: {when}" in read(tmp_path, calendar(*times)).splitlines()


@pytest.mark.parametrize(
    ("content", "first"),
    [
        (calendar("SUMMARY:a", method="CANCEL"), "Cancellation"),
        (calendar("SUMMARY:a", "STATUS:CANCELLED"), "Cancellation"),
        (calendar("SUMMARY:a", method="PUBLISH"), "Announcement"),
        (calendar("SUMMARY:a", method="X-NONE"), "Calendar entry"),
    ],
)
def test_it_says_first_what_it_is(tmp_path: Path, content: bytes, first: str) -> None:
    assert read(tmp_path, content).splitlines() == [first, "What: a"]


def test_an_answer_says_who_gave_it(tmp_path: Path) -> None:
    content = calendar("ATTENDEE;CN=Bo;PARTSTAT=DECLINED:mailto:bo@client.example", method="REPLY")
    assert "Answer: Bo <bo@client.example> has declined" in read(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Site visit",
        b"BEGIN:VCALENDAR\r\nno line of a calendar\r\nSUMMARY:Site visit\r\nEND:VCALENDAR",
        calendar("SUMMARY:Site visit", "DTSTART:garbage", "DTEND:99999999T999999Z", "RRULE:FREQ=NEVER"),
        b"begin:vcalendar\r\nSUMMARY:Site visit\r\nend:vcalendar",
    ],
)
def test_what_cannot_be_followed_is_shown_as_it_is(tmp_path: Path, content: bytes) -> None:
    assert "Site visit" in read(tmp_path, content)
