"""Everything that belongs together on one page: the case, the same sender, the same account or reference.

Before: an officer has an item before them. After: they see what else there is, never more than is theirs to see, and no
count of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailroom.desk.audit import seen_by
from mailroom.desk.item_view import sender_of, title_of, who
from mailroom.domain.access import Viewer
from mailroom.domain.sla import LONDON
from mailroom.records.related import references_in, same_case, same_reference, same_sender
from mailroom.records.tables import Item
from mailroom.services import Services


def related(name: str, viewer: Viewer, services: Services) -> dict[str, Any]:
    """Return what belongs to the item: `case`, `sender` and, for each reference with others under it, `references`.

    Raises:
        NotThere: no such item for this viewer.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        named = references_in(item, services.catalogue.rules.get("references", {}))
        found = [(key, value, same_reference(session, item, key, value, viewer)) for key, value in named.items()]
        return {
            "reference": item.reference,
            "case": _lines(same_case(session, item, viewer), services),
            "sender": _lines(same_sender(session, item, viewer), services),
            "references": [
                {"name": key, "value": value, "items": _lines(items, services)} for key, value, items in found if items
            ],
        }


def _lines(items: Sequence[Item], services: Services) -> list[dict[str, Any]]:
    return [_line(item, services) for item in items]


def _line(item: Item, services: Services) -> dict[str, Any]:
    case = item.case
    return {
        "item": item.id,
        "reference": item.reference,
        "received_at": item.received_at.isoformat(),
        "channel": item.channel,
        "what": title_of(case.case_type, services) if case else None,
        "from": who(sender_of(item)),
        "team": services.catalogue.teams[case.team].name if case else None,
        "owner": case.owner if case else None,
        "due_at": item.due_at.astimezone(LONDON).isoformat() if item.has_deadline else None,
        "closed_at": case.closed_at.isoformat() if case and case.closed_at else None,
        "outcome": case.outcome if case else None,
    }
