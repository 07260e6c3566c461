"""Opening what was made from an original, checked against its digest: the picture of a page, a formatted message.

Before: somebody may see the item, and its row names the rendition. After: a page shows it, or says what to do instead.
"""

from __future__ import annotations

from typing import IO

from mailroom.domain.errors import CustodyBreach, MailroomError
from mailroom.records.tables import Rendition
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach


def open_rendition(made: Rendition, reference: str, services: Services) -> IO[bytes]:
    """Return the verified bytes of a rendition; the caller closes it.

    Args:
        made: the rendition.
        reference: of its item, for the sentence where it cannot be opened.
        services: the bundle.

    Raises:
        CustodyBreach: what is kept is not what was made.
        MailroomError: the store cannot be read now.
    """
    try:
        return services.vault.open(made.sha256, key=made.key)
    except VaultBreach as fault:
        raise CustodyBreach(f"{reference}: {fault}. Tell the administrator; open the original instead.") from fault
    except StorageError as fault:
        raise MailroomError(f"{reference}: the store cannot be read now: {fault}") from fault
