"""The case types that end the matter here: no reply is needed, or it is not ours and the sender is told whose it is.

Before: somebody sees that a letter asks nothing of this council. After: one key names the reason; the item is settled
as that type like any other, and its case closes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailroom.domain.catalogue import Service, Signpost
from mailroom.services import Services

_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Ending:
    """A reason that ends it.

    Attributes:
        key: what is pressed.
        case_type: as what the item is settled.
        title: what people call it.
        signpost: the body that the sender is told of; None where nobody is told.
    """

    key: str
    case_type: str
    title: str
    signpost: Signpost | None


def no_reply_reasons(services: Services) -> list[Ending]:
    """Return the reasons for which nothing is answered: what closes by itself and sends nothing, in catalogue order."""
    return _numbered(one for one in services.catalogue.services.values() if one.closes and not one.acknowledgement)


def not_ours_reasons(services: Services) -> list[Ending]:
    """Return what is another body's, each with the body that the sender is signposted to, in catalogue order."""
    return _numbered(one for one in services.catalogue.services.values() if one.signpost is not None)


def _numbered(services: Iterable[Service]) -> list[Ending]:
    pairs = zip(_KEYS, services, strict=False)
    return [Ending(key, service.key, service.title, service.signpost) for key, service in pairs]
