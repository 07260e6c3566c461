"""Whether and how a sender is told that something came in, or answered: by mail only to an address the channel proves.

Nothing is sent for limited-access, unsettled or anonymous items; what has only an address read from a page waits, as a
letter, for a person's word.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from mailroom.domain.catalogue import Service

MOST_A_DAY = 5
"""Messages to one address within a day, beyond which two machines may be answering one another."""

TOO_MANY = f"{MOST_A_DAY} messages went to this address within a day; more would be a loop."
"""The reason that is shown then."""

_ANSWERED_BY_NOBODY = re.compile(
    r"(mailer-daemon|postmaster|mdaemon|listserv|majordomo"
    r"|(.*[-_.+])?(no|do[-_.]?not)[-_.]?reply.*|bounces?([+-].*)?)(@.*)?",
    re.IGNORECASE,
)


class Way(StrEnum):
    """How the sender is told."""

    EMAIL = "email"
    LETTER = "letter"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of a sender.

    Attributes:
        proven_address: the address that the channel proves, or None.
        automatic: True for an auto-reply, a list or a bounce (RFC 3834): it is never answered.
        named_on_page: True where a name and a postcode were read from a page.
        told_today: how many messages went or will go to the proven address within one day.
        ours: True where the proven address is one of the council's own, whose mail is never answered either.
    """

    proven_address: str | None
    automatic: bool
    named_on_page: bool
    told_today: int = 0
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The way, and where nothing is sent, the reason that is shown instead."""

    way: Way
    reason: str | None = None


def leads_to_nobody(address: str | None, ours: Collection[str]) -> bool:
    """Return whether an answer to this address would come back to us or to a machine (RFC 3834 section 2).

    Args:
        address: the proven address; empty where it is proven that nobody is to be answered.
        ours: the council's own addresses, and its domains as `@council.example`.
    """
    if address is None:
        return False
    return is_ours(address, ours) or not address or _ANSWERED_BY_NOBODY.fullmatch(address) is not None


def is_ours(address: str, ours: Collection[str]) -> bool:
    """Return whether an address is one of the council's own.

    Args:
        address: the address.
        ours: as in `leads_to_nobody`.
    """
    own, address = {own.lower() for own in ours}, address.lower()
    return address in own or f"@{address.rpartition('@')[2]}" in own


def why_never(*, settled: bool, limited: bool, replaced: bool = False) -> str | None:
    """Return why nothing may be sent by itself for an item as it stands, or None where something may.

    Args:
        settled: whether a decision is settled.
        limited: whether the item is limited-access.
        replaced: whether it was split or joined, so that others are answered in its place.
    """
    reasons = {
        "The item was split or joined to another; what took its place has a message of its own.": replaced,
        "Nothing is sent by itself for a limited-access item.": limited,
        "Nothing is sent until the item is settled.": not settled,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def plan_acknowledgement(sender: Sender, service: Service, *, settled: bool, limited: bool, mail: bool) -> Plan:
    """Decide how the sender is told.

    Args:
        sender: what is known of the sender.
        service: what the item was settled as.
        settled: whether a decision is settled.
        limited: whether the item is limited-access.
        mail: whether a mail server is set.
    """
    never = why_never(settled=settled, limited=limited)
    if never is not None:
        return Plan(Way.NONE, never)
    reasons = {
        "No acknowledgement is sent for this kind of item.": service.acknowledgement is None,
        "One of our own addresses sent it or passed it on, and is never answered.": sender.ours,
        "It came from a machine or a list, which is never answered (RFC 3834).": sender.automatic,
    }
    if sender.told_today >= MOST_A_DAY:
        reasons[TOO_MANY] = True
    for reason, holds in reasons.items():
        if holds:
            return Plan(Way.NONE, reason)
    if sender.proven_address and mail:
        return Plan(Way.EMAIL)
    if sender.named_on_page or sender.proven_address:
        return Plan(Way.LETTER)
    return Plan(Way.NONE, "The sender gave no name and address.")


def plan_reply(sender: Sender, *, settled: bool, limited: bool, mail: bool) -> Plan:
    """Decide how an officer's reply goes: by mail to an address that the channel proves, else as a letter.

    Where a letter goes is a person's word; as long as its address is not complete, none can be printed.

    Args:
        sender: what is known of the sender.
        settled: whether a decision is settled.
        limited: whether the item is limited-access.
        mail: whether a mail server is set.
    """
    never = why_never(settled=settled, limited=limited)
    if never is not None:
        return Plan(Way.NONE, never)
    if sender.proven_address and mail and not sender.automatic:
        return Plan(Way.EMAIL)
    if sender.automatic and not sender.named_on_page:
        return Plan(Way.NONE, "It came from a machine or a list, which is never answered (RFC 3834).")
    return Plan(Way.LETTER)
