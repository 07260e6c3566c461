"""A message beside its words: what its head says, what is attached, and how it was formatted.

Before: `read` has kept the formatted message, made harmless. After: a page shows it in a frame in which nothing acts.
All of it is data from outside: a name in a head proves nothing about who wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mailroom.desk.audit import NotThere, seen_by
from mailroom.desk.looking import WORK, ensure_look
from mailroom.desk.opening_rendition import open_rendition
from mailroom.domain.access import Viewer
from mailroom.records.item_pages import formatted_of, head_of, page_at
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Attached:
    """Something attached to a message: its name as the sender gave it, and its size in bytes where that is known."""

    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class MessageHead:
    """What the head of a message says.

    Attributes:
        sender: name and address, as far as they are there.
        to: likewise.
        subject: empty where there is none.
        date: as it is written there.
        authentication: what our mail server found out about where it came from: method and result, in their order.
        attached: what is attached, in its order.
        formatted: whether it can be shown as it was formatted.
    """

    sender: str
    to: str
    subject: str
    date: str
    authentication: Sequence[tuple[str, str]]
    attached: Sequence[Attached]
    formatted: bool


def head_of_message(name: str, place: int, viewer: Viewer, services: Services) -> MessageHead | None:
    """Return the head of the message on this page of an item that is open before the viewer; None where it is none.

    Raises:
        NotThere: no such item for this viewer.
    """
    with services.records.look() as session:
        page = page_at(session, seen_by(session, name, viewer).id, place)
        head = head_of(session, page) if page else {}
        if page is None or not head:
            return None
        return MessageHead(
            sender=_mailbox(head["sender"]),
            to=_mailbox(head["to"]),
            subject=head["subject"],
            date=head["date"],
            authentication=tuple((name.upper(), result) for name, result in _by_our_server(head)),
            attached=tuple(Attached(part["name"] or part["media_type"], part["size"]) for part in head["attachments"]),
            formatted=formatted_of(session, page) is not None,
        )


def formatted_message(name: str, place: int, viewer: Viewer, services: Services) -> str:
    """Return the message on this page as it was formatted: a harmless page of HTML.

    Raises:
        NotThere: no such item for this viewer, or nothing formatted at that place.
        CustodyBreach: what is kept is not what was made.
        MailroomError: the store cannot be read now.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        page = page_at(session, item.id, place)
        made = formatted_of(session, page) if page else None
        if made is None:
            raise NotThere(f"Page {place} of {item.reference} was not formatted. Read its words instead.")
    ensure_look(item.id, viewer, WORK, services)
    with open_rendition(made, item.reference, services) as kept:
        return kept.read().decode()


def _by_our_server(head: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the results in the order of the methods; heads that were read before there were any have none."""
    results: dict[str, str] = head.get("authentication", {})
    return [(method, results[method]) for method in ("spf", "dkim", "dmarc") if method in results]


def _mailbox(mailbox: dict[str, Any]) -> str:
    name, address = mailbox["name"], mailbox["address"]
    return f"{name} <{address}>" if name and address else name or address
