"""The log of custody as a bundle proves it: its signed heads, and for each event the way from it up to one of them.

Before: the events of the bundle are in the log, the one that says it was made among them. After: `chains.py` writes
each event with its proof. An event is proved by the first head that was signed after it, so that it is seen how soon
it stood there; each of these heads is proved to lead to the newest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from mailroom.domain.errors import Misconfigured
from mailroom.domain.merkle_paths import consistency_covers, gather, inclusion_covers, proof_of
from mailroom.domain.tree_head import read_signed, signed_text, verifier_key
from mailroom.duties.heads import is_signed, sign_now
from mailroom.duties.sequence import sequence
from mailroom.records.tables import TreeHeadRow
from mailroom.records.tree_heads import all_heads, is_as_signed, leaves
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class SignedLog:
    """The heads that our key signed.

    Attributes:
        key: the public key, as signed-note writes it.
        heads: their texts by the number of events, the smallest first.
        trees: the full trees of each, likewise.
    """

    key: str
    heads: Mapping[int, str]
    trees: Mapping[int, Sequence[bytes]]

    @property
    def newest(self) -> int:
        """Events in the newest of them."""
        return max(self.heads)

    def head_over(self, number: int) -> int:
        """Return the first head that was signed when the event with this number stood in the log."""
        sizes = sorted(self.heads)
        return sizes[bisect_left(sizes, number)]


@dataclass(frozen=True, slots=True)
class Proofs:
    """Proofs as JSON holds them.

    Attributes:
        of_events: by the number of the event.
        of_heads: that each leads to the newest.
    """

    of_events: Mapping[int, dict[str, Any]]
    of_heads: list[dict[str, Any]]


def sign_log(services: Services) -> SignedLog | None:
    """Sign a head over all that happened so far and return every head of our key; None where there is no key."""
    while sequence(services):
        pass
    try:
        sign_now(services)
        key = verifier_key(services.settings.custody.origin, services.signer.public_key)
    except Misconfigured:
        return None
    with services.records.look() as session:
        ours = [row for row in all_heads(session) if _is_ours(row, services)]
    trees = {row.size: [bytes.fromhex(one) for one in row.full] for row in ours}
    return SignedLog(key, {row.size: row.text for row in ours}, trees)


def prove(session: Session, log: SignedLog, numbers: Collection[int], heads: Collection[int] = ()) -> Proofs:
    """Return the proofs of these events, and that the heads they need and these others lead to the newest."""
    sizes = {number: log.head_over(number) for number in numbers}
    ways = {number: inclusion_covers(number - 1, size) for number, size in sizes.items()}
    needed = sorted({*sizes.values(), *heads})
    steps = {size: consistency_covers(size, log.newest) for size in needed if size < log.newest}
    wanted = (node for covers in (*ways.values(), *steps.values()) for cover in covers for node in cover)
    found = gather(wanted, log.trees, partial(leaves, session))
    return Proofs(
        {number: {"size": sizes[number], "path": _hex(proof_of(way, found))} for number, way in ways.items()},
        [{"from": size, "to": log.newest, "path": _hex(proof_of(step, found))} for size, step in steps.items()],
    )


def seal_of(sums_sha256: str, services: Services) -> str:
    """Return the signed text that binds every file of a bundle: it is over the list of their digests."""
    origin, at = services.settings.custody.origin, services.now().isoformat(timespec="seconds")
    body = f"Evidence of {origin}\nSHA-256 of SHA256SUMS: {sums_sha256}\nat {at}\n"
    return signed_text(body, origin, services.signer.public_key, services.signer.sign(body.encode()))


def _is_ours(row: TreeHeadRow, services: Services) -> bool:
    """Return whether our key signed the head, under the name that it has now."""
    if not is_as_signed(row):
        return False
    read = read_signed(row.text)
    return read.head.origin == services.settings.custody.origin and is_signed(read, services)


def _hex(hashes: list[bytes]) -> list[str]:
    return [one.hex() for one in hashes]
