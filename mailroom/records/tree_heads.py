"""Signed heads of the log of custody, one a day, and the tree that they are heads of.

Before: the sequencer numbers events (`custody.py`). After: `duties/heads.py` signs and publishes what stands here;
`head_faults.py` holds the log against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.domain.merkle import Growing, leaf
from mailroom.domain.tree_head import SignedHead, read_signed
from mailroom.records.tables import CustodyEvent, CustodyNumber, TreeHeadRow


def newest_head(session: Session, is_ours: Callable[[SignedHead], bool]) -> TreeHeadRow | None:
    """Return the head of the greatest tree that our key signed; None where none was signed yet.

    A row that somebody has put there or changed is passed by: it would end the signing, or have us sign what the log
    never was.
    """
    rows = session.scalars(select(TreeHeadRow).order_by(TreeHeadRow.size.desc()))
    return next((row for row in rows.yield_per(10) if is_as_signed(row) and is_ours(read_signed(row.text))), None)


def is_as_signed(row: TreeHeadRow) -> bool:
    """Return whether size, moment and tree of a row are those of its signed text."""
    try:
        head = read_signed(row.text).head
        tree = Growing(row.size, [bytes.fromhex(one) for one in row.full])
    except (ValueError, TypeError):
        return False
    signed_at = row.signed_at.replace(microsecond=0)
    return tree.can_be and (head.size, head.root, head.at) == (row.size, tree.root, signed_at)


def all_heads(session: Session) -> Sequence[TreeHeadRow]:
    """Return all heads, the smallest tree first."""
    return session.scalars(select(TreeHeadRow).order_by(TreeHeadRow.size)).all()


def unpublished_heads(session: Session) -> Sequence[TreeHeadRow]:
    """Return the heads that do not lie in the store yet, the smallest tree first."""
    return session.scalars(
        select(TreeHeadRow).where(TreeHeadRow.published_at.is_(None)).order_by(TreeHeadRow.size)
    ).all()


def unmailed_heads(session: Session) -> Sequence[TreeHeadRow]:
    """Return the heads that were not mailed yet, the smallest tree first."""
    return session.scalars(select(TreeHeadRow).where(TreeHeadRow.mailed_at.is_(None)).order_by(TreeHeadRow.size)).all()


def size_of_log(session: Session) -> int:
    """Return how many events have a number."""
    return session.scalar(select(func.max(CustodyNumber.number))) or 0


def grown(session: Session, before: TreeHeadRow | None) -> Growing:
    """Return the tree over all numbered events, grown on from the one of an earlier head."""
    full = [bytes.fromhex(one) for one in before.full] if before else []
    tree = Growing(before.size if before else 0, full)
    for one in leaves(session, tree.size):
        tree.add(one)
    return tree


def leaves(session: Session, beyond: int = 0, up_to: int | None = None) -> Iterator[bytes]:
    """Yield the leaf of each event whose number is beyond this one, and no greater than that one, in their order."""
    hashes = (
        select(CustodyEvent.hash)
        .join(CustodyNumber, CustodyNumber.event_id == CustodyEvent.id)
        .where(CustodyNumber.number > beyond, *([CustodyNumber.number <= up_to] if up_to is not None else []))
        .order_by(CustodyNumber.number)
    )
    for event_hash in session.scalars(hashes).yield_per(1000):
        yield leaf(bytes.fromhex(event_hash))
