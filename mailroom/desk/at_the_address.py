"""Guessing slowed by the address that the tries come from, whatever names they try; kept in memory, and bounded.

Before: `signing_in.py` slows guessing for each name. After: whoever tries a few passwords on very many names from one
address waits, too. An office of hundreds behind one address signs in all the same: a slip that ends in a sign-in is
forgotten, and a name that has signed in from that address before waits for nobody else's tries there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from mailroom.domain.accounts import pause_at_address

_MOST_ADDRESSES = 10_000
_MOST_NAMES = 500
"""So many names are remembered of an address; the one that was there longest ago is forgotten first."""

_HOUSE = 64
"""Bits of an IPv6 address that one customer shares: whoever has it has all addresses below."""


@dataclass(slots=True)
class _Tries:
    wrong: OrderedDict[str, int] = field(default_factory=OrderedDict)
    of_strangers: int = 0
    not_before: datetime | None = None
    at_home: OrderedDict[str, None] = field(default_factory=OrderedDict)


class Addresses:
    """What was tried from which address.

    Args:
        now: the time of day (aware).
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def may_try(self, address: str, name: str) -> bool:
        """Return whether a password for this name is tried now when it comes from this address."""
        with self._lock:
            tries = self._at(address)
            return tries.not_before is None or tries.not_before <= self._now() or name in tries.at_home

    def went_wrong(self, address: str, name: str) -> None:
        """Note a wrong try."""
        with self._lock:
            tries = self._at(address)
            tries.wrong[name] = tries.wrong.pop(name, 0) + 1
            if len(tries.wrong) > _MOST_NAMES:
                tries.of_strangers += tries.wrong.popitem(last=False)[1]
            tries.not_before = self._now() + pause_at_address(tries.of_strangers + sum(tries.wrong.values()))

    def went_right(self, address: str, name: str) -> None:
        """Note that somebody has come in from there: what went wrong for their name was their own slip."""
        with self._lock:
            tries = self._at(address)
            tries.wrong.pop(name, None)
            tries.at_home.pop(name, None)
            tries.at_home[name] = None
            if len(tries.at_home) > _MOST_NAMES:
                tries.at_home.popitem(last=False)

    def _at(self, address: str) -> _Tries:
        house = house_of(address)
        tries = self._tries.pop(house, None) or _Tries()
        self._tries[house] = tries
        if len(self._tries) > _MOST_ADDRESSES:
            self._tries.popitem(last=False)
        return tries


def house_of(address: str) -> str:
    """Return the address, or the network of one house where it is IPv6; pure."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((int(known), _HOUSE), strict=False))
