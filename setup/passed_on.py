"""Texts that reach a page through a variable: the extraction of messages finds them here, not in the templates.

Templates translate them with `translated(...)`, which leaves what it does not know as it is, and leaves it to be
escaped. Neighbours: `mailroom/web/language.py`, `babel.cfg`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from mailroom.catalogue import load_catalogue
from mailroom.desk.history import PURPOSES
from mailroom.desk.index_values import LABELS
from mailroom.desk.item_view import cause_in_words
from mailroom.desk.performance import reason_in_words
from mailroom.domain.access import Role
from mailroom.domain.capture import Channel
from mailroom.domain.errors import Cause
from mailroom.domain.imported import WAY
from mailroom.domain.items import ItemState
from mailroom.records.late import Why
from mailroom.web.faults import OTHERWISE, TITLES
from mailroom.web.moments import LATE, LEFT, NO_DEADLINE
from mailroom.web.navigation import BAR
from mailroom.web.routes.performance import periods

ACCOUNT_EVENTS = (
    "moved", "left", "password_reset", "password_chosen", "groups_changed", "second_factor_set_up",
    "emergency_access", "emergency_looked_into", "signed_in", "signed_in_by_provider", "signed_out",
)  # fmt: skip
"""What is put down of an account, see `note_account`; `joined`, which items are in another sense, has its own words."""

_CONFIG = Path(__file__).parents[1] / "config"


def passed_on() -> set[str]:
    """Return every text of ours, and of the configuration in the tree, that templates are given to translate."""
    return {*_of_the_code(), *_of_the_configuration()}


def extract(*_: Any, **__: Any) -> Iterator[tuple[int, None, str, list[str]]]:  # noqa: ANN401  # Babel's signature
    """Yield these texts as messages, for Babel."""
    return ((1, None, text, []) for text in sorted(passed_on()))


def _of_the_code() -> Iterator[str]:
    yield from (entry.text for entry in BAR)
    yield from (*TITLES.values(), OTHERWISE)
    yield from (name.replace("_", " ") for name in (*Role, *ACCOUNT_EVENTS))
    yield from (*Channel, WAY, *ItemState, *LABELS.values())
    yield from PURPOSES.values()
    yield from filter(None, map(cause_in_words, Cause))
    yield from (period.name for period in periods(date.min.replace(year=2000), date.min))
    yield from map(reason_in_words, (Why(known, late, None) for known in (True, False) for late in (True, False)))
    yield from (reason_in_words(Why(known=True, came_late=False, cause=cause)) for cause in Cause)
    yield from (LEFT, LATE, NO_DEADLINE)


def _of_the_configuration() -> Iterator[str]:
    catalogue = load_catalogue(_CONFIG)
    yield from (reason.title for reason in catalogue.returns.values())
    yield from catalogue.outcomes
    for template in catalogue.templates.values():
        yield from (template.title, *template.fill_in.values())
        if template.outcome:
            yield template.outcome
    yield from (name.replace("_", " ").capitalize() for name in catalogue.rules["references"])
