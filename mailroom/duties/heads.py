"""Seals the log of custody once a day: signs its head, puts it beside the originals, and mails it to who is to have it.

Before: the sequencer numbers events. After: whoever writes the log anew, its chains made whole again, cannot sign what
was signed before; `mailroom verify` holds the log against every head on the records and in the store.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailroom.domain.sla import local_date
from mailroom.domain.tree_head import SignedHead, TreeHead, body_of, key_id, signed_text, verifier_key
from mailroom.duties.heads_given_out import mail, publish
from mailroom.duties.sequence import sequence
from mailroom.records.alarms import settle_alarm
from mailroom.records.head_faults import faults_in_rows
from mailroom.records.tables import TreeHeadRow
from mailroom.records.tree_heads import all_heads, grown, newest_head, size_of_log
from mailroom.services import Services

_SUBJECT = "signed heads of the log of custody"


def seal_log(services: Services, *, now_and_here: bool = False) -> None:
    """Sign a head where the last is not of today, and publish and mail what was not yet.

    Args:
        services: the bundle.
        now_and_here: sign also where one was signed today already.
    """
    with services.records.look() as session:
        last, size = _newest(session, services), size_of_log(session)
    today = local_date(services.now())
    is_due = now_and_here or last is None or local_date(last.signed_at) < today
    if is_due and size > (last.size if last else 0):
        _sign(services)
    _settle_alarm(services, publish(services), mail(services))


def sign_now(services: Services) -> None:
    """Number every event there is and sign a head over all of them; the next sealing mails it.

    Raises:
        Misconfigured: there is no key to sign with.
    """
    while sequence(services):
        pass
    with services.records.look() as session:
        last, size = _newest(session, services), size_of_log(session)
    if size > (last.size if last else 0):
        _sign(services)
    publish(services)


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
        tree = grown(session, _newest(session, services))
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


def _newest(session: Session, services: Services) -> TreeHeadRow | None:
    return newest_head(session, partial(is_signed, services=services))


def _settle_alarm(services: Services, *kept_back: str | None) -> None:
    with services.records.look() as session:
        greatest, newest = max((row.size for row in all_heads(session)), default=0), _newest(session, services)
        changed = next(faults_in_rows(session), None)
    if changed is None and greatest > (newest.size if newest else 0):
        changed = f"signed head of {greatest} events on the records: it was not signed by our key"
    found = f"{changed}. Run `mailroom verify`, and find out who can change the records." if changed else None
    sentence = " ".join(f"{one.rstrip('.')}." for one in (found, *kept_back) if one)
    settle_alarm(services.records, _SUBJECT, sentence or None, services.now())
