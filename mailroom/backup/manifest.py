"""What a backup says of itself: when it was taken, of what, how much there is, and the digest of each of its files.

Before: everything else of a backup is on disk. After: whoever reads it knows whether it is whole, unchanged and ours:
the manifest is signed by the key that signs the heads of the log, over the very bytes of its file.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from mailroom.domain.errors import MailroomError
from mailroom.domain.tree_head import SignedHead, key_id
from mailroom.ports import Signer
from storage.digest import digest_of

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"


class Unusable(MailroomError):
    """A backup cannot be read at all; the sentence says why."""


class Counts(BaseModel):
    """How much there is in a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: int
    under_way: int
    originals: int
    renditions: int
    events: int
    heads: int
    objects: int
    object_bytes: int


class Manifest(BaseModel):
    """What a backup says of itself.

    Attributes:
        form: which form of backup it is.
        taken_at: the moment whose records it holds.
        finished_at: when it was complete.
        program: version of the mailroom that took it.
        database: `sqlite` or `postgresql`.
        schema_version: the newest migration of its records.
        public_key: by which the signed heads and this manifest are checked, as `mailroom heads` shows it.
        counts: how much there is.
        files: SHA-256 of every other file in the folder of the backup, by name.
        kept_elsewhere: what no backup holds, and why: keys and secrets above all.
        faults: what was wrong already when it was taken, sentence by sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal["mailroom backup 1"] = "mailroom backup 1"
    taken_at: datetime
    finished_at: datetime
    program: str
    database: Literal["sqlite", "postgresql"]
    schema_version: str
    public_key: str
    counts: Counts
    files: dict[str, str]
    kept_elsewhere: list[str]
    faults: list[str]

    @property
    def key(self) -> bytes:
        """The 32 bytes of the public key.

        Raises:
            Unusable: it is not written as a key is.
        """
        try:
            sealed = base64.b64decode(self.public_key.split("+", 2)[2], validate=True)
        except (IndexError, ValueError) as fault:
            raise Unusable("The manifest names no public key.") from fault
        if len(sealed) != 33:
            raise Unusable("The manifest names no public key.")
        return sealed[1:]

    def was_signed(self, signature: bytes, content: bytes) -> bool:
        """Return whether the key of this backup signed the content so."""
        return holds(self.key, signature, content)

    def is_signed(self, head: SignedHead) -> bool:
        """Return whether the key of this backup signed a head."""
        return head.key_id == key_id(head.head.origin, self.key) and holds(self.key, head.signature, head.body.encode())


def write_manifest(backup: Path, manifest: Manifest, signer: Signer) -> None:
    """Sign the manifest and write it, the last file of a backup."""
    text = (manifest.model_dump_json(indent=2) + "\n").encode()
    for name, content in ((SIGNATURE, signer.sign(text)), (MANIFEST, text)):
        with (backup / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def read_manifest(backup: Path) -> Manifest:
    """Return what a backup says of itself.

    Raises:
        Unusable: there is no manifest, or it is not one that this program knows.
    """
    try:
        manifest = Manifest.model_validate_json((backup / MANIFEST).read_bytes())
    except OSError as fault:
        raise Unusable(f"The manifest of {backup} cannot be read ({fault.strerror}).") from fault
    except ValidationError as fault:
        raise Unusable(f"The manifest of {backup} is damaged, or of another form than this program knows.") from fault
    _ = manifest.key
    return manifest


def faults_in_files(backup: Path, manifest: Manifest, ours: bytes | None) -> Iterator[str]:
    """Yield a sentence for each file of a backup that is not what its manifest says, and for what is wrong with that.

    Args:
        backup: its folder.
        manifest: what it says of itself.
        ours: the public key of this mailroom; None where it has none.
    """
    yield from _fault_in_signature(backup, manifest, ours)
    for name, sha256 in manifest.files.items():
        file = backup / name
        if not file.is_file():
            yield f"{name} is missing from the backup"
        elif digest_of_file(file) != sha256:
            yield f"{name} in the backup is not what was written: its digest is another"
    there = {file.relative_to(backup).as_posix() for file in backup.rglob("*") if file.is_file()}
    yield from (
        f"{name} was put into the backup since" for name in sorted(there - {*manifest.files, MANIFEST, SIGNATURE})
    )


def _fault_in_signature(backup: Path, manifest: Manifest, ours: bytes | None) -> Iterator[str]:
    try:
        signature = (backup / SIGNATURE).read_bytes()
    except OSError:
        yield "the signature of the manifest is missing"
        return
    if not holds(manifest.key, signature, (backup / MANIFEST).read_bytes()):
        yield "the manifest was changed: its signature is not of these words"
    elif ours is not None and manifest.key != ours:
        yield "the manifest is signed by another key than that of this mailroom (custody.key_file)"


def holds(key: bytes, signature: bytes, content: bytes) -> bool:
    """Return whether this key signed the content so."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def digest_of_file(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as stream:
        return digest_of(stream)[0]


def digests_in(backup: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in the folder of a backup, by its name there."""
    files = sorted(file for file in backup.rglob("*") if file.is_file())
    return {file.relative_to(backup).as_posix(): digest_of_file(file) for file in files}
