"""A bag as RFC 8493 has it: payload under `data/`, a list of its digests, and lists about the bag itself.

Before: somebody has files to hand on. After: a folder that `bagit` and every archive can check. It has its name only
once it is whole; the paths in it are the caller's own, never those of whoever sent a file.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mailroom.domain.errors import MailroomError
from storage.digest import copy_with_digest, digest_of

_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MANIFEST, _INFO, _TAGS = "manifest-sha256.txt", "bag-info.txt", "tagmanifest-sha256.txt"


class Bag:
    """A bag in the making.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[str, str] = {}
        self._bytes = 0

    def put(self, path: str, content: IO[bytes]) -> None:
        """Put a file into the payload under this path.

        Raises:
            ValueError: the path is none of letters, digits, `.`, `_` and `-`, or is taken.
        """
        name = f"data/{path}"
        if not _PATH.fullmatch(path) or ".." in path or name in self._digests:
            raise ValueError(f"not a path for a bag: {path!r}")
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            self._digests[name], size = copy_with_digest(content, file)
        self._bytes += size

    def close(self, info: Mapping[str, str]) -> None:
        """Write the lists that make it a bag.

        Args:
            info: what is said of it, by the labels of RFC 8493 section 2.2.2.
        """
        told = {**info, "Payload-Oxum": f"{self._bytes}.{len(self._digests)}"}
        (self._folder / "bagit.txt").write_text(_DECLARATION, "utf-8")
        (self._folder / _INFO).write_text("".join(f"{label}: {_in_one_line(told[label])}\n" for label in told), "utf-8")
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self._digests.items()))
        (self._folder / _MANIFEST).write_text("".join(lines), "utf-8")
        tags = [f"{_digest(self._folder / name)}  {name}\n" for name in (_INFO, "bagit.txt", _MANIFEST)]
        (self._folder / _TAGS).write_text("".join(tags), "utf-8")


@contextmanager
def new_bag(target: Path) -> Iterator[Bag]:
    """Give a bag that lies at `target` once the block has ended well, and nowhere otherwise.

    Raises:
        MailroomError: something lies there already, or it cannot be written.
    """
    if target.exists():
        raise MailroomError(f"{target} is there already. Name another folder.")
    making = target.with_name(f".{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        making.mkdir(parents=True)
        yield Bag(making)
        os.sync()
        making.rename(target)
    except OSError as fault:
        raise MailroomError(f"{target} cannot be written ({fault.strerror or fault}).") from fault
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return digest_of(content)[0]


def _in_one_line(value: str) -> str:
    return " ".join(value.split())
