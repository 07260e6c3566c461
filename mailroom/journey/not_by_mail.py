"""Turns an acknowledgement that no mail server takes, or that came back, into a letter.

Before: the server has refused it for good (`duties/send_acknowledgements.py`), or has reported that it was not
delivered (`came_back.py`). After: it stands among the letters to print, with why it does not go by mail; where no
postal address is known a person is asked for it there.
"""

from __future__ import annotations

from mailroom.domain.acknowledging import Way
from mailroom.records.tables import Acknowledgement

REFUSED_BEFORE = "The mail server refused the sender's address before. Write by post."
"""The reason of a letter that is planned anew, after what it was made from has changed."""


def becomes_a_letter(row: Acknowledgement, why: str) -> None:
    """Let a message that cannot go by mail wait as a letter; its address stays, so that none is mailed there again."""
    row.way, row.state, row.reason, row.sent_at = Way.LETTER, "to_print", why, None


def was_refused(row: Acknowledgement | None, address: str | None) -> bool:
    """Return whether the message became a letter because mail to this address is refused: no planned letter has one."""
    return row is not None and row.way == Way.LETTER and address is not None and row.address == address
