"""The members of an office document, which is a ZIP file of XML, read one by one under limits.

Before: `read_text` has a document of Word, Excel, PowerPoint or OpenDocument. After: `office_flow` and `office_sheets`
make text of what is met. What an XML file says of entities is refused before it is acted on (no honest document has
any), nothing that a document points to is fetched, and macros are members like any other that nobody asks for.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE
from mailroom.sandbox.tasks.unzip import ENCRYPTED, OF_DAMAGE, ArchiveLimits, room_in

_LIMITS = ArchiveLimits(files=5000, unpacked_bytes=100 * MEGABYTE)
_PIECE = 1 << 16
_DEEPEST = 500
"""Elements within elements; honest documents stay below a tenth of it."""

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(slots=True)
class Package:
    """An office document that is open.

    Attributes:
        archive: the ZIP file that it is.
        room: so many bytes may still be unpacked.
    """

    archive: zipfile.ZipFile
    room: int
    names: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        """List the members."""
        self.names = self.archive.namelist()

    def like(self, pattern: str) -> list[str]:
        """Return the names of the members that match, in the order of the numbers in them."""
        found = [name for name in self.names if re.fullmatch(pattern, name)]
        return sorted(found, key=lambda name: ([int(number) for number in re.findall(r"\d{1,9}", name)], name))

    def walk(self, name: str, start: Start, end: End, text: Text) -> None:
        """Read one member of XML from its beginning to its end; names of elements come without their namespace."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_declarations
        parser.StartElementHandler = _counting(start, depth := _Depth())
        parser.EndElementHandler = depth.leaving(end)
        parser.CharacterDataHandler = text
        with self.archive.open(name) as member:
            while piece := member.read(_PIECE):
                self.room -= len(piece)
                if self.room < 0:
                    sentence = "This document unpacks to more than any of its size should, so it was not opened."
                    raise TaskRefused(Cause.TOO_LARGE, f"{sentence} Open the original with care.")
                parser.Parse(piece, False)
        parser.Parse(b"", True)


@contextmanager
def opened(source: Path, words: str) -> Iterator[Package]:
    """Open an office document.

    Args:
        source: its file.
        words: what a clerk calls it.

    Raises:
        TaskRefused: it is damaged, locked, or larger than the limits.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            if len(entries) > _LIMITS.files:
                sentence = f"This is {words} of more than {_LIMITS.files} parts, so it was not opened."
                raise TaskRefused(Cause.TOO_LARGE, f"{sentence} Open the original with care.")
            if any(entry.flag_bits & ENCRYPTED for entry in entries):
                raise locked(words)
            yield Package(archive, room_in(source, _LIMITS))
    except (expat.ExpatError, KeyError, *OF_DAMAGE) as fault:
        sentence = f"This is {words} that is damaged and cannot be read ({type(fault).__name__})."
        raise TaskRefused(Cause.DAMAGED, f"{sentence} Ask the sender to send it again.") from fault


def locked(words: str) -> TaskRefused:
    """Return the refusal of a document with a password on it."""
    sentence = f"This is {words} that is locked with a password. Ask the sender for it without one, or by post."
    return TaskRefused(Cause.ENCRYPTED, sentence)


def local(name: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return name.rpartition(" ")[2]


class _Depth:
    """How many elements are open."""

    def __init__(self) -> None:
        self.now = 0

    def leaving(self, end: End) -> End:
        def leave(name: str) -> None:
            self.now -= 1
            end(local(name))

        return leave


def _counting(start: Start, depth: _Depth) -> Start:
    def enter(name: str, attributes: Mapping[str, str]) -> None:
        depth.now += 1
        if depth.now > _DEEPEST:
            sentence = f"This document has more than {_DEEPEST} things inside one another, so it was not opened."
            raise TaskRefused(Cause.TOO_LARGE, f"{sentence} Open the original with care.")
        start(local(name), {local(key): value for key, value in attributes.items()})

    return enter


def _refuse_declarations(*_: object) -> NoReturn:
    sentence = "This document defines words of its own, as bombs do and documents do not, so it was not opened."
    raise TaskRefused(Cause.DAMAGED, f"{sentence} Open the original with care.")
