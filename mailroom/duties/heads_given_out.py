"""Gives signed heads out of our hands: into the store beside the originals, and by mail to whoever is to have them.

Before: `heads.py` has signed one. After: it lies where whoever can change the records cannot change it. What is
kept back for a day is told, for until then nothing proves what the log was.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from mailroom.domain.acknowledging import Way
from mailroom.domain.errors import MailroomError
from mailroom.ports import Message
from mailroom.records.tables import TreeHeadRow
from mailroom.records.tree_heads import unmailed_heads, unpublished_heads
from mailroom.services import Services
from storage.errors import StorageError

_PATIENCE = timedelta(days=1)
"""For so long a head may wait for the store or the mail server before anybody is troubled."""


def publish(services: Services) -> str | None:
    """Put the heads into the store that do not lie there, each tried again the next time; say what keeps one out."""
    with services.records.look() as session:
        waiting = {row.size: (row.text, row.signed_at) for row in unpublished_heads(session)}
    kept_out = None
    for size, (text, signed_at) in waiting.items():
        try:
            _put_into_store(size, text, services)
        except StorageError as fault:
            kept_out = kept_out or _told_in_time(signed_at, f"does not lie in the store: {fault}", services)
            if fault.retry_helps:
                break  # it is away for the others, too
        else:
            _note(services, [size], published_at=services.now())
    return kept_out


def _put_into_store(size: int, text: str, services: Services) -> None:
    with tempfile.NamedTemporaryFile(dir=services.scratch) as file:
        Path(file.name).write_text(text, "utf-8")
        services.vault.keep_head(size, Path(file.name))


def mail(services: Services) -> str | None:
    """Mail the newest head to all who are to have it, for one that was not mailed in its day stands in a newer one.

    Returns:
        What keeps it from them.
    """
    reply, addresses = services.replies.get(Way.EMAIL), services.settings.custody.heads_to
    if reply is None or not addresses:
        return None
    with services.records.look() as session:
        waiting = {row.size: (row.text, row.signed_at) for row in unmailed_heads(session)}
    if not waiting:
        return None
    newest = max(waiting)
    try:
        for number, address in enumerate(addresses):
            reply.send(_message(newest, waiting[newest][0], number, address, services))
    except MailroomError as fault:  # whoever has it may get it twice
        return _told_in_time(waiting[min(waiting)][1], f"was not mailed: {fault}", services)
    _note(services, waiting, mailed_at=services.now())
    return None


def _note(services: Services, sizes: Iterable[int], **moments: datetime) -> None:
    with services.records.work() as session:
        session.execute(update(TreeHeadRow).where(TreeHeadRow.size.in_(sizes)).values(moments))
        session.commit()


def _told_in_time(signed_at: datetime, what: str, services: Services) -> str | None:
    """Return a sentence for the administrator once a head has waited for a day."""
    if services.now() - signed_at < _PATIENCE:
        return None
    return f"The head of the log of custody that was signed on {signed_at:%d %B %Y} {what}"


def _message(size: int, text: str, number: int, address: str, services: Services) -> Message:
    domain = services.settings.acknowledge.sender.rpartition("@")[2]
    return Message(
        message_id=f"<head-{size}-{number}@{domain}>",
        address=address,
        subject=f"Signed head of the log of custody: {size} events",
        text=f"Keep this message. It proves what the log of custody was.\n\n{text}",
        answers=False,
    )
