"""How somebody wants the pages: dense or roomy, with single keys or without, digits on the keypad."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from mailroom.records.tables import Account
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody prefers.

    Attributes:
        dense: short lines where work is dense.
        single_keys: single letters do something while nothing is typed (WCAG 2.1.4 lets people switch that off).
        keypad: the left hand's letters are doubled on the keypad, for those who work with digits and Enter.
    """

    dense: bool = False
    single_keys: bool = True
    keypad: bool = False


def prefer(account: str, preferences: Preferences, services: Services) -> None:
    """Keep what the person prefers."""
    with services.records.work() as session:
        session.get_one(Account, account).preferences = asdict(preferences)
        session.commit()
