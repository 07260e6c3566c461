"""What waits: for a team what it was handed, for the post room all that needs a person.

Before: somebody begins their day, or has finished an item and looks for the next. After: they act on one of the lines
(`back_office.py`, `post_room.py`). A queue never holds more than its viewer may see. The keys are a contract: scripts
rely on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailroom.desk.item_view import cause_in_words, sender_of, suggestions_of, title_of, who
from mailroom.desk.team_queue import whole_queue
from mailroom.domain.access import Viewer
from mailroom.domain.catalogue import UNSORTED
from mailroom.domain.decision import Urgency
from mailroom.domain.sla import LONDON, local_date
from mailroom.records.cases import running_clocks
from mailroom.records.documents import decision_in_force
from mailroom.records.tables import Item
from mailroom.records.team_queue import exceptions
from mailroom.services import Services

_NO_EXCEPTION = {"urgent": False, "cause": None, "cause_in_words": None, "problem": None, "suggestion": None}


def queue(team: str, viewer: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return what the team has before it today, what is due first on top.

    Raises:
        Refused: there is no such team, or the viewer does not work there.
    """
    return whole_queue(team, viewer, services)


def waiting(viewer: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return what waits for the post room: exceptions of every cause, and what was handed to it as to any team.

    Marked as urgent comes first, then what is due first.

    Raises:
        Refused: the viewer does not work there.
    """
    handed = queue(services.catalogue.services[UNSORTED].team, viewer, services)
    with services.records.look() as session:
        lines = {item.id: _exception(item, services) for item in exceptions(session, viewer)}
    others = [{**line, **_NO_EXCEPTION} for line in handed if line["item"] not in lines]
    return sorted([*lines.values(), *others], key=lambda line: (not line["urgent"], *_by_clock(line)))


def _by_clock(line: Mapping[str, Any]) -> tuple[bool, str, str]:
    return line["due_at"] is None, line["due_at"] or "", line["received_at"]


def _exception(item: Item, services: Services) -> dict[str, Any]:
    decision = decision_in_force(item)
    suggestions = suggestions_of(decision, services) if decision else []
    return {
        **_line(item, services),
        "urgent": decision is not None and decision.urgency is Urgency.URGENT,
        "cause": item.cause,
        "cause_in_words": cause_in_words(item.cause),
        "problem": item.problem,
        "suggestion": suggestions[0] if suggestions else None,
    }


def _line(item: Item, services: Services) -> dict[str, Any]:
    """Return what any queue shows of an item."""
    clocks = running_clocks(item.case) if item.case else ()
    due = next((clock for clock in clocks if clock.met_at is None), None)
    return {
        "item": item.id,
        "reference": item.reference,
        "what": title_of(item.case.case_type, services) if item.case else None,
        "from": who(sender_of(item)),
        "channel": item.channel,
        "received_at": item.received_at.isoformat(),
        "age_days": (local_date(services.now()) - local_date(item.received_at)).days,
        "due_at": due.due_at.astimezone(LONDON).isoformat() if due else None,
        "clock": due.name if due else None,
        "late": due is not None and due.due_at < services.now(),
        "owner": item.case.owner if item.case else None,
        "state": item.state,
        "without_words": _without_words(item),
        "run": item.run,
    }


def _without_words(item: Item) -> int:
    """Count the originals of which no word could be read: whoever takes the item on must look at them."""
    read = {document.original_id for document in item.documents if (document.text or "").strip()}
    return sum(original.id not in read for original in item.originals)
