"""Files handed in by a person: copied, never moved, each time a new receipt."""

from __future__ import annotations

import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

from mailroom.domain.capture import Capture, Channel, Deliver, Receipt


def hand_in(file: Path, channel: Channel, received_at: datetime | None, deliver: Deliver, spool: Path) -> Receipt:
    """Deliver a copy of the file.

    Args:
        file: what is handed in; left where it is.
        channel: the way in that it counts for.
        received_at: when it was received; None: the file's own date, flagged as assumed.
        deliver: the door.
        spool: a folder on the vault's own disk.

    Raises:
        OSError: the file cannot be read, or the spool cannot be written.
        Transient: the door accepts nothing now.
    """
    spooled = spool / f"by-hand-{secrets.token_hex(8)}"
    try:
        shutil.copyfile(file, spooled)
        return deliver(
            Capture(
                spooled=spooled,
                channel=channel,
                source=f"by-hand:{secrets.token_hex(16)}",
                received_at=received_at or datetime.fromtimestamp(file.stat().st_mtime, UTC),
                receipt_assumed=received_at is None,
                file_name=file.name.encode("utf-8", "backslashreplace").decode("utf-8"),
            )
        )
    finally:
        spooled.unlink(missing_ok=True)
