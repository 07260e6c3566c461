"""LibreOffice itself prints: what it can open, within the limits, fetching nothing that a document names."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from canary_server import canary_server
from office_files import open_document, saved_as

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused, TooSlow
from mailroom.sandbox.limits import PARSING, Limits
from mailroom.sandbox.sandbox import Sandbox

LETTER = rb"{\rtf1\ansi Dear Sir\par My bin was missed on Tuesday.\page On the second page.}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(engine="") as opened:
        yield opened


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    with canary_server() as waiting:
        yield waiting


def print_in(
    sandbox: Sandbox, folder: Path, content: bytes, limits: Limits = PARSING, program: str = "soffice"
) -> tuple[dict[str, Any], list[str]]:
    """Return the answer of the task, and the words on each page."""
    source = folder / "original"
    source.write_bytes(content)
    answer = sandbox.run("print_pages", {"program": program}, source=source, scratch=folder, limits=limits)
    with pypdfium2.PdfDocument(folder / answer["file"]) as printed:
        return answer, [page.get_textpage().get_text_range() for page in printed]


def ended(pid: int) -> bool:
    """Whether a process ends within ten seconds; what nobody waited for is a zombie."""
    for _ in range(100):
        try:
            if "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("suffix", ["rtf", "doc", "docx", "odt"])
def test_a_letter_is_printed_page_by_page(sandbox: Sandbox, tmp_path: Path, suffix: str) -> None:
    content = LETTER if suffix == "rtf" else saved_as(suffix, LETTER, "rtf")
    answer, pages = print_in(sandbox, tmp_path, content)
    assert answer["pages"] == len(pages) == 2
    assert "My bin was missed on Tuesday." in pages[0]
    assert "On the second page." in pages[1]
    assert re.fullmatch(r"LibreOffice \d+\.\d+.*", answer["made_by"])


@pytest.mark.parametrize("suffix", ["ppt", "pptx", "odp"])
def test_each_slide_of_a_presentation_is_a_page(sandbox: Sandbox, tmp_path: Path, suffix: str) -> None:
    box = '<draw:frame svg:width="20cm" svg:height="5cm" svg:x="1cm" svg:y="1cm"><draw:text-box>'
    slide = f"<draw:page>{box}<text:p>{{}}</text:p></draw:text-box></draw:frame></draw:page>"
    slides = slide.format("Our street") + slide.format("Our bins")
    content = open_document("presentation", f"<office:presentation>{slides}</office:presentation>")
    _, pages = print_in(sandbox, tmp_path, content if suffix == "odp" else saved_as(suffix, content, "odp"))
    assert [page.strip() for page in pages] == ["Our street", "Our bins"]


def test_nothing_that_a_document_names_is_fetched(
    sandbox: Sandbox, tmp_path: Path, canary: tuple[str, list[str]]
) -> None:
    address, asked = canary
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of the server")
    content = open_document(
        "text",
        "<office:text><text:p>It begins.</text:p>"
        f'<text:section text:name="s"><text:section-source xlink:href="{secret.as_uri()}"/></text:section>'
        f'<text:p><draw:frame svg:width="3cm" svg:height="3cm"><draw:image xlink:href="{address}/picture.png" '
        'xlink:actuate="onLoad"/></draw:frame></text:p>'
        f'<text:p><draw:frame svg:width="3cm" svg:height="3cm"><draw:object xlink:href="{address}/object.odt" '
        'xlink:actuate="onLoad"/></draw:frame></text:p></office:text>',
    )
    _, pages = print_in(sandbox, tmp_path, content)
    assert "It begins." in pages[0]
    assert "secret" not in "".join(pages)
    assert asked == []


def test_what_cannot_be_opened_is_refused_in_words(sandbox: Sandbox, tmp_path: Path) -> None:
    cut_short = saved_as("docx", LETTER, "rtf")[:3000]
    with pytest.raises(TaskRefused, match=r"could not be printed, so it may be damaged\. Ask the sender") as caught:
        print_in(sandbox, tmp_path, cut_short)
    assert caught.value.cause is Cause.DAMAGED


def test_a_program_that_never_ends_is_ended_with_all_that_it_started(sandbox: Sandbox, tmp_path: Path) -> None:
    program, mark = tmp_path / "never_ends", tmp_path / "mark"
    program.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {mark}\nwait\n")
    program.chmod(0o700)
    with pytest.raises(TooSlow):
        print_in(sandbox, tmp_path, LETTER, Limits(wall_seconds=1.0), str(program))
    assert ended(int(mark.read_text()))
