"""Makes an evidence bundle, from what is asked for to a file that its own verifier has found good.

In this order: whether it may be given; originals and renditions, each checked as it is read, with index data; then
the event by which every chain of custody says what was made and for whom; then a signed head over that event, the
proofs, the certificate and the lists, and the seal over them all. An event that says so may therefore stand for a
bundle that nobody got, and no bundle is without its event.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mailroom.desk.acting import refuse_unless
from mailroom.desk.audit import seen_by
from mailroom.domain.access import Viewer
from mailroom.domain.errors import CustodyBreach
from mailroom.duties.heads import heads_signed
from mailroom.evidence.archive import Archive
from mailroom.evidence.asked import Asked, items_asked
from mailroom.evidence.put_around import put_around
from mailroom.evidence.put_custody import put_custody
from mailroom.evidence.put_item import put_cases, put_item
from mailroom.evidence.signed_log import SignedLog, sign_log
from mailroom.evidence.verify_evidence import UNSEALED, Report, contents_digest, verify_file
from mailroom.records import custody
from mailroom.records.looks import EVIDENCE
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle that was made.

    Attributes:
        sha256: of the whole file.
        contents: digest of its contents, as the chains of custody have it.
        key: the public key that its seal is checked by; None where nothing was signed.
        items: what its verifier found in it, item by item.
        files: how many files it holds.
    """

    sha256: str
    contents: str
    key: str | None
    items: Sequence[dict[str, Any]]
    files: int

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        told = {"sha256": self.sha256, "contents": self.contents, "sealed": self.key is not None, "key": self.key}
        return {**told, "files": self.files, "items": list(self.items)}


def write_bundle(asked: Asked, target: Path, viewer: Viewer, services: Services) -> Made:
    """Make a bundle as a file, which appears only when it is whole and good; see `make_bundle`.

    Raises:
        OSError: the file cannot be written.
    """
    unfinished = target.with_name(f".{uuid.uuid4().hex}")
    try:
        with unfinished.open("x+b") as file:
            made = make_bundle(asked, file, viewer, services)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return made


def open_bundle(asked: Asked, viewer: Viewer, services: Services) -> tuple[IO[bytes], Made]:
    """Make a bundle and return it for reading from its start; whoever has it closes it, and it is gone. As above."""
    file = tempfile.TemporaryFile(dir=services.scratch)  # noqa: SIM115 - the caller closes it
    try:
        made = make_bundle(asked, file, viewer, services)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, made


def make_bundle(asked: Asked, target: IO[bytes], viewer: Viewer, services: Services) -> Made:
    """Write a bundle and put its making on record.

    Args:
        asked: of what.
        target: where to; it is empty, and can be written, read and sought in.
        viewer: who asks.
        services: the mailroom's.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to give out.
        PurposeNeeded: an auditor has not said what for.
        NeedsPerson: it is in quarantine, and they have not said that they know.
        CustodyBreach: what is kept is not what was received, or the log of custody is not what was written.
    """
    ids, purpose = items_asked(asked, viewer, services)
    _refuse_unknown_heads(asked, services)
    with Archive(target, services.now()) as archive:
        certified = {item_id: put_item(archive, item_id, viewer, services) for item_id in ids}
        put_cases(archive, ids, viewer, services)
        contents = contents_digest((name, digest) for name, (digest, _) in archive.files.items())
        _put_on_record(ids, purpose, contents, viewer, services)
        log = sign_log(services)
        records = put_custody(archive, certified, log, asked.heads, viewer, services)
        put_around(archive, records, purpose, contents, log, viewer, services)
    report = _checked(target, log)
    return Made(report.digest, contents, log.key if log else None, report.items, len(archive.files))


def _refuse_unknown_heads(asked: Asked, services: Services) -> None:
    signed = {head["size"] for head in heads_signed(services)["heads"]} if asked.heads else set()
    for size in asked.heads:
        refuse_unless(
            size in signed, f"There is no signed head of {size} events. `mailroom heads` lists those there are."
        )


def _put_on_record(ids: Sequence[str], purpose: str, contents: str, viewer: Viewer, services: Services) -> None:
    with services.records.work() as session:
        for item_id in sorted(ids):  # in one order, so that two who do this never wait for each other
            item = seen_by(session, item_id, viewer, lock=True)
            held_back = any(original.quarantined for original in item.originals)
            details = {"purpose": purpose, "contents": contents, "items": len(ids)}
            details |= {"held_back": True} if held_back else {}
            custody.record(session, item.id, EVIDENCE, actor=viewer.name, at=services.now(), details=details)
        session.commit()


def _checked(target: IO[bytes], log: SignedLog | None) -> Report:
    """Have the verifier that lies in the bundle look at it, as whoever gets it will."""
    target.seek(0)
    report = verify_file(target, log.key if log else None)
    faults = [fault for fault in report.faults if log is not None or fault != UNSEALED]
    if faults:
        raise CustodyBreach(
            f"No bundle was given out, for it would not stand: {faults[0]} Run `mailroom verify` and tell the "
            "administrator."
        )
    return report
