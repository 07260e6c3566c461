"""Archives: what is in them comes out byte for byte, under no name of theirs, and no more than there is room for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.unzip import ArchiveLimits, unzip

SMALL = ArchiveLimits(files=3, unpacked_bytes=1000, ratio=100)


def zipped(*files: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def out(tmp_path: Path) -> Callable[..., tuple[list[str], list[str], list[bytes]]]:
    def run(content: bytes, limits: ArchiveLimits = SMALL) -> tuple[list[str], list[str], list[bytes]]:
        source, scratch = tmp_path / "archive", tmp_path / "scratch"
        source.write_bytes(content)
        scratch.mkdir()
        names, left = unzip(source, lambda number: scratch / f"{number}", limits)
        assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == sorted(
            ["archive", *(str(number + 1) for number in range(len(names)))]
        )
        return names, left, [(scratch / str(number + 1)).read_bytes() for number in range(len(names))]

    return run


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_in_it_comes_out(out: Callable[..., object], packed: int) -> None:
    files = [("a.txt", b"one"), ("folder/", b""), ("../../etc/passwd", b"two"), ("C:\\x\u202etxt.exe", b"")]
    assert out(zipped(*files, packed=packed)) == (
        ["a.txt", "../../etc/passwd", "C:\\x\u202etxt.exe"],
        [],
        [b"one", b"two", b""],
    )


def test_what_lies_under_a_password_is_left(out: Callable[..., object]) -> None:
    content = bytearray(zipped(("open.txt", b"one"), ("shut.txt", b"two")))
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.rindex(signature) + flags] |= 1
    assert out(bytes(content)) == (["open.txt"], ["shut.txt"], [b"one"])


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        (zipped(*((f"{number}", b"x") for number in range(4))), SMALL),
        (zipped(("a", b"x" * 600), ("b", b"x" * 600)), SMALL),
        (zipped(("bomb", b"\0" * (11 << 20))), ArchiveLimits(ratio=1)),
    ],
)
def test_more_than_there_is_room_for_is_refused(
    out: Callable[..., object], content: bytes, limits: ArchiveLimits
) -> None:
    with pytest.raises(TaskRefused, match=r"ZIP archive (holds|unpacks)") as refused:
        out(content, limits)
    assert refused.value.cause is Cause.TOO_LARGE


def test_a_size_that_is_not_true_helps_nobody(out: Callable[..., object]) -> None:
    content = bytearray(zipped(("bomb", b"\0" * 5000)))
    for signature, size in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = content.rindex(signature) + size
        content[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(TaskRefused):
        out(bytes(content))


@pytest.mark.parametrize("cut", [1, 10, 30, 60, 90])
def test_a_damaged_archive_is_refused(out: Callable[..., object], cut: int) -> None:
    with pytest.raises(TaskRefused) as refused:
        out(zipped(("a", bytes(range(256))))[:-cut])
    assert refused.value.cause is Cause.DAMAGED


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_inside_is_refused_however_it_is_packed(out: Callable[..., object], packed: int) -> None:
    content = bytearray(zipped(("a", bytes(range(256)) * 3), packed=packed))
    content[40:80] = b"\xff" * 40
    with pytest.raises(TaskRefused) as refused:
        out(bytes(content))
    assert refused.value.cause is Cause.DAMAGED


def test_a_full_disk_is_no_damage(tmp_path: Path) -> None:
    source = tmp_path / "archive"
    source.write_bytes(zipped(("a", b"one")))
    with pytest.raises(OSError, match="No space left"):
        unzip(source, lambda _: Path("/dev/full"), SMALL)
