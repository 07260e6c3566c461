"""Letters made in code, and a sandbox that says what a test wants it to say."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from mailroom.domain.decision import DecidedBy, Decision
from mailroom.journey.classify import put_decision
from mailroom.records.items import start_again
from mailroom.records.tables import Item
from mailroom.services import Services

FOI = (
    "12 Hill Road\nHarrowdale\nHD2 3AB\n\n14 November 2026\n\nDear Sir or Madam\n\n"
    "Freedom of Information Act 2000\n\nUnder the Freedom of Information Act 2000 I request a copy of all contracts "
    "for the collection of refuse. Please send me this information by post.\n\nYours faithfully\n\nMary Bell\n"
)


@pytest.fixture
def foi_letter() -> str:
    """A request for information, as plain text, that is settled without a person."""
    return FOI


@pytest.fixture
def pdf_of() -> Callable[..., bytes]:
    """Makes a PDF with a text layer, one page for each text."""

    def make(*texts: str) -> bytes:
        pdf = FPDF()
        pdf.set_font("Helvetica", size=12)
        for text in texts:
            pdf.add_page()
            pdf.multi_cell(0, 7, text)
        return bytes(pdf.output())

    return make


@pytest.fixture
def scan_of() -> Callable[[str], bytes]:
    """Makes a picture of a typed page, as a scanner gives it at 200 dots per inch."""

    def make(text: str) -> bytes:
        page = Image.new("L", (1654, 2339), 255)
        ImageDraw.Draw(page).multiline_text((180, 200), text, fill=0, font=ImageFont.load_default(size=34), spacing=14)
        buffer = io.BytesIO()
        page.save(buffer, "PNG", dpi=(200, 200))
        return buffer.getvalue()

    return make


@pytest.fixture
def settle(services: Services) -> Callable[[str, str], None]:
    """Does what a person does who decides: `settle(item_id, case_type)`; a new run begins at `open_case`."""

    def decide(item_id: str, case_type: str) -> None:
        service = services.catalogue.services[case_type]
        decided = Decision(case_type, service.team, service.sensitivity, 1.0, DecidedBy.PERSON, settled=True)
        with services.records.work() as session:
            item = session.get_one(Item, item_id)
            put_decision(session, item, decided, actor="p.clerk", services=services)
            start_again(item, "open_case", services.now())
            session.commit()

    return decide


class _Answering:
    """The real sandbox, but for the tasks that a test answers itself (an exception is raised)."""

    def __init__(self, services: Services, answers: Mapping[str, Any]) -> None:
        self._real = services.sandbox
        self._answers = answers

    def ready(self) -> bool:
        return True

    def run(self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path) -> dict[str, Any]:
        answer = self._answers.get(task)
        if isinstance(answer, BaseException):
            raise answer
        real = answer if answer is not None else self._real.run(task, arguments, source=source, scratch=scratch)
        found: dict[str, Any] = real
        return found


@pytest.fixture
def answering(services: Services) -> Callable[..., Services]:
    """The bundle with a sandbox that answers these tasks so: `answering(identify=ChildDied("..."))`."""

    def make(**answers: object) -> Services:
        return replace(services, sandbox=_Answering(services, answers))

    return make
