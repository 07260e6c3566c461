"""Renders the sample post of Harrowdale District Council into a folder: `python samples/render.py TARGET`.

Before: the texts in `letters/` and `manifest.toml`. After: the folders of the post room (`post/`, `fax/`, `email/`,
`eform/`) with the files as they would arrive. Does nothing where the folder is up to date.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path

import cv2
from rendering.manifest import Item, read_manifest
from rendering.post import render

HERE = Path(__file__).parent
_RECORD = ".sample-post.json"
_LIBRARIES = ("fpdf2", "numpy", "opencv-python-headless", "pillow")


def main(arguments: list[str]) -> int:
    """Render into the folder given; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python samples/render.py TARGET\n")
        return 2
    cv2.setNumThreads(1)
    target = Path(arguments[0])
    items = read_manifest(HERE / "manifest.toml")
    if _up_to_date(target, items):
        sys.stdout.write(f"sample post in {target} is up to date ({len(items)} items)\n")
        return 0
    try:
        size = render_all(items, target)
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"sample post: {len(items)} items, {size / 1e6:.1f} MB in {target}\n")
    return 0


def render_all(items: tuple[Item, ...], target: Path) -> int:
    """Render every item below `target`, remove samples of an earlier rendering, and return the bytes written."""
    _remove_former(target)
    size = 0
    for number, item in enumerate(items, start=1):
        _show(f"rendering {number}/{len(items)} {item.file}")
        content = render(item, HERE / "letters")
        size += len(content)
        _write(target / item.file, content, item.received.timestamp())
    _show("")
    record = {"digest": _digest(), "files": [str(item.file) for item in items]}
    (target / _RECORD).write_text(json.dumps(record), encoding="utf-8")
    return size


def _write(path: Path, content: bytes, received: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (received, received))


def _show(progress: str) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(f"\r{progress:<78}\r")
        sys.stdout.flush()


def _record(target: Path) -> dict[str, object]:
    path = target / _RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _up_to_date(target: Path, items: tuple[Item, ...]) -> bool:
    return _record(target).get("digest") == _digest() and all((target / item.file).is_file() for item in items)


def _remove_former(target: Path) -> None:
    former = _record(target).get("files", [])
    for name in former if isinstance(former, list) else []:
        (target / name).unlink(missing_ok=True)


def _digest() -> str:
    """Digest of everything the rendered bytes depend on: texts, manifest, code and the libraries' versions."""
    sources = sorted(path for path in HERE.rglob("*") if path.suffix in {".py", ".toml", ".txt"})
    digest = hashlib.sha256()
    for path in sources:
        digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {importlib.metadata.version(library)}".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
