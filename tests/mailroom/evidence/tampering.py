"""A bundle taken apart so that it can be forged: files by name, lists and seal made anew as a forger would."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailroom.domain.tree_head import read_signed, signed_text
from mailroom.evidence.verify_evidence import contents_digest
from mailroom.ports import Signer

ORIGIN = "mailroom"
Entry = tuple[str, bytes]


@dataclass
class Taken:
    """A bundle that somebody has before them.

    Attributes:
        files: contents by name.
        signer: whose key the forger has; the very key of the council where an insider forges.
        others: files that are written into the archive beside, with names that may stand in it already.
    """

    files: dict[str, bytes]
    signer: Signer
    others: list[Entry] = field(default_factory=list)

    @classmethod
    def from_file(cls, path: Path, signer: Signer) -> Taken:
        with zipfile.ZipFile(path) as archive:
            return cls({name: archive.read(name) for name in archive.namelist()}, signer)

    @property
    def reference(self) -> str:
        """The first item."""
        return str(self.json("manifest.json")["items"][0])

    def json(self, name: str) -> Any:  # noqa: ANN401  # whatever JSON can hold
        return json.loads(self.files[name])

    def change(self, name: str, act: Callable[[Any], None]) -> None:
        """Change a JSON file."""
        data = self.json(name)
        act(data)
        self.files[name] = json.dumps(data).encode()

    def events(self, act: Callable[[list[Any]], None], reference: str | None = None) -> None:
        """Change the events of an item's own chain."""
        self.change(f"items/{reference or self.reference}/custody.json", lambda chains: act(chains[0]["events"]))

    def original(self, reference: str | None = None) -> str:
        """The path of an item's first original."""
        folder = f"items/{reference or self.reference}/originals/"
        return min(name for name in self.files if name.startswith(folder))

    def list_again(self) -> None:
        """Make every list of files anew, and the seal over them with the forger's key."""
        around = ("manifest.json", "SHA256SUMS", "SEAL.txt")
        listed = [
            {"path": name, "sha256": digest(content), "size": len(content)}
            for name, content in sorted(self.files.items())
            if name not in around
        ]
        contents = contents_digest((one["path"], one["sha256"]) for one in listed)
        self.change("manifest.json", lambda manifest: manifest.update(files=listed, contents=contents))
        sums = {name: digest(content) for name, content in self.files.items() if name not in around[1:]}
        self.files["SHA256SUMS"] = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()
        self.seal()

    def seal(self) -> None:
        body = f"Evidence of {ORIGIN}\nSHA-256 of SHA256SUMS: {digest(self.files['SHA256SUMS'])}\nat now\n"
        self.files["SEAL.txt"] = self.signed(body)

    def signed(self, body: str) -> bytes:
        return signed_text(body, ORIGIN, self.signer.public_key, self.signer.sign(body.encode())).encode()

    def head(self, name: str, change: Callable[[str], str], *, sign: bool) -> None:
        """Change the text of a head; signed anew, or with the signature that it had."""
        text = self.files[name].decode()
        body = change(read_signed(text).body)
        self.files[name] = self.signed(body) if sign else (body + text[text.index("\n\n") + 1 :]).encode()

    def heads(self) -> list[str]:
        return sorted(name for name in self.files if name.startswith("log/heads/"))

    def zipped(self) -> bytes:
        """Return the archive."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in [*self.files.items(), *self.others]:
                entry = zipfile.ZipInfo(name)
                entry.external_attr = 0o100644 << 16
                archive.writestr(entry, content)
        return target.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def rehash(one: Any, **changed: Any) -> None:  # noqa: ANN401  # an event as the bundle holds it
    """Change what is hashed of an event, and its hash with it."""
    event = json.loads(one["hashed"]) | changed
    one["hashed"] = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    one["hash"] = digest(one["hashed"].encode())


def make_whole(events: list[Any]) -> None:
    """Chain the events anew, each hash with it, as somebody does who hides a change."""
    previous = "0" * 64
    for position, one in enumerate(events, start=1):
        rehash(one, position=position, previous=previous)
        previous = one["hash"]


def patched(archive: bytes, name: str, at: int, value: bytes) -> bytes:
    """Return the archive with a value changed in the entry of a file in the list at its end."""
    place = archive.rindex(b"PK\x01\x02")
    while archive[place + 46 : place + 46 + len(name)] != name.encode():
        place = archive.rindex(b"PK\x01\x02", 0, place)
    return archive[: place + at] + value + archive[place + at + len(value) :]


def end_of_files(archive: bytes) -> int:
    """Return where the list at the end begins."""
    return int(struct.unpack("<I", archive[-6:-2])[0])
