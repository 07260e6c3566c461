"""Files as Outlook makes them, byte by byte: messages (.msg, an OLE2 file of streams) and winmail.dat (TNEF)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Folder = Mapping[str, "bytes | Folder"]
Value = bytes | str | int

_SECTOR, _MINI, _SMALL = 512, 64, 4096
_NONE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound_file(root: Folder) -> bytes:
    """Return an OLE2 file of [MS-CFB] version 3: folders as dicts, streams as bytes."""
    entries: list[list[object]] = []  # name, kind, next, child, content
    _enter("Root Entry", root, 5, entries)
    mini, small, large = bytearray(), {}, {}
    for number, (_, kind, _, _, content) in enumerate(entries):
        if kind == 2 and 0 < len(content) < _SMALL:
            small[number] = len(mini) // _MINI
            mini += content + bytes(-len(content) % _MINI)
    sectors: list[bytes] = []
    chains: list[int] = []

    def put(content: bytes) -> int:
        start, pieces = len(sectors), [content[at : at + _SECTOR] for at in range(0, len(content), _SECTOR)]
        sectors.extend(piece.ljust(_SECTOR, b"\0") for piece in pieces)
        chains.extend([*range(start + 1, start + len(pieces)), _END] if pieces else [])
        return start if pieces else _END

    for number, (_, kind, _, _, content) in enumerate(entries):
        if kind == 2 and len(content) >= _SMALL:
            large[number] = put(content)
    mini_start = put(bytes(mini))
    mini_fat = _chains_of(len(entries[number][4]) for number in small)
    mini_fat_start = put(mini_fat)
    directory = b"".join(
        _entry(entry, small.get(at, large.get(at, _END)), mini_start, len(mini)) for at, entry in enumerate(entries)
    )
    directory_start = put(directory)
    fat_sectors = 1
    while (len(chains) + fat_sectors) * 4 > fat_sectors * _SECTOR:
        fat_sectors += 1
    places = range(len(sectors), len(sectors) + fat_sectors)
    fat = struct.pack(f"<{len(chains)}I", *chains) + struct.pack("<I", _FAT) * fat_sectors
    put(fat.ljust(fat_sectors * _SECTOR, b"\xff"))
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, fat_sectors, directory_start, 0, _SMALL),
        *(mini_fat_start, -(-len(mini_fat) // _SECTOR), _END, 0, places[0]),
    )
    difat = struct.pack(f"<{fat_sectors - 1}I", *places[1:])
    return (head + difat).ljust(_SECTOR, b"\xff") + b"".join(sectors)


def _chains_of(sizes: Sequence[int]) -> bytes:
    chains: list[int] = []
    for size in sizes:
        count = -(-size // _MINI)
        chains += [*range(len(chains) + 1, len(chains) + count), _END]
    return struct.pack(f"<{len(chains)}I", *chains)


def _enter(name: str, content: bytes | Folder, kind: int, entries: list[list[object]]) -> int:
    """Add an entry and all below it; those of one folder are a chain, which is a tree that leans to one side."""
    number = len(entries)
    entries.append([name, kind, _NONE, _NONE, content if kind == 2 else b""])
    if kind == 2:
        return number
    before = None
    for inner in sorted(content, key=lambda text: (len(text), text.upper())):
        added = _enter(inner, content[inner], 2 if isinstance(content[inner], bytes) else 1, entries)
        entries[number if before is None else before][3 if before is None else 2] = added
        before = added
    return number


def _entry(entry: Sequence[object], start: int, mini_start: int, mini_size: int) -> bytes:
    name, kind, following, child, content = entry
    said = name.encode("utf-16-le") + b"\0\0"
    start, size = (mini_start, mini_size) if kind == 5 else (start, len(content))
    return said.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(said), kind, 1, _NONE, following, child, start, size)


def outlook_message(
    properties: Mapping[int, Value],
    attachments: Sequence[Mapping[int, Value | Folder]] = (),
    recipient: Mapping[int, Value] | None = None,
) -> bytes:
    """Return a message (.msg); properties by their ids, texts in Unicode, numbers as times."""
    return compound_file(message_folder(properties, attachments, recipient))


def message_folder(
    properties: Mapping[int, Value],
    attachments: Sequence[Mapping[int, Value | Folder]] = (),
    recipient: Mapping[int, Value] | None = None,
    head: int = 32,
) -> dict[str, bytes | Folder]:
    """Return the streams of a message; one inside another has a head of 24 bytes and is a property 0x3701."""
    folder = _streams(properties, head)
    for number, attachment in enumerate(attachments):
        folder[f"__attach_version1.0_#{number:08X}"] = _streams(attachment, 8)
    if recipient:
        folder["__recip_version1.0_#00000000"] = _streams(recipient, 8)
    return folder


def _streams(properties: Mapping[int, Value | Folder], head: int) -> dict[str, bytes | Folder]:
    fixed, folder = bytes(head), {}
    for name, value in properties.items():
        if isinstance(value, int):
            fixed += struct.pack("<HHIQ", 0x0040, name, 6, value)
        elif isinstance(value, str):
            folder[f"__substg1.0_{name:04X}001F"] = value.encode("utf-16-le")
        elif isinstance(value, bytes):
            folder[f"__substg1.0_{name:04X}0102"] = value
        else:
            folder[f"__substg1.0_{name:04X}000D"] = value
    return {"__properties_version1.0": fixed, **folder}


def winmail(
    properties: Mapping[int, Value] | None = None, attachments: Sequence[tuple[str, bytes]] = (), charset: int = 1252
) -> bytes:
    """Return a winmail.dat: properties by their ids, attachments as names and contents."""
    parts = [attribute(1, 0x00089006, struct.pack("<I", 0x10000))]
    parts.append(attribute(1, 0x00069007, struct.pack("<II", charset, 0)))
    if properties:
        parts.append(attribute(1, 0x00069003, mapi_properties(properties)))
    for name, content in attachments:
        parts.append(attribute(2, 0x00069002, bytes(14)))
        parts.append(attribute(2, 0x00018010, name.encode(f"cp{charset}", "replace") + b"\0"))
        parts.append(attribute(2, 0x0006800F, content))
        parts.append(attribute(2, 0x00069005, mapi_properties({0x3707: name})))
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(parts)


def attribute(level: int, name: int, data: bytes) -> bytes:
    """Return one attribute of TNEF."""
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def mapi_properties(properties: Mapping[int, Value]) -> bytes:
    """Return properties as TNEF packs them."""
    packed = struct.pack("<I", len(properties))
    for name, value in properties.items():
        if isinstance(value, int):
            packed += struct.pack("<HHQ", 0x0040, name, value)
            continue
        kind = 0x001F if isinstance(value, str) else 0x000D if name == 0x3701 else 0x0102
        content = value.encode("utf-16-le") + b"\0\0" if isinstance(value, str) else value
        packed += struct.pack("<HHII", kind, name, 1, len(content)) + content + bytes(-len(content) % 4)
    return packed
