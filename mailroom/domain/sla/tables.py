"""Reads one `[clocks.NAME]` table of `config/clocks.toml` into a `ClockRule`, naming the key where it makes no sense.

Before: `settings.py` has parsed the file. After: `due.py` computes by the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from mailroom.domain.sla.rules import ClockRule, DayZero, Event, MetBy, PauseRule, Roll, Unit

_Kind = TypeVar("_Kind")
_Choice = TypeVar("_Choice", bound=StrEnum)

_KEYS = frozenset(ClockRule.__dataclass_fields__) - {"name"}


def clock_rule_from(name: str, table: Mapping[str, object]) -> ClockRule:
    """Build a rule from its table; the head of `config/clocks.toml` explains the keys.

    Raises:
        ValueError: a key is missing, unknown, of the wrong kind or contradicts another; the message names it.
    """
    for key in table:
        if key not in _KEYS:
            raise ValueError(f"{key} is not a key here; there are {', '.join(sorted(_KEYS))}")
    return ClockRule(
        name=name,
        title=_value(table, "title", str),
        unit=_choice(table, "unit", Unit),
        amount=_value(table, "amount", int),
        source=_value(table, "source", str),
        statutory=_value(table, "statutory", bool, default=False),
        extension=_value(table, "extension", int, default=0),
        calendar=_value(table, "calendar", str, default="tenant"),
        closures=_value(table, "closures", bool, default=False),
        cut_off=_value(table, "cut_off", bool, default=False),
        starts=_choice(table, "starts", Event, default=Event.RECEIPT),
        day_zero=_choice(table, "day_zero", DayZero, default=DayZero.SAME_DAY),
        roll=_choice(table, "roll", Roll, default=Roll.NONE),
        pause=_choice(table, "pause", PauseRule, default=PauseRule.NEVER),
        restart=_choice(table, "restart", Event) if "restart" in table else None,
        met_by=_choice(table, "met_by", MetBy, default=MetBy.REPLY),
    )


def _value(table: Mapping[str, object], key: str, kind: type[_Kind], *, default: _Kind | None = None) -> _Kind:
    value = table.get(key, default)
    if value is None:
        raise ValueError(f"{key} is missing")
    # True is an int to Python, never to the reader of a configuration.
    if isinstance(value, kind) and isinstance(value, bool) is (kind is bool):
        return value
    raise ValueError(f"{key}: {value!r} is no {kind.__name__}")


def _choice(table: Mapping[str, object], key: str, choices: type[_Choice], *, default: str | None = None) -> _Choice:
    value = _value(table, key, str, default=default)
    if value not in list(choices):
        raise ValueError(f"{key}: {value!r} is none of {', '.join(choices)}")
    return choices(value)
