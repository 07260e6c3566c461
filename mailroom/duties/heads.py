"""Seals the log of custody once a day: signs its head, puts it beside the originals, and mails it to who is to have it.

Before: the sequencer numbers events. After: whoever writes the log anew, its chains made whole again, cannot sign what
was signed before; `mailroom verify` holds the log against every head on the records and in the store.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError

from mailroom.domain.acknowledging import Way
from mailroom.domain.errors import MailroomError
from mailroom.domain.sla import local_date
from mailroom.domain.tree_head import SignedHead, TreeHead, body_of, key_id, signed_text, verifier_key
from mailroom.duties.sequence import sequence
from mailroom.ports import Message
from mailroom.records.tables import TreeHeadRow
from mailroom.records.tree_heads import all_heads, grown, newest_head, size_of_log, unmailed_heads, unpublished_heads
from mailroom.services import Services
from storage.errors import StorageError


def seal_log(services: Services, *, now_and_here: bool = False) -> None:
    """Sign a head where the last is not of today, and publish and mail what was not yet.

    Args:
        services: the bundle.
        now_and_here: sign also where one was signed today already.
    """
    with services.records.look() as session:
        last, size = newest_head(session), size_of_log(session)
    today = local_date(services.now())
    is_due = now_and_here or last is None or local_date(last.signed_at) < today
    if is_due and size > (last.size if last else 0):
        _sign(services)
    _publish(services)
    _mail(services)


def sign_now(services: Services) -> None:
    """Number every event there is and sign a head over all of them; the next sealing mails it.

    Raises:
        Misconfigured: there is no key to sign with.
    """
    while sequence(services):
        pass
    with services.records.look() as session:
        last, size = newest_head(session), size_of_log(session)
    if size > (last.size if last else 0):
        _sign(services)
    _publish(services)


def heads_signed(services: Services) -> dict[str, Any]:
    """Return the public `key` and the `heads`, each with its `size`, `text`, and when it was signed and sent out."""
    with services.records.look() as session:
        rows = all_heads(session)
    heads = [
        {
            "size": row.size,
            "signed_at": row.signed_at.isoformat(timespec="seconds"),
            "published": row.published_at is not None,
            "mailed": row.mailed_at is not None,
            "text": row.text,
        }
        for row in rows
    ]
    return {"key": verifier_key(services.settings.custody.origin, services.signer.public_key), "heads": heads}


def is_signed(head: SignedHead, services: Services) -> bool:
    """Return whether our key signed the head."""
    named = head.key_id == key_id(head.head.origin, services.signer.public_key)
    return named and services.signer.is_ours(head.signature, head.body.encode())


def _sign(services: Services) -> None:
    with services.records.look() as session:
        tree = grown(session, newest_head(session))
    origin, public_key, now = services.settings.custody.origin, services.signer.public_key, services.now()
    body = body_of(TreeHead(origin, tree.size, tree.root, now))
    text = signed_text(body, origin, public_key, services.signer.sign(body.encode()))
    full = [one.hex() for one in tree.full]
    try:
        with services.records.work() as session:
            session.add(TreeHeadRow(size=tree.size, full=full, text=text, signed_at=now))
            session.commit()
    except IntegrityError:
        return  # another worker has signed as many events in this moment


def _publish(services: Services) -> None:
    """Put the heads into the store that do not lie there; one that is away is tried again the next time."""
    with services.records.look() as session:
        waiting = {row.size: row.text for row in unpublished_heads(session)}
    for size, text in waiting.items():
        try:
            with tempfile.NamedTemporaryFile(dir=services.scratch) as file:
                Path(file.name).write_text(text, "utf-8")
                services.vault.keep_head(size, Path(file.name))
        except StorageError:
            return
        with services.records.work() as session:
            session.get_one(TreeHeadRow, size).published_at = services.now()
            session.commit()


def _mail(services: Services) -> None:
    """Mail the newest head to everybody who is to have it; one that was not mailed in its day stands in a newer one."""
    reply, addresses = services.replies.get(Way.EMAIL), services.settings.custody.heads_to
    if reply is None or not addresses:
        return
    with services.records.look() as session:
        waiting = {row.size: row.text for row in unmailed_heads(session)}
    if not waiting:
        return
    newest = max(waiting)
    try:
        for number, address in enumerate(addresses):
            reply.send(_message(newest, waiting[newest], number, address, services))
    except MailroomError:
        return  # whoever has it may get it twice
    with services.records.work() as session:
        for size in waiting:
            session.get_one(TreeHeadRow, size).mailed_at = services.now()
        session.commit()


def _message(size: int, text: str, number: int, address: str, services: Services) -> Message:
    domain = services.settings.acknowledge.sender.rpartition("@")[2]
    return Message(
        message_id=f"<head-{size}-{number}@{domain}>",
        address=address,
        subject=f"Signed head of the log of custody: {size} events",
        text=f"Keep this message. It proves what the log of custody was.\n\n{text}",
        answers=False,
    )
