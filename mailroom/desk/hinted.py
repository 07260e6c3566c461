"""What the way that an item came by hints at: the team or the kind of letter that an address or folder stands for.

Before: settings or folders name a hint, and the item keeps it. After: whoever sorts the item reads it beside the
suggestions, in which it counts for little: people write to any address.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from mailroom.domain import ways
from mailroom.records.arrivals import way_of
from mailroom.records.tables import Item
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Hinted:
    """A hint as a clerk reads it.

    Attributes:
        address: of ours that it was written to; empty where that is not known, or it lay in a folder.
        towards: names of team and case type.
    """

    address: str
    towards: str


def hinted(session: Session, item: Item, services: Services) -> Hinted | None:
    """Return what the way that the item came by hints at, or None."""
    team = services.catalogue.teams.get(item.hint_team or "")
    service = services.catalogue.services.get(item.hint_case_type or "")
    towards = [*([team.name] if team else []), *([service.title] if service else [])]
    return Hinted(_address(way_of(session, item.id), services), ", ".join(towards)) if towards else None


def _address(way: str, services: Services) -> str:
    boxes = services.settings.imap.mailboxes
    return {ways.mailbox(name): box.address for name, box in boxes.items()}.get(way) or ways.address_in(way)
