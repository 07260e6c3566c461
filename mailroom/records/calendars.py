"""Builds the working calendars: bank holidays of the four nations, the council's nation, its closures and hours.

Before: `settings.py` has parsed `config/calendar.toml`. After: `bootstrap` hands the calendars to the stages, which
compute due times by them (`domain/sla`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import TypeVar

import holidays

from mailroom.domain.errors import Misconfigured
from mailroom.domain.sla import Calendars, OfficeHours, WorkingCalendar

NATIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern_ireland": "NIR"}
"""The nations by our name for them, with the code the holidays library knows them by."""

_KEYS = ("nation", "cut_off", "opens", "closes", "first_year", "last_year", "closures")

_Kind = TypeVar("_Kind", str, int, list[object], time)


def calendars_from(table: Mapping[str, object]) -> Calendars:
    """Build the calendars `tenant`, `uk_union` and one for each nation from the parsed `config/calendar.toml`.

    A day is a holiday of `uk_union` if it is one anywhere in the United Kingdom (Freedom of Information Act 2000
    s10(6)). The council's closures stand in every calendar; clocks that take no notice of them ask for it without.

    Raises:
        Misconfigured: a key is missing, unknown or wrong; the message names it.
    """
    for key in table:
        if key not in _KEYS:
            raise _wrong(f"{key} is not a key here; there are {', '.join(_KEYS)}")
    years = _years(table)
    closures = frozenset(_closures(_get(table, "closures", list)))
    by_nation = {name: _bank_holidays(code, years) for name, code in NATIONS.items()}
    days = {**by_nation, "tenant": by_nation[_nation(table)], "uk_union": frozenset().union(*by_nation.values())}
    by_name = {name: WorkingCalendar(off, years[0], years[-1], closures) for name, off in days.items()}
    return Calendars(by_name, _hours(table))


def _bank_holidays(code: str, years: range) -> frozenset[date]:
    # Without the nation's code the library leaves out every day that is not a holiday in all four.
    return frozenset(holidays.country_holidays("GB", subdiv=code, years=years))


def _years(table: Mapping[str, object]) -> range:
    first, last = _get(table, "first_year", int), _get(table, "last_year", int)
    if not 1900 <= first <= last <= 2099:
        raise _wrong(f"first_year, last_year: {first} to {last} is no range of years between 1900 and 2099")
    return range(first, last + 1)


def _nation(table: Mapping[str, object]) -> str:
    nation = _get(table, "nation", str)
    if nation not in NATIONS:
        raise _wrong(f"nation: {nation!r} is none of {', '.join(NATIONS)}")
    return nation


def _hours(table: Mapping[str, object]) -> OfficeHours:
    hours = OfficeHours(_get(table, "cut_off", time), _get(table, "opens", time), _get(table, "closes", time))
    if hours.opens >= hours.closes:
        raise _wrong(f"closes: the council cannot close at {hours.closes} if it opens at {hours.opens}")
    return hours


def _closures(spans: list[object]) -> Iterator[date]:
    for span in spans:
        match span if isinstance(span, list) else [span, span]:
            case [date() as first, date() as last] if type(first) is type(last) is date and first <= last:
                yield from (first + timedelta(days=n) for n in range((last - first).days + 1))
            case _:
                raise _wrong(f"closures: {span!r} is neither a date nor a list of a first and a last date")


def _get(table: Mapping[str, object], key: str, kind: type[_Kind]) -> _Kind:
    if key not in table:
        raise _wrong(f"{key} is missing")
    value = table[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _wrong(f"{key}: {value!r} is no {kind.__name__}")
    return value


def _wrong(fault: str) -> Misconfigured:
    return Misconfigured(f"calendar.toml: {fault}. Correct the key and start again.")
