"""What of the log of custody does not agree with its signed heads, sentence by sentence.

Before: heads were signed while the log grew; they lie on the records and in the store. After: `mailroom verify` finds a
log that was written anew, even by somebody who made its chain whole again: they cannot sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from mailroom.domain.merkle import Growing
from mailroom.domain.tree_head import SignedHead, TreeHead, read_signed
from mailroom.records.backups import Restored, restorations
from mailroom.records.tree_heads import all_heads, is_as_signed, leaves


def of_this_log(
    session: Session, texts: Mapping[str, str], is_ours: Callable[[bytes, bytes], bool]
) -> tuple[dict[str, str], int]:
    """Return the signed texts without those that are of a log that was lost, and how many those are.

    A mailroom that is made of a backup goes on with the log of the backup. What was signed between the two is of events
    that are lost; that it was restored is signed, too, and stands in the chain of custody for an auditor to ask about.
    """
    restored = _restorations(session, is_ours)
    kept = {where: text for where, text in texts.items() if not _is_of_a_lost_log(text, restored)}
    return kept, len(texts) - len(kept)


def faults_in_rows(session: Session) -> Iterator[str]:
    """Yield a sentence for each head of which the records say something that its signed text does not.

    Nobody can sign for us, but a row that says that the log was sealed tomorrow, or that it has more events than it
    has, would keep us from ever signing again.
    """
    for row in all_heads(session):
        if _head_in(row.text) and not is_as_signed(row):
            yield f"signed head of {row.size} events on the records: its row says what was not signed"


def heads_not_on_record(
    session: Session, published: Mapping[str, str], is_ours: Callable[[bytes, bytes], bool]
) -> Iterator[str]:
    """Yield a sentence for each head in the store whose row somebody has taken out of the records.

    What was signed between a backup and the restore of it was never on these.
    """
    known, restored = {row.size for row in all_heads(session)}, _restorations(session, is_ours)
    for where, text in published.items():
        head = _head_in(text)
        if head and head.size not in known and not any(_was_signed_between(head, one) for one in restored):
            yield f"signed head {where}: it lies in the store and is gone from the records"


def _restorations(session: Session, is_ours: Callable[[bytes, bytes], bool]) -> list[Restored]:
    return [one for one in restorations(session) if is_ours(bytes.fromhex(one.signature), one.statement)]


def _is_of_a_lost_log(text: str, restored: Sequence[Restored]) -> bool:
    head = _head_in(text)
    return head is not None and any(_was_signed_between(head, one) and head.size > one.log_size for one in restored)


def _was_signed_between(head: TreeHead, restored: Restored) -> bool:
    return restored.taken_at.replace(microsecond=0) <= head.at <= restored.at


def _head_in(text: str) -> TreeHead | None:
    """Return what stands in a text; None where nothing can be read, which is named among the faults."""
    try:
        return read_signed(text).head
    except ValueError:
        return None


_NOT_OURS = (
    "it was not signed by our key. Is custody.pem, or what custody.key_file names, the one of before? Put that back"
)


def faults_in_heads(
    session: Session, texts: Mapping[str, str], is_signed: Callable[[SignedHead], bool]
) -> Iterator[str]:
    """Yield a sentence for each head that is no head of this log.

    Args:
        session: a steady view.
        texts: the signed texts by where they lie, in words for a person.
        is_signed: whether our key signed a head.
    """
    read: list[tuple[str, SignedHead]] = []
    for where, text in texts.items():
        try:
            read.append((where, read_signed(text)))
        except ValueError as fault:
            yield f"signed head {where}: {fault}"
    forged = [where for where, one in read if not is_signed(one)]
    yield from (f"signed head {where}: {_NOT_OURS}" for where in forged)
    genuine = [(where, one.head.size, one.head.root) for where, one in read if where not in forged]
    try:
        yield from _not_of_this_log(leaves(session), sorted(genuine, key=lambda one: one[1]))
    except ValueError:
        yield "signed heads: the log cannot be held against them, for a hash of an event in it is none"


def _not_of_this_log(entries: Iterable[bytes], heads: list[tuple[str, int, bytes]]) -> Iterator[str]:
    tree, waiting = Growing(), list(reversed(heads))
    for entry in entries:
        tree.add(entry)
        while waiting and waiting[-1][1] == tree.size:
            where, size, root = waiting.pop()
            if tree.root != root:
                yield f"signed head {where}: the first {size} events of the log are not those that were signed"
    for where, size, _ in reversed(waiting):
        if size:
            yield f"signed head {where}: it is of {size} events, and the log has {tree.size}: it was cut short"
