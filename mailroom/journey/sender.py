"""What is known of an item's sender, for whoever decides whether and how they may be written to."""

from __future__ import annotations

from mailroom.domain.acknowledging import Sender, is_ours, leads_to_nobody
from mailroom.records.documents import index_of
from mailroom.records.tables import Item
from mailroom.services import Services

_AUTOMATIC = frozenset({"automatic", "bulk", "list", "null_sender", "report", "loop"})
"""Signs in a message's head that a machine or a list sent it (RFC 3834 section 2), as `read_message` names them."""

_BY_ITSELF = frozenset({"replied", "null_sender", "report"})
"""Those of them that no person's mail bears: newsletters and ticket systems mark what people wrote as `bulk`."""


def known_sender(item: Item, services: Services, *, told_today: int = 0) -> Sender:
    """Return what is known of the sender.

    Args:
        item: what they sent.
        services: the bundle.
        told_today: how many messages went or will go to the proven address within one day.
    """
    return Sender(
        proven_address=item.proven_sender,
        automatic=came_from_a_machine(item) or leads_to_nobody(item.proven_sender, our_addresses(services)),
        named_on_page={"sender_name", "sender_postcode"} <= index_of(item).keys(),
        told_today=told_today,
        ours=is_one_of_us(item, services),
    )


def is_one_of_us(item: Item, services: Services) -> bool:
    """Return whether it is proven that an item was sent from one of the council's own addresses."""
    return bool(item.proven_sender) and is_ours(item.proven_sender or "", our_addresses(services))


def our_addresses(services: Services) -> list[str]:
    """Return the council's own addresses, and its domains as `@council.example`."""
    settings = services.settings
    teams, domains = services.catalogue.teams.values(), services.settings.mail.domains
    addresses = [settings.council.email, settings.acknowledge.sender, *(team.email for team in teams)]
    return [*addresses, *(f"@{domain}" for domain in domains)]


def came_from_a_machine(item: Item) -> bool:
    """Return whether the message says of itself that a machine or a list sent it; not what is attached to it."""
    return bool(item.documents and _AUTOMATIC & set(item.documents[0].headers.get("flags", ())))


def answered_by_itself(item: Item) -> bool:
    """Return whether the message says of itself that it is a machine's answer or report: no person wrote it."""
    return bool(item.documents and _BY_ITSELF & set(item.documents[0].headers.get("flags", ())))
