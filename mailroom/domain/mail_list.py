"""Which messages somebody else's list names: a list of Message-IDs, or the log of the Postfix in front.

Before: an auditor has cut the list, or the log, for the mail that must have come in. After: `duties/against.py` holds
the ledger against it. In a log only what we answered with yes counts, where such answers stand in it: the same Postfix
may carry other mail, too. A list comes from outside: nothing of it is kept, and no line is looked at beyond its bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_OF_A_LINE = 4096

_LOGGED = re.compile(r"postfix\S*\[\d+\]: (?P<queue_id>[0-9A-Za-z]{6,40}): (?P<told>.*)")
_ANY_LOG = re.compile(r"\w\[\d+\]: ")
_NAMED = re.compile(r"message-id=(?P<name>.*)")
_TAKEN_IN = re.compile(r"status=sent \(250 2\.0\.0 Taken in(?: before)? as (?P<reference>[\w-]{1,40})\)")
_NAME = re.compile(r"<[^<>\s]{1,250}>")
"""As names of messages are kept on the ledger."""
_BARE_NAME = re.compile(r"[^<>\s]{1,249}@[^<>\s]{1,249}")
"""A line without brackets is a name where it has the sign that RFC 5322 asks for; else any word would be one."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message that the list names.

    Attributes:
        line: where it stands.
        name: its Message-ID in angle brackets; empty where it has none of a usual form.
        reference: under which we said that it is taken in; empty where the list does not say.
    """

    line: int
    name: str
    reference: str = ""


def listed_in(lines: Iterable[str]) -> Iterator[Listed]:
    """Yield the messages that a list or a log names, those of a log in the order in which they were handed over."""
    named: list[Listed] = []
    names: dict[str, str] = {}
    answered = False
    for number, line in enumerate(lines, 1):
        logged = _LOGGED.search(line)
        if logged is None:
            yield from _listed_plainly(number, line)
        elif name := _NAMED.match(logged["told"]):
            names[logged["queue_id"]] = _name_in(name["name"])
            named.append(Listed(number, _name_in(name["name"])))
        elif taken_in := _TAKEN_IN.search(logged["told"]):
            answered = True
            yield Listed(number, names.get(logged["queue_id"], ""), taken_in["reference"])
    if not answered:
        yield from named


def _listed_plainly(number: int, line: str) -> Iterator[Listed]:
    if line.strip() and not _ANY_LOG.search(line):
        bare = _BARE_NAME.fullmatch(line.strip())
        yield Listed(number, _name_in(line) or (_name_in(f"<{bare[0]}>") if bare else ""))


def _name_in(text: str) -> str:
    found = _NAME.search(text)
    return found[0] if found else ""
