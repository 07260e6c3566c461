"""The rules for accounts: which passwords do, how guessing is slowed, how long somebody stays signed in.

Before: somebody types a name and a password, or comes back to a page. After: `desk/signing_in.py` lets them in or says
why not. Passwords as NCSC advises ("Password administration for system owners"): long, no rules about their letters, no
expiry, and guessing slowed by growing pauses; whoever causes them for somebody else locks them out for an hour at most
at a time, which an administrator's reset ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
"""Longer ones would only give the hash function work."""

FREE_TRIES = 5
"""Wrong passwords in a row that cost nothing but the try."""

FREE_AT_ADDRESS = 30
"""Wrong passwords from one address that cost nothing: so many slip in an office before they get in."""

_LONGEST_AT_ADDRESS = timedelta(minutes=15)
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
_FEWEST_LETTERS = 5
"""A password of fewer different letters is guessed first, however long it is."""

NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")
"""What a name to sign in with looks like."""


RESERVED = frozenset({"new", "machine", "channel", "system", "web", "provider", "nobody"})
"""Words of our own that stand where names do."""

_GUESSED_FIRST = ("password", "passwort", "cyfrinair", "12345", "qwerty", "letmein", "welcome1", "iloveyou", "mailroom")
_LONG_NAME = 4
"""A shorter name stands in many a harmless word."""


@dataclass(frozen=True, slots=True)
class Span:
    """How long a sitting lasts: without anything being done in it, and at the most."""

    idle: timedelta
    longest: timedelta


def fault_of_password(password: str, name: str) -> str | None:
    """Return what is wrong with a password somebody chose, as a sentence, or None."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Choose at least {SHORTEST_PASSWORD} characters. Three or four words do well."
    if len(password) > LONGEST_PASSWORD:
        return f"Choose at most {LONGEST_PASSWORD} characters."
    if len(set(password.casefold())) < _FEWEST_LETTERS:
        return "Choose one of more different characters: this one is guessed at once."
    if any(word in password.casefold() for word in _GUESSED_FIRST):
        return "Choose one without the words and rows of keys that are tried first."
    if len(name) >= _LONG_NAME and name.casefold() in password.casefold():
        return "Choose one without your own name in it."
    return None


def pause_after(wrong: int) -> timedelta:
    """Return for how long no password is tried after so many wrong ones in a row: doubled by each, an hour at most."""
    beyond = wrong - FREE_TRIES
    if beyond < 0:
        return timedelta()
    return min(_FIRST_PAUSE * (1 << min(beyond, 16)), _LONGEST_PAUSE)


def pause_at_address(wrong: int) -> timedelta:
    """Return for how long no stranger's password is tried from an address after so many wrong ones there."""
    beyond = wrong - FREE_AT_ADDRESS
    if beyond < 0:
        return timedelta()
    return min(_FIRST_PAUSE * (1 << min(beyond, 16)), _LONGEST_AT_ADDRESS)


def ends_at(started_at: datetime, seen_at: datetime, span: Span) -> datetime:
    """Return when a sitting ends if nothing more is done in it."""
    return min(seen_at + span.idle, started_at + span.longest)
