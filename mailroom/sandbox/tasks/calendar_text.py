"""What a calendar file says, as somebody would write it: what, when in London time, where, who asks.

Before: `read_text` has a file of iCalendar (RFC 5545). After: it is the text of its document. The library is icalendar;
a file that it cannot follow is shown as the lines that it is, which a clerk can still make sense of.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component

_LONDON = ZoneInfo("Europe/London")
_METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Announcement",
    "CANCEL": "Cancellation",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Proposal of another time",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "accepted, but not for certain"}
_REPEATS = {"DAILY": "every day", "WEEKLY": "every week", "MONTHLY": "every month", "YEARLY": "every year"}
_OF_DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, LookupError)
"""What the library raises for a file that is not whole."""


def calendar_text(content: str) -> str:
    """Return the entries of a calendar file in words; the file as it is where it cannot be followed."""
    try:
        calendars = Calendar.from_ical(content, multiple=True)
        entries = [text for calendar in calendars for text in _entries_of(calendar)]
    except _OF_DAMAGE:
        return content
    return "\n\n".join(entries) or content


def _entries_of(calendar: Component) -> list[str]:
    method = _METHODS.get(_text(calendar, "METHOD").upper(), "Calendar entry")
    return [_entry(method, part) for part in calendar.walk() if part.name in {"VEVENT", "VTODO"}]


def _entry(method: str, event: Component) -> str:
    cancelled = _text(event, "STATUS").upper() == "CANCELLED"
    lines = {
        "": "Cancellation" if cancelled else method,
        "What": _text(event, "SUMMARY"),
        "When": _when(event),
        "Where": _text(event, "LOCATION"),
        "From": _person(event.get("ORGANIZER")),
        "Answer": _answers(event) if method == _METHODS["REPLY"] else "",
    }
    told = [f"{label}: {words}" if label else words for label, words in lines.items() if words]
    description = _text(event, "DESCRIPTION").strip()
    return "\n".join([*told, *(("", description) if description else ())])


def _text(part: Component, name: str) -> str:
    value = part.get(name)
    return str(value[0] if isinstance(value, list) else value or "")


def _when(event: Component) -> str:
    start, end = _moment(event, "DTSTART"), _moment(event, "DTEND") or _moment(event, "DUE")
    if start is None:
        return f"until {_day(end)}" if end else ""
    said = _day(start) if end is None or end == start else f"{_day(start)} to {_end(start, end)}"
    rule = event.get("RRULE")
    repeats = _REPEATS.get(str((rule.get("FREQ") or [""])[0]).upper(), "again and again") if rule else ""
    return f"{said}, {repeats}" if repeats else said


def _moment(event: Component, name: str) -> date | None:
    """Return a time in London, or a day; a time without a zone is one of wherever it is read."""
    value: Any = getattr(event.get(name), "dt", None)
    if isinstance(value, datetime):
        return value.astimezone(_LONDON) if value.tzinfo else value
    return value if isinstance(value, date) else None


def _day(moment: date) -> str:
    day = f"{moment:%A} {moment.day} {moment:%B %Y}"
    return f"{day}, {moment:%H:%M}" if isinstance(moment, datetime) else day


def _end(start: date, end: date) -> str:
    """Return the end: its time alone where it is on the same day; of whole days the first that is free again."""
    if isinstance(end, datetime) and isinstance(start, datetime):
        return f"{end:%H:%M}" if end.date() == start.date() else _day(end)
    return f"{_day(end)} (not included)"


def _person(value: Any) -> str:  # noqa: ANN401 - the library has a type for each kind of property
    if value is None:
        return ""
    address = str(value).removeprefix("mailto:").removeprefix("MAILTO:")
    name = str(getattr(value, "params", {}).get("CN", ""))
    return f"{name} <{address}>" if name and name != address else address


def _answers(event: Component) -> str:
    attendees = event.get("ATTENDEE", [])
    found = attendees if isinstance(attendees, list) else [attendees]
    told = [(who, _ANSWERS.get(str(who.params.get("PARTSTAT", "")).upper())) for who in found]
    return ", ".join(f"{_person(who)} has {answer}" for who, answer in told if answer)
