"""What one line of any queue says of its item, as pages show it and scripts read it.

Before: the records have found the rows of one page (`records/queue_lines.py`). After: the post room's queue and a
team's each add what only they show. The keys are a contract: scripts rely on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailroom.desk.item_view import title_of, who
from mailroom.domain.sla import LONDON, local_date
from mailroom.records.tables import NEVER
from mailroom.services import Services

_LONGEST_NAME = 60


def line_of(row: Mapping[str, Any], services: Services) -> dict[str, Any]:
    """Return what is the same in every queue; `what` is None where no case is open yet."""
    now, due = services.now(), None if row["due_at"] == NEVER else row["due_at"]
    return {
        "item": row["id"],
        "reference": row["reference"],
        "what": title_of(row["case_type"], services) if row["case_type"] else None,
        "channel": row["channel"],
        "received_at": row["received_at"].isoformat(),
        "age_days": (local_date(now) - local_date(row["received_at"])).days,
        "due_at": due.astimezone(LONDON).isoformat() if due else None,
        "late": due is not None and due < now,
        "owner": row["owner"],
        "run": row["run"],
    }


def sender_in(row: Mapping[str, Any], read: Mapping[str, str]) -> dict[str, str | None]:
    """Return what is known of the sender: the address that the channel proves, else what was read."""
    return {
        "name": read.get("sender_name"),
        "address": row["proven_sender"],
        "email": read.get("email"),
        "phone": read.get("phone"),
        "postcode": read.get("sender_postcode"),
    }


def from_whom(sender: Mapping[str, str | None], named: str | None) -> str | None:
    """Return whom it is from: where that is an address alone, with the name that the mail gives before it; pure.

    Args:
        sender: what is known.
        named: what the sender calls themselves in the mail's head, which proves nothing: the address stays in sight.
    """
    known, name = who(sender), _harmless(named or "")
    return f"{name} <{known}>" if known and name and known == sender["address"] else known


def _harmless(name: str) -> str:
    """Return a name as it may stand in a list: short, on one line, and never what looks like an address itself."""
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if "@" in shown or not any(map(str.isalnum, shown)):
        return ""
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[:_LONGEST_NAME].rstrip()}…"
