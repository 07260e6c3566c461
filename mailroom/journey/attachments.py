"""What is attached to a mail becomes originals beside it: kept in the vault, looked into and read as post is.

Before: `unpack` has looked into a mail and found something attached. After: each attachment is an extract of the mail,
as the parts of a batch are of the whole; the mail itself, untouched, stays the proof. Done again after a crash it finds
what it has kept before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailroom.domain.errors import CustodyBreach, Transient
from mailroom.journey.stage import fetch, scratch_folder
from mailroom.records.items import new_id
from mailroom.records.tables import Original
from mailroom.sandbox.tasks.take_out import file_of
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach


@dataclass(frozen=True, slots=True)
class TakenOut:
    """The attachments of one mail.

    Attributes:
        originals: those that were taken out, in their order.
        left: how many could not be.
    """

    originals: Sequence[Original]
    left: int


def is_attachment(original: Original) -> bool:
    """Return whether it was taken out of a mail; an extract of a batch has pages of it."""
    return original.extract_of is not None and original.first_page is None


def take_out(mail: Original, known: list[Original], services: Services) -> TakenOut:
    """Return what is attached to a mail, kept in the vault.

    Args:
        mail: the original.
        known: attachments that the item has from before, in their order; those of this mail are taken from the list,
            for an item may have the same mail twice.
        services: the bundle.

    Raises:
        NeedsPerson: the mail holds more than can be taken out.
        Transient: the store takes nothing now.
        CustodyBreach: the vault holds other bytes under the same digest.
    """
    with scratch_folder(services) as folder:
        source = fetch(mail, folder, services)
        answer = services.sandbox.run("take_out", {}, source=source, scratch=folder)
        before = [original for original in known if original.extract_of == mail.sha256][: len(answer["names"])]
        if before:
            known[:] = [original for original in known if original not in before]
            return TakenOut(before, answer["left"])
        try:
            kept = [services.vault.keep(folder / file_of(number + 1)) for number in range(len(answer["names"]))]
        except VaultBreach as fault:
            raise CustodyBreach(str(fault)) from fault
        except StorageError as fault:
            raise Transient(f"The store cannot keep an attachment now: {fault}") from fault
    made = [
        Original(
            id=new_id(),
            item_id=mail.item_id,
            sha256=one.sha256,
            size=one.size,
            key=one.key,
            file_name=name,
            extract_of=mail.sha256,
            stored_at=services.now(),
        )
        for one, name in zip(kept, answer["names"], strict=True)
    ]
    return TakenOut(made, answer["left"])
