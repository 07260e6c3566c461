"""Proves that the ledger balances to zero and that what it promises is there, or names what is not."""

from __future__ import annotations

from typing import Any

from mailroom.records.ledger import Days, lines, missing
from mailroom.services import Services


def reconcile(services: Services) -> dict[str, Any]:
    """Return `channels`, the `difference` (0 when nothing is astray) and what is `missing`, each as a sentence."""
    with services.records.look() as session:
        channels, astray = lines(session, Days()), missing(session)
    difference = sum(
        line["received"] - line["captured"] - line["waiting"] - line["exceptions"] - line["refused"]
        for line in channels.values()
    )
    return {"channels": channels, "difference": difference, "missing": astray}
