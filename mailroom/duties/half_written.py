"""Clears away, each day, what uploads that broke off left in the stores: in a bucket it costs, and nobody sees it.

Before: a service was killed while it put something large. After: that came again from its source, and its first pieces
are gone. An account that may not do this leaves them; the bucket can be told to clear up itself (docs/originals.md).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from mailroom.services import Services
from storage.errors import StorageError

_LEFT_ALONE = timedelta(days=1)
_log = logging.getLogger(__name__)


def clear_half_written(services: Services) -> int:
    """Clear away what has been half written for a day; return how many pieces of writing that were."""
    try:
        cleared = services.vault.clear_half_written(services.now() - _LEFT_ALONE)
    except StorageError as fault:
        _log.warning("what uploads that broke off left in the store stays there: %s", fault)
        return 0
    if cleared:
        _log.warning("cleared away uploads that broke off", extra={"uploads": cleared})
    return cleared
