"""Makes what is wanted of what was typed: words, and facts such as `team:revenues` or `on:2026-10`.

Before: one line of a search field, or of a saved view. After: a search by several things at once; what names no team,
type, channel, state or day is refused with a sentence that says what there is.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from mailroom.desk.acting import Refused
from mailroom.desk.naming import service_named, team_named
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.domain.query import read_line
from mailroom.records.ledger import Days
from mailroom.records.wanted import Wanted
from mailroom.services import Services

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
"""Years that are asked for; beyond them a slip of the keyboard is likelier than a letter."""

Put = Callable[[Wanted, str, Services], Wanted]
_Kind = TypeVar("_Kind", Channel, ItemState)


def wanted_by(line: str, services: Services) -> Wanted:
    """Return what somebody looks for who typed this.

    Raises:
        Refused: a fact is told that there is not.
    """
    typed = read_line(line)
    wanted = Wanted(typed.words)
    for name, value in typed.facts:
        wanted = _FACTS[name](wanted, value, services)
    return wanted


def days_in(text: str) -> Days:
    """Return the day, or the days of the month, that was typed.

    Raises:
        Refused: it is neither.
    """
    try:
        if text.count("-") == 1:
            first = date.fromisoformat(f"{text}-01")
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        else:
            first = last = date.fromisoformat(text)
    except ValueError as wrong:
        raise Refused(f"{text!r} is no day. Write it as 2026-11-20, or a month as 2026-11.") from wrong
    if not _FIRST_YEAR <= first.year <= _LAST_YEAR:
        raise Refused(f"{text!r} is in no year of ours. Write it as 2026-11-20, or a month as 2026-11.")
    return Days(first, last)


def _from(wanted: Wanted, value: str, _services: Services) -> Wanted:
    return replace(wanted, days=_in_order(days_in(value).first, wanted.days.last))


def _to(wanted: Wanted, value: str, _services: Services) -> Wanted:
    return replace(wanted, days=_in_order(wanted.days.first, days_in(value).last))


def _on(wanted: Wanted, value: str, _services: Services) -> Wanted:
    return replace(wanted, days=days_in(value))


def _in_order(first: date | None, last: date | None) -> Days:
    if first and last and first > last:
        raise Refused("The last day comes before the first. Change one of the two.")
    return Days(first, last)


def _channel(wanted: Wanted, value: str, _services: Services) -> Wanted:
    return replace(wanted, channel=_one_of(Channel, value, "channel"))


def _state(wanted: Wanted, value: str, _services: Services) -> Wanted:
    return replace(wanted, state=_one_of(ItemState, value, "state"))


def _one_of(kind: type[_Kind], value: str, what: str) -> _Kind:
    if value.lower() not in list(kind):
        raise Refused(f"There is no {what} {value!r}. There are: {', '.join(kind)}.")
    return kind(value.lower())


def _team(wanted: Wanted, value: str, services: Services) -> Wanted:
    return replace(wanted, team=team_named(value, services).key)


def _type(wanted: Wanted, value: str, services: Services) -> Wanted:
    if value in services.catalogue.services:  # what nobody has sorted is a type to look for, and none to choose
        return replace(wanted, case_type=value)
    return replace(wanted, case_type=service_named(value, services).key)


def _name(wanted: Wanted, value: str, _services: Services) -> Wanted:
    return replace(wanted, name=value)


def _postcode(wanted: Wanted, value: str, _services: Services) -> Wanted:
    return replace(wanted, postcode=value)


_FACTS: Mapping[str, Put] = {
    "from": _from,
    "to": _to,
    "on": _on,
    "channel": _channel,
    "state": _state,
    "team": _team,
    "type": _type,
    "name": _name,
    "postcode": _postcode,
}
"""What each fact that is told by name narrows."""
