"""Which of the messages to a sender ask for what could not be opened: they may go before anything is settled.

Before: a clerk has asked (`desk/asking.py`). After: `duties/send_replies.py` and `desk/printing.py` let them go.
"""

from __future__ import annotations

from mailroom.domain.templates import Kind
from mailroom.records.tables import Outgoing, Reply
from mailroom.services import Services


def is_question(row: Outgoing, services: Services) -> bool:
    """Return whether a message asks the sender for what could not be opened."""
    return isinstance(row, Reply) and row.template in question_templates(services)


def question_templates(services: Services) -> frozenset[str]:
    """Return the keys of the templates that ask for what could not be opened."""
    return frozenset(key for key, one in services.catalogue.templates.items() if one.kind is Kind.AGAIN)
