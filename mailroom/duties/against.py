"""Holds the ledger against a list that somebody else made: names of messages, or the log of the mail server in front.

Before: an auditor has such a file. After: each message of it that is not on the ledger is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from mailroom.domain.errors import Misconfigured
from mailroom.domain.mail_list import MOST_OF_A_LINE, Listed, listed_in
from mailroom.records.names import nameless_mails, names_known, references_known

_AT_ONCE = 500


def held_against(file: Path, session: Session) -> tuple[dict[str, Any], list[str]]:
    """Return what came of it in figures, and a sentence for each message that is not on the ledger.

    Figures: `listed`, `found`, `not_comparable` (no Message-ID of a usual form, and no reference), and `nameless`:
    mails on the ledger without a Message-ID, some of which may not be opened yet.

    Raises:
        Misconfigured: the file cannot be read, or is something else.
    """
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            lines = iter(lambda: stream.readline(MOST_OF_A_LINE), "")
            listed, absent, vague = _compare(listed_in(_written(lines, file)), session)
    except OSError as fault:
        raise Misconfigured(
            f"{file} cannot be read ({fault.strerror}). Name the list or log to compare with."
        ) from fault
    if 2 * vague > listed:
        raise _something_else(file)
    figures = {"listed": listed, "found": listed - len(absent) - vague, "not_comparable": vague}
    return {**figures, "nameless": nameless_mails(session)}, [_sentence(one, file) for one in absent]


def _written(lines: Iterator[str], file: Path) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise _something_else(file)
        yield line


def _something_else(file: Path) -> Misconfigured:
    return Misconfigured(f"{file} is neither a list of Message-IDs nor a log of Postfix. Name one of them.")


def _compare(messages: Iterator[Listed], session: Session) -> tuple[int, list[Listed], int]:
    listed, vague, absent = 0, 0, []
    while some := list(islice(messages, _AT_ONCE)):
        listed += len(some)
        vague += len([one for one in some if not (one.name or one.reference)])
        known = names_known(session, {one.name for one in some if one.name and not one.reference})
        known |= references_known(session, {one.reference for one in some if one.reference})
        absent += [one for one in some if (one.reference or one.name) and (one.reference or one.name) not in known]
    return listed, absent, vague


def _sentence(one: Listed, file: Path) -> str:
    what = f"item {one.reference} (message {one.name or 'without a name'})" if one.reference else f"message {one.name}"
    return f"{what} stands in line {one.line} of {file.name} and is not on the ledger"
