"""The clocks as delivered in config/, on real bank holidays."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest

from mailroom.domain.sla import Calendars, ClockRule, clock_rule_from
from mailroom.records.calendars import calendars_from

CLOCKS = Path(__file__).parents[4] / "config" / "clocks.toml"


@pytest.fixture(scope="session")
def clocks() -> Mapping[str, ClockRule]:
    tables = tomllib.loads(CLOCKS.read_text(encoding="utf-8"))["clocks"]
    return {name: clock_rule_from(name, table) for name, table in tables.items()}


@pytest.fixture(scope="session")
def calendars() -> Calendars:
    """An English council that closes at no other time."""
    return calendars_from(
        {
            "nation": "england",
            "cut_off": time(17),
            "opens": time(9),
            "closes": time(17),
            "first_year": 2011,
            "last_year": 2032,
            "closures": [],
        }
    )
