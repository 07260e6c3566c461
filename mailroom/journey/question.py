"""Which of the messages to a sender ask for what could not be opened: they may go before anything is settled.

Before: a clerk has asked (`desk/asking.py`). After: `duties/send_replies.py` and `desk/printing.py` let them go.
"""

from __future__ import annotations

from mailroom.domain.templates import Kind
from mailroom.records.tables import Outgoing, Reply
from mailroom.services import Services


def is_question(row: Outgoing, services: Services) -> bool:
    """Return whether a message asks the sender for what could not be opened."""
    template = services.catalogue.templates.get(row.template) if isinstance(row, Reply) else None
    return template is not None and template.kind is Kind.AGAIN
