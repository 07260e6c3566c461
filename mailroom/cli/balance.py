"""What `reconcile` found, in the words of whoever must act on it; scripts get the figures as they are.

Before: `duties/reconcile.py` has held the ledger against what others know. After: the lines that are printed; a list
that is long is cut, and says how much is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mailroom.cli.moments import as_people_write

AT_MOST = 20
"""Lines of a list that people are shown."""

_NOT_THERE = "is not on the ledger"


def lines_of(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines after the table of channels, the verdict last."""
    yield from _list("Refused, and told so:", [_refusal(one) for one in found.get("refused", [])])
    for name, count in found.get("mailboxes", {}).items():
        yield from _mailbox(name, count)
    if "against" in found:
        yield _against(found["against"])
    yield from _list("Missing:", found["missing"])
    yield verdict(found["difference"], found["missing"])


def verdict(difference: int, missing: Sequence[str]) -> str:
    """Return the sentence that says whether all is accounted for."""
    if not difference and not missing:
        return "The ledger balances to zero."
    messages = len([sentence for sentence in missing if sentence.endswith(_NOT_THERE)])
    others = len(missing) - messages
    told = [
        f"The ledger does not balance: received is {difference:+d} against what became of it." if difference else "",
        f"{_count(messages, 'message')} {_are(messages)} not on the ledger." if messages else "",
        f"{_count(others, 'thing')} {_are(others)} not as promised; each is named above." if others else "",
    ]
    return " ".join(filter(None, told))


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
    yield from (f"  {line}" for line in islice(lines, AT_MOST))
    if len(lines) > AT_MOST:
        yield f"  and {_number(len(lines) - AT_MOST)} more: mailroom reconcile --json names them all"


def _refusal(one: Mapping[str, Any]) -> str:
    return f"{one['reference']}, {as_people_write(one['received_at'])}, by {one['channel']}: {one['why']}"


def _mailbox(name: str, count: Mapping[str, Any]) -> Iterator[str]:
    yield f"Mailbox {name}, as its server counted on {as_people_write(count['counted_at'])}:"
    yield f"  {count['in_mailbox']} in the mailbox, {count['not_taken_in']} of them could not be taken in"
    if count["in_taken_folder"] is None:
        yield f"  {count['on_ledger']} on the ledger; the folder of what was taken is not counted"
    else:
        yield f"  {count['on_ledger']} on the ledger, {count['in_taken_folder']} in the folder of what was taken"
        yield f"  {count['deleted_since']} deleted there since, {count['more_than_taken_in']} never taken in"
    if count["problem"]:
        yield f"  No newer count: {count['problem']}"


def _against(figures: Mapping[str, int]) -> str:
    there, vague, nameless = figures["found"], figures["not_comparable"], figures["nameless"]
    here = f"Of {_count(figures['listed'], 'message')} listed {_number(there)} {_are(there)} on the ledger"
    unlike = f"{_number(vague)} cannot be compared, having neither a Message-ID of a usual form nor a reference"
    bare = f"{_count(nameless, 'mail')} of ours {'has' if nameless == 1 else 'have'} no Message-ID"
    return f"{here}; {unlike}." + (f" {bare}, or {_are(nameless)} not opened yet." if nameless else "")


def _count(number: int, what: str) -> str:
    return f"{_number(number)} {what}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _number(number: int) -> str:
    return f"{number:,}".replace(",", " ")
