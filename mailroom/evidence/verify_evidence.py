#!/usr/bin/env python3
"""Checks an evidence bundle of a mailroom. It needs Python 3.9 or newer and nothing else: no network, no other package.

    python3 verify_evidence.py BUNDLE.zip --key KEY

KEY is the public key of whoever made the bundle, as they published it or gave it to you on paper: one line such as
`mailroom+1a2b3c4d+AbCd...`, or a file that holds it. Take it from them and not from the bundle: whoever forges a bundle
puts a key of their own into it. In the same way take this program from somebody you trust, and not from the bundle.

Whoever got a signed head of the log by mail in its time names it by --head FILE: the log must have led from it to here.

It exits with 0 only where all is proved, and with 2 where nothing could be tried, for a file is missing or cannot be
read; otherwise with 1, and each fault is one sentence. With --json it prints one object:
`proved`, `faults`, `notes`, `items`, `events`, `heads`, `key`, `digest` (SHA-256 of the bundle).

What is proved, where it says so: the files are those that were sealed, every one and no other; each original has the
digest that the log of custody gives it at its receipt, and each item its date of receipt, where the log tells one; the
chain of events of each item is whole and unchanged; each event stood in the log when its head was signed; each later
head only added to it; and the key given signed all of it.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

Data = Any
"""What JSON can hold, and what a bundle may hold in its place: whoever made it decides."""

PROVED = "PROVED: every file is what was sealed, every original is what was received, every event stood in the log."
GENESIS = "0" * 64
CAME_WITH_BYTES = ("received", "made_by_split", "taken_out")
"""The kinds of events that say with which bytes an item came."""

DATES = {"received": "received_at", "made_by_split": "received_at", "received_corrected": "new"}
"""The kinds of events that say when an item was received, and under which name of their details."""

MADE = "evidence_made"
FORMAT = "mailroom-evidence/1"
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
HEX = re.compile(r"[0-9a-f]{64}")
MOST_FILES = 500_000
MOST_TEXT = 1 << 26
"""What is read as a whole, lists and index data, is no larger; originals are read piece by piece."""

CHUNK = 1 << 18
DASH = "\N{EM DASH} "
AT_TOP = ("README.txt", "CERTIFICATE.pdf", "verify_evidence.py", "manifest.json", "SHA256SUMS", "SEAL.txt")
NOT_IN_MANIFEST = ("manifest.json", "SHA256SUMS", "SEAL.txt")
NOT_IN_SUMS = ("SHA256SUMS", "SEAL.txt")
UNSEALED = (
    "The bundle has no signed head and no seal: whoever made it had no key. Its digests and chains agree with one "
    "another or do not, and nothing outside the bundle proves them."
)


class Fault(Exception):
    """Something that cannot be so in a good bundle; the sentence is for a person."""


# ---- Ed25519, as RFC 8032 section 5.1 writes it: only checking, so nothing here is secret and nothing need be fast

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = Any
"""(X, Y, Z, T), extended coordinates: x = X/Z, y = Y/Z, x*y = T/Z; None where bytes stand for no point."""


NEUTRAL = (0, 1, 1, 0)


def added(a: Point, b: Point) -> Point:
    """Return the sum of two points (5.1.4)."""
    low, high = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    both, twice = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = high - low, twice - both, twice + both, high + low
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """Return the point added to itself so often."""
    whole = NEUTRAL
    while number:
        if number & 1:
            whole = added(whole, point)
        point, number = added(point, point), number >> 1
    return whole


def equal(a: Point, b: Point) -> bool:
    """Return whether two points are the same one."""
    return bool((a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0)


def x_of(y: int, sign: int) -> int | None:
    """Return the x that belongs to a y (5.1.3); None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def point_of(encoded: bytes) -> Point:
    """Return the point that 32 bytes stand for; None where they stand for none."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether the holder of this key signed the message (5.1.7, by the stricter equation, without cofactor)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = point_of(public), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER or equal(times(8, key), NEUTRAL):
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return equal(times(scalar, BASE), added(commitment, times(challenge, key)))


# ---- the tree over the log: RFC 6962 section 2.1, checked as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say


def joined(left: bytes, right: bytes) -> bytes:
    """Return the hash of two trees side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


def is_included(leaf: bytes, place: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Return whether the proof shows the leaf at its place in the tree of this size and root."""
    if not 0 <= place < size:
        return False
    at, last, found = place, size - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = joined(beside, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = joined(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(before: int, old: bytes, size: int, root: bytes, proof: list[bytes]) -> bool:
    """Return whether the proof shows that a tree only added to the one it was before."""
    if before == size:
        return not proof and old == root
    if not 0 < before < size or not proof:
        return False
    path = [old, *proof] if before & (before - 1) == 0 else proof
    at, last = before - 1, size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    found_old = found = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            found_old, found = joined(beside, found_old), joined(beside, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = joined(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found_old == old and found == root


# ---- what is signed: notes of the form C2SP signed-note, heads of the form C2SP tlog-checkpoint


class Key(NamedTuple):
    """A public key with the name of its holder and the four bytes by which signatures name it."""

    name: str
    id: bytes
    public: bytes


def read_key(text: str) -> Key:
    """Return the key that is written so."""
    name, _, rest = text.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if not name or len(raw) != 33 or raw[0] != 1 or identity != expected.hex():
        raise Fault(f"{text.strip()[:100]!r} is no public key: write it as NAME+ID+BASE64, every character of it.")
    return Key(name, expected, raw[1:])


def opened_note(where: str, text: str, key: Key) -> str:
    """Return what was signed, once the key is found to have signed it."""
    body, parted, line = text.partition(f"\n\n{DASH}")
    name, _, encoded = line.rstrip("\n").partition(" ")
    try:
        sealed = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        sealed = b""
    if not parted or len(sealed) != 68 or not line.endswith("\n") or line.count("\n") != 1:
        raise Fault(f"{where} is not written as a signed text is.")
    if name != key.name or sealed[:4] != key.id:
        raise Fault(f"{where} was signed by another key than the one it is checked by.")
    if not is_signed(key.public, sealed[4:], f"{body}\n".encode()):
        raise Fault(f"{where} is not what was signed: its signature does not hold.")
    return body


class Head(NamedTuple):
    """A signed head: what the log was at a moment."""

    size: int
    root: bytes
    at: str


def read_head(where: str, text: str, key: Key) -> Head:
    """Return a head, once the key is found to have signed it."""
    lines = opened_note(where, text, key).split("\n")
    if len(lines) != 4 or lines[0] != key.name or not re.fullmatch(r"[1-9][0-9]{0,17}", lines[1]):
        raise Fault(f"{where} has not the lines of a head of the log.")
    root = base64.b64decode(lines[2])
    if len(root) != 32 or base64.b64encode(root).decode() != lines[2] or not lines[3].startswith("at "):
        raise Fault(f"{where} has not the lines of a head of the log.")
    return Head(int(lines[1]), root, lines[3][3:])


# ---- the archive, read as if its maker meant harm


class Archive:
    """The files of a bundle, each digested on its way; nothing is written to this machine."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, struct.error, ValueError, OSError, EOFError, NotImplementedError) as wrong:
            raise Fault(f"It is no whole ZIP archive: {wrong}.") from wrong
        self._entries: dict[str, zipfile.ZipInfo] = {}
        if len(entries) > MOST_FILES:
            raise Fault(f"It holds {len(entries)} files, more than any bundle does.")
        self._folders: dict[str, set[str]] = {}
        for entry in entries:
            self._refuse_unless_plain(entry)
            self._entries[entry.filename] = entry
            self._folders.setdefault(entry.filename.rpartition("/")[0], set()).add(entry.filename)
        _refuse_unless_side_by_side(entries, file, self._zip.start_dir)
        self.digests: dict[str, tuple[str, int]] = {}

    def digest_all(self) -> None:
        """Read every file once."""
        for name in sorted(self._entries):
            digest, size = hashlib.sha256(), 0
            for chunk in self._chunks(name):
                digest.update(chunk)
                size += len(chunk)
            self.digests[name] = (digest.hexdigest(), size)

    @property
    def names(self) -> set[str]:
        """The names of all files."""
        return set(self._entries)

    def inside(self, folder: str) -> set[str]:
        """Return the names of the files that lie in a folder."""
        return self._folders.get(folder, set())

    def text(self, name: str) -> str:
        """Return a file that is text."""
        entry = self._entries.get(name)
        if entry is None:
            raise Fault(f"{name} is missing.")
        if entry.file_size > MOST_TEXT:
            raise Fault(f"{name} is larger than such a file can be.")
        try:
            return b"".join(self._chunks(name)).decode("utf-8")
        except UnicodeDecodeError as wrong:
            raise Fault(f"{name} is no text.") from wrong

    def json(self, name: str) -> Data:
        """Return what a JSON file holds; a key that stands twice in it could be read in two ways."""
        try:
            return json.loads(self.text(name), object_pairs_hook=_without_doubles, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as wrong:
            raise Fault(f"{name} cannot be read: {str(wrong)[:200] or 'it is nested too deep'}.") from wrong

    def _chunks(self, name: str) -> Iterator[bytes]:
        read = 0
        try:
            with self._zip.open(self._entries[name]) as stream:
                while chunk := stream.read(CHUNK):
                    read += len(chunk)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, struct.error, ValueError) as wrong:
            raise Fault(f"{name} cannot be read from the archive: {str(wrong)[:200] or 'it is cut off'}.") from wrong
        if read != self._entries[name].file_size:
            raise Fault(f"{name} has other bytes than the archive says: it is cut off.")

    def _refuse_unless_plain(self, entry: zipfile.ZipInfo) -> None:
        name, shown = entry.filename, entry.filename[:100]
        if name in self._entries:
            raise Fault(f"The archive holds {shown!r} twice: which of the two is meant nobody can say.")
        if getattr(entry, "orig_filename", name) != name or not all(WORD.fullmatch(one) for one in name.split("/")):
            raise Fault(f"The archive holds a file with the name {shown!r}, which no bundle gives.")
        if entry.external_attr >> 28 not in (0, 8):
            raise Fault(f"{shown!r} is no plain file.")
        packed = entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size
        if entry.flag_bits or packed:
            raise Fault(f"{shown!r} is encrypted or packed: in a bundle every file lies as it is.")
        if entry.comment or not (entry.extra == b"" or _tells_sizes_alone(entry.extra)):
            raise Fault(f"{shown!r} has words beside it, by which another program may give it another name.")


def _tells_sizes_alone(extra: bytes) -> bool:
    """Return whether what is written beside a name are sizes of more than four bytes, and nothing else."""
    return len(extra) > 4 and struct.unpack("<HH", extra[:4]) == (1, len(extra) - 4)


def _refuse_unless_side_by_side(entries: list[zipfile.ZipInfo], file: BinaryIO, end_of_files: int) -> None:
    """Refuse an archive with anything before, between or behind its files, or with files that lie in one another.

    What stands before each file and at the end must say what the list says: programs differ in which they go by.
    """
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        shown = entry.filename[:100]
        if entry.header_offset != end:
            raise Fault(f"Before {shown!r} there lies something that belongs to no file of the archive.")
        file.seek(end)
        there = file.read(30 + len(entry.filename) + 20)
        there = there[:4] + bytes(2) + there[6:10] + bytes(4) + there[14:]
        head = next((one for one in _heads_of(entry) if there.startswith(one)), None)
        if head is None:
            raise Fault(f"What stands before {shown!r} is not what the list of the archive says of it.")
        end += len(head) + entry.compress_size
    if end != end_of_files:
        raise Fault("Behind its last file the archive holds something that belongs to no file of it.")
    listed = sum(46 + len(one.filename) + len(one.extra) for one in entries)
    file.seek(end + listed)
    if file.read(200) not in _ends_of(len(entries), listed, end):
        raise Fault("Behind its list of files the archive holds something that belongs to no file of it.")


def _heads_of(entry: zipfile.ZipInfo) -> list[bytes]:
    """Return the two ways to write what stands before a file, with zeros for its time and the version of the form."""
    name, size, most = entry.filename.encode(), entry.file_size, 0xFFFFFFFF
    long = struct.pack("<HHQQ", 1, 16, size, size)
    return [
        struct.pack("<4s10x3L2H", b"PK\3\4", entry.CRC, told, told, len(name), len(beside)) + name + beside
        for told, beside in ((min(size, most), b""), (most, long))
    ]


def _ends_of(files: int, listed: int, begins: int) -> list[bytes]:
    """Return the two ways to write the end of an archive: with sizes of four bytes alone, and of eight beside them."""
    number, size, place = min(files, 0xFFFF), min(listed, 0xFFFFFFFF), min(begins, 0xFFFFFFFF)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, size, place, 0)
    long = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, files, files, listed, begins)
    return [end, long + struct.pack("<4sLQL", b"PK\6\7", 0, begins + listed, 1) + end]


def _without_doubles(pairs: list[tuple[str, Data]]) -> dict[str, Data]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


# ---- the checks themselves


class Report:
    """What was found."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.notes: list[str] = []
        self.items: list[dict[str, Data]] = []
        self.events = 0
        self.heads: list[dict[str, Data]] = []
        self.key = ""
        self.digest = ""

    def as_json(self) -> dict[str, Data]:
        """Return it for scripts."""
        return {"proved": not self.faults, **vars(self)}


def verify(path: Path, key_text: str | None, held: str | None = None) -> Report:
    """Check a bundle that is a file; see `verify_file`. An OSError says that it is not there or cannot be read."""
    with path.open("rb") as file:
        return verify_file(file, key_text, held)


def verify_file(file: Data, key_text: str | None, held: str | None = None) -> Report:
    """Check a bundle; whatever is wrong stands in the report, and nothing is raised for it.

    Args:
        file: the bundle, open for reading from its start.
        key_text: the public key of its maker; None where it is not known.
        held: a signed head that whoever checks got by another way, if they did.
    """
    report = Report()
    try:
        report.digest = _digest(file)
        file.seek(0)
        _verify(Archive(file), key_text, held, report)
    except Fault as fault:
        report.faults.append(str(fault))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as fault:
        report.faults.append(f"Something in the bundle is not written as a bundle writes it ({fault!r:.150}).")
    return report


def _digest(file: Data) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _verify(archive: Archive, key_text: str | None, held: str | None, report: Report) -> None:
    archive.digest_all()
    manifest = archive.json("manifest.json")
    if manifest["format"] != FORMAT:
        raise Fault(f"The bundle is of the form {manifest['format']!r:.60}; this program knows {FORMAT} alone.")
    _check_files(archive, manifest, report)
    key = _key(archive, key_text, manifest, report)
    heads: dict[int, Head] = {}
    if key is not None:
        _check_seal(archive, key, report)
        heads = _check_heads(archive, key, report)
        _check_held(held, key, heads, report)
    contents = contents_digest((name, digest) for name, (digest, _) in archive.digests.items())
    if manifest["contents"] != contents:
        report.faults.append("The digest of the contents in manifest.json is not that of the contents.")
    for reference in manifest["items"]:
        try:
            _check_item(archive, reference, heads, contents, report)
        except Fault as fault:
            report.faults.append(f"{reference}: {fault}")


def contents_digest(files: Data) -> str:
    """Return the digest of what is evidence of items and cases, without their events: it stands in the log itself."""
    lines = sorted(
        f"{digest}  {name}\n"
        for name, digest in files
        if name.startswith(("items/", "cases/")) and not name.endswith("/custody.json")
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _check_files(archive: Archive, manifest: Data, report: Report) -> None:
    """Hold the files against both lists of them, and each against its place."""
    listed = {one["path"]: (one["sha256"], one["size"]) for one in manifest["files"]}
    if len(listed) != len(manifest["files"]):
        report.faults.append("manifest.json names a file twice.")
    _compare("manifest.json", listed, {n: d for n, d in archive.digests.items() if n not in NOT_IN_MANIFEST}, report)
    sums = {}
    for line in archive.text("SHA256SUMS").splitlines():
        digest, _, name = line.partition("  ")
        if name in sums or not HEX.fullmatch(digest):
            report.faults.append("SHA256SUMS is not written as sha256sum writes it.")
        sums[name] = (digest,)
    _compare("SHA256SUMS", sums, {n: d[:1] for n, d in archive.digests.items() if n not in NOT_IN_SUMS}, report)
    references = set(manifest["items"])
    if len(references) != len(manifest["items"]) or not all(WORD.fullmatch(one) for one in references):
        report.faults.append("manifest.json names an item twice, or by no reference.")
    for name in sorted(archive.names):
        if not _has_a_place(name, references):
            report.faults.append(f"{name} has no place in a bundle of these items.")


def _compare(where: str, listed: Data, there: Data, report: Report) -> None:
    for name in sorted(there.keys() - listed.keys()):
        report.faults.append(f"{name} lies in the bundle and does not stand in {where}: it was put in afterwards.")
    for name in sorted(listed.keys() - there.keys()):
        report.faults.append(f"{name[:100]} stands in {where} and is not in the bundle: it was taken out.")
    for name in sorted(listed.keys() & there.keys()):
        if listed[name] != there[name]:
            report.faults.append(f"{name} is not the file that {where} names: its digest or size is another.")


def _has_a_place(name: str, references: set[str]) -> bool:
    first, *rest = name.split("/")
    if not rest:
        return name in AT_TOP
    if first == "log":
        return rest in (["public-key.txt"], ["consistency.json"]) or (len(rest) == 2 and rest[0] == "heads")
    if first == "cases":
        return len(rest) == 1
    if first != "items" or rest[0] not in references:
        return False
    return rest[1:] in (["index.json"], ["custody.json"]) or (len(rest) == 3 and rest[1] in ("originals", "renditions"))


def _key(archive: Archive, key_text: str | None, manifest: Data, report: Report) -> Key | None:
    """Return the key to check by: the one that was given, else that of the bundle, which proves nothing by itself."""
    if not manifest["sealed"]:
        report.faults.append(UNSEALED)
        return None
    inside = archive.text("log/public-key.txt").strip()
    if key_text is None:
        report.faults.append(
            "No key was given. The key that lies in the bundle proves nothing by itself: get the public key from "
            f"whoever made the bundle, by another way, and name it by --key. The bundle says that it is {inside[:120]}"
        )
        report.key = "that of the bundle, which proves nothing by itself"
        return read_key(inside)
    key = read_key(key_text)
    report.key = key_text.strip()
    if inside != key_text.strip():
        report.faults.append("The key that lies in the bundle is not the key that was given.")
    return key


def _check_seal(archive: Archive, key: Key, report: Report) -> None:
    try:
        lines = opened_note("SEAL.txt", archive.text("SEAL.txt"), key).split("\n")
    except Fault as fault:
        report.faults.append(str(fault))
        return
    if lines[:2] != [f"Evidence of {key.name}", f"SHA-256 of SHA256SUMS: {archive.digests['SHA256SUMS'][0]}"]:
        report.faults.append("SEAL.txt is the seal of another bundle: files were changed after it was sealed.")


def _check_heads(archive: Archive, key: Key, report: Report) -> dict[int, Head]:
    """Return the heads that the key signed, by size, once each is found to lead to the greatest."""
    heads: dict[int, Head] = {}
    for name in sorted(archive.inside("log/heads")):
        try:
            head = read_head(name, archive.text(name), key)
        except Fault as fault:
            report.faults.append(str(fault))
            continue
        if name != f"log/heads/{head.size:012}.txt":
            report.faults.append(f"{name} is the head of {head.size} events, which its name does not say.")
        heads[head.size] = head
    if not heads:
        report.faults.append("There is no head of the log that the key signed.")
        return {}
    _check_consistency(archive, heads, report)
    report.heads = [{"size": one.size, "signed_at": one.at} for _, one in sorted(heads.items())]
    return heads


def _check_held(held: str | None, key: Key, heads: dict[int, Head], report: Report) -> None:
    """Hold the heads of the bundle, which all lead to its newest, against one that came by another way."""
    if held is None:
        return
    head = read_head("The head that you hold", held, key)
    if head.size not in heads:
        sizes = ", ".join(str(size) for size in sorted(heads))
        report.faults.append(
            f"The head that you hold is of {head.size} events, and the bundle has those of {sizes}. Ask for a bundle "
            f"that was made with it: `mailroom evidence --head {head.size}`."
        )
    elif heads[head.size].root != head.root:
        report.faults.append(
            f"The head that you hold and that of the bundle are both of {head.size} events, and are not of one log: it "
            "was written anew."
        )


def _check_consistency(archive: Archive, heads: dict[int, Head], report: Report) -> None:
    newest, proofs = heads[max(heads)], {}
    for one in archive.json("log/consistency.json"):
        if one["to"] == newest.size:
            proofs[one["from"]] = [bytes.fromhex(hash_) for hash_ in one["path"]]
    for size, head in sorted(heads.items()):
        if size == newest.size:
            continue
        if size not in proofs or not is_consistent(size, head.root, newest.size, newest.root, proofs[size]):
            report.faults.append(
                f"Nothing shows that the log of {newest.size} events only added to that of {size}: it was written anew."
            )


def _check_item(archive: Archive, reference: str, heads: dict[int, Head], contents: str, report: Report) -> None:
    index = archive.json(f"items/{reference}/index.json")
    if index["reference"] != reference:
        raise Fault("its index data are those of another item.")
    chains = archive.json(f"items/{reference}/custody.json")
    own = [chain for chain in chains if chain["role"] == "item"]
    if len(own) != 1 or own[0]["chain"] != index["item"]:
        raise Fault("it does not have the one chain of custody that is its own.")
    read = [_check_chain(chain, heads, report, reference) for chain in chains]
    events = {chain["chain"]: found for chain, found in zip(chains, read)}  # noqa: B905  # older Pythons know no `strict`
    if len(events) != len(chains):
        raise Fault("a chain of custody stands in it twice.")
    _check_made(events[own[0]["chain"]], contents, report, reference)
    _check_date(events[own[0]["chain"]], index, report, reference)
    _check_relations(chains, events, report, reference)
    holding = [event for chain in chains if chain["role"] != "batch" for event in events[chain["chain"]]]
    _check_originals(archive, reference, index, holding, report)
    _check_renditions(archive, reference, index, report)
    report.items.append(
        {
            "reference": reference,
            "received_at": index["received_at"],
            "events": len(events[own[0]["chain"]]),
            "originals": [{"file": one["file"], "sha256": one["sha256"]} for one in index["originals"]],
        }
    )


def _check_chain(chain: Data, heads: dict[int, Head], report: Report, reference: str) -> list[dict[str, Data]]:
    """Return the events of one chain, in their order, once each follows on the one before and stands in the log."""
    found: list[dict[str, Data]] = []
    previous, number, withheld = GENESIS, 0, 0
    for place, one in enumerate(chain["events"], start=1):
        event = json.loads(one["hashed"], object_pairs_hook=_without_doubles)
        what = f"{reference}: event {place} ({event['kind']!s:.40}) of the chain {chain['role']}"
        event_hash = hashlib.sha256(one["hashed"].encode()).hexdigest()
        if event["item"] != chain["chain"] or event["position"] != place or event["previous"] != previous:
            report.faults.append(
                f"{what} does not follow on the one before: the chain was cut, or events changed places."
            )
        if one["hash"] != event_hash:
            report.faults.append(f"{what} is not what was written: its hash is another.")
        if heads:
            _check_inclusion(one, bytes.fromhex(event_hash), number, heads, what, report)
        number, previous = one["number"], event_hash
        event["told"] = _details(one, event, what, report)
        withheld += event["told"] is None
        found.append(event)
    if not found:
        report.faults.append(f"{reference}: the chain {chain['role']} has no event.")
    if withheld:
        report.notes.append(
            f"{reference}: the details of {withheld} events are not told; their digests stand in the chain."
        )
    report.events += len(found)
    return found


def _check_inclusion(
    one: Data, event_hash: bytes, before: int, heads: dict[int, Head], what: str, report: Report
) -> None:
    proof, number = one["proof"], one["number"]
    head = heads.get(proof["size"])
    if head is None:
        report.faults.append(f"{what} is to be proved by a head of {proof['size']} events, which is not in the bundle.")
        return
    leaf = hashlib.sha256(b"\0" + event_hash).digest()
    path = [bytes.fromhex(hash_) for hash_ in proof["path"]]
    if number <= before or not is_included(leaf, number - 1, head.size, path, head.root):
        report.faults.append(f"{what} did not stand in the log when its head was signed.")


def _details(one: Data, event: Data, what: str, report: Report) -> Data:
    """Return the details of an event; None where they are not told."""
    if one["details"] is None:
        return None
    if hashlib.sha256(one["details"].encode()).hexdigest() != event["details"]:
        report.faults.append(f"{what} has other details than were written.")
    return json.loads(one["details"], object_pairs_hook=_without_doubles)["details"]


def _check_made(events: list[dict[str, Data]], contents: str, report: Report, reference: str) -> None:
    """Find the event by which the making of this very bundle stands in the log: without it, later ones were cut off."""
    made = [one for one in events if one["kind"] == MADE and (one["told"] or {}).get("contents") == contents]
    if not made:
        report.faults.append(
            f"{reference}: its chain of custody does not say that a bundle of these contents was made. Either contents "
            "were changed after it was made, or events are missing from the end of the chain."
        )


def _check_date(events: list[dict[str, Data]], index: Data, report: Report, reference: str) -> None:
    """Hold the date of receipt against the last that the log says; where that is withheld nothing here proves it."""
    dated = [one for one in events if one["kind"] in DATES]
    if not dated:  # it was refused at the door
        return
    said = (dated[-1]["told"] or {}).get(DATES[dated[-1]["kind"]])
    if said is None:
        report.notes.append(f"{reference}: the log does not tell when it was received; that is the word of its maker.")
    elif not _is_same_moment(said, index["received_at"]):
        report.faults.append(
            f"{reference}: by the log it was received at {said:.40}, and by its index data at another time."
        )


def _is_same_moment(one: Data, other: Data) -> bool:
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except (TypeError, ValueError):
        return False


def _check_relations(chains: Data, events: Data, report: Report, reference: str) -> None:
    """Hold the chains of joined items and of a batch against what the item's own chain says of them."""
    by_role: dict[str, list[Data]] = {"item": [], "joined": [], "batch": []}
    for chain in chains:
        by_role[chain["role"]].append(events[chain["chain"]])
    known = {reference, *(chain["reference"] for chain in chains if chain["role"] == "joined")}
    for joined_events in by_role["joined"]:
        into = [(one["told"] or {}).get("into") for one in joined_events if one["kind"] == "joined_into"]
        if not known.intersection(into):
            report.faults.append(f"{reference}: it has the chain of an item that was never joined to it.")
    holding = [one for role in ("item", "joined") for chain in by_role[role] for one in chain]
    came = {one["original"] for chain in by_role["batch"] for one in chain if one["kind"] in CAME_WITH_BYTES}
    for one in holding:
        if one["kind"] == "made_by_split" and (one["told"] or {}).get("extract_of") not in {*came, None}:
            report.faults.append(f"{reference}: nothing shows that the batch came in of which it is a part.")


def _check_originals(archive: Archive, reference: str, index: Data, events: Data, report: Report) -> None:
    promised = {one["original"] for one in events if one["kind"] in CAME_WITH_BYTES}
    there = archive.inside(f"items/{reference}/originals")
    listed = {f"items/{reference}/{one['file']}": one["sha256"] for one in index["originals"]}
    for name in sorted(there ^ listed.keys()):
        report.faults.append(f"{reference}: {name} is not both in the index data and in the bundle.")
    for name in sorted(there & listed.keys()):
        sha256 = archive.digests[name][0]
        if sha256 != listed[name] or sha256[:16] not in name or f"/{reference}-" not in name:
            report.faults.append(f"{reference}: {name} is not the original that its name and the index data say.")
        if sha256 not in promised:
            report.faults.append(f"{reference}: {name} is not what was received: the log never took in such bytes.")
    for sha256 in sorted(promised - set(listed.values()), key=str):
        report.faults.append(f"{reference}: it came with the original {sha256}, which is not in the bundle.")


def _check_renditions(archive: Archive, reference: str, index: Data, report: Report) -> None:
    there = {name: archive.digests[name][0] for name in archive.inside(f"items/{reference}/renditions")}
    listed = {f"items/{reference}/{one['file']}": one["sha256"] for one in index["renditions"]}
    if there != listed:
        report.faults.append(f"{reference}: its renditions are not those that the index data name.")
    originals = {one["sha256"] for one in index["originals"]}
    if not {one["made_from"] for one in index["renditions"]} <= originals:
        report.faults.append(f"{reference}: a rendition was made from something that is not among its originals.")


# ---- for people and scripts


def _lines(report: Report) -> Iterator[str]:
    yield f"SHA-256 of the bundle: {report.digest}"
    for item in report.items:
        yield f"{item['reference']}, received {item['received_at']}: {item['events']} events, originals:"
        for one in item["originals"]:
            yield f"  {one['sha256']}  {one['file']}"
    for head in report.heads:
        yield f"Head of the log of {head['size']} events, signed {head['signed_at']}"
    yield from (f"Note: {line}" for line in report.notes)
    yield from (f"FAULT: {line}" for line in report.faults)
    yield "NOT PROVED." if report.faults else PROVED


def _plain(text: str) -> str:
    """Return the text as any terminal can only show: what stands in a bundle may hold escape sequences."""
    return "".join(one if " " <= one <= "~" else "?" for one in text)


def main() -> int:
    """Check the bundle that the arguments name; return the exit code."""
    parser = argparse.ArgumentParser(description="Check an evidence bundle of a mailroom.")
    parser.add_argument("bundle", type=Path, help="the ZIP file")
    parser.add_argument("--key", help="the public key of its maker, or a file that holds it; not the one in the bundle")
    parser.add_argument("--head", type=Path, help="a file with a signed head that you got by another way")
    parser.add_argument("--json", action="store_true", help="print one JSON object for scripts")
    asked = parser.parse_args()
    try:
        key = asked.key if asked.key is None or "+" in asked.key else Path(asked.key).read_text("utf-8")
        held = asked.head.read_text("utf-8") if asked.head else None
    except (OSError, UnicodeDecodeError) as fault:
        print(f"The key or the head cannot be read: {fault}", file=sys.stderr)
        return 2
    try:
        report = verify(asked.bundle, key, held)
    except OSError as fault:
        print(_plain(f"{asked.bundle} cannot be read: {fault.strerror}."), file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        for line in _lines(report):
            print(_plain(line))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
