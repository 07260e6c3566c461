"""Puts what stands around the evidence: words for whoever opens it, the certificate, the verifier, the lists, the seal.

Before: the evidence itself is in the bundle. After: nothing can be added to it, taken out or changed without a trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from mailroom import plugins
from mailroom.desk.history import PURPOSES, names_of_people
from mailroom.desk.telling import person_of
from mailroom.domain.access import Viewer
from mailroom.evidence.archive import Archive
from mailroom.evidence.certified import Making, Record
from mailroom.evidence.signed_log import SignedLog, seal_of
from mailroom.evidence.verify_evidence import FORMAT
from mailroom.services import Services

_HERE = "mailroom.evidence"
_VERIFIER = "verify_evidence.py"


def put_around(
    archive: Archive,
    records: Sequence[Record],
    purpose: str,
    contents: str,
    log: SignedLog | None,
    viewer: Viewer,
    services: Services,
) -> None:
    """Finish a bundle.

    Args:
        archive: the bundle.
        records: its items.
        purpose: what it is for.
        contents: digest of its contents.
        log: the signed log; None where there is no key.
        viewer: who makes it.
        services: the mailroom's.
    """
    with services.records.look() as session:
        made_by = person_of(viewer.name, names_of_people(session)) or viewer.name
    making = Making(
        council=services.settings.council.name,
        made_at=services.now(),
        made_by=made_by,
        purpose=PURPOSES.get(purpose, purpose),
        contents=contents,
        key=log.key if log else None,
        head=log.heads[log.newest] if log else None,
    )
    archive.put_bytes("README.txt", _readme(making, records).encode())
    certificate = plugins.load("mailroom.evidence.certificate:certificate")  # which loads the writer of PDFs
    archive.put_bytes("CERTIFICATE.pdf", certificate(making, records))
    archive.put_bytes(_VERIFIER, files(_HERE).joinpath(_VERIFIER).read_bytes())
    archive.put_json("manifest.json", _manifest(archive, making, records))
    sums = archive.put_bytes("SHA256SUMS", archive.sums())
    if log is not None:
        archive.put_bytes("SEAL.txt", seal_of(sums, services).encode())


def _manifest(archive: Archive, making: Making, records: Sequence[Record]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "council": making.council,
        "made_at": making.made_at.isoformat(timespec="seconds"),
        "made_by": making.made_by,
        "purpose": making.purpose,
        "items": [record.reference for record in records],
        "contents": making.contents,
        "sealed": making.key is not None,
        "files": [
            {"path": name, "sha256": digest, "size": size} for name, (digest, size) in sorted(archive.files.items())
        ],
    }


def _readme(making: Making, records: Sequence[Record]) -> str:
    text = files(_HERE).joinpath("readme.txt").read_text("utf-8")
    signed = files(_HERE).joinpath("readme_signed.txt" if making.key else "readme_not_signed.txt").read_text("utf-8")
    return text.format(
        council=making.council,
        made_at=making.made_at.isoformat(timespec="seconds"),
        items="\n".join(f"  {record.reference}" for record in records),
        signed=signed.format(key=making.key),
    )
