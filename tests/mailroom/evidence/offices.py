"""One mailroom for the tests of evidence: how post gets into it, and what a third party's machine says of a bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from fpdf import FPDF

from mailroom.bootstrap.places import spool_of
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Capture, Channel, Refusal
from mailroom.duties.heads import heads_signed, seal_log
from mailroom.duties.sequence import sequence
from mailroom.evidence.asked import Asked
from mailroom.evidence.bundle import write_bundle
from mailroom.journey.receive import receive
from mailroom.journey.refuse import refuse
from mailroom.journey.travel import advance
from mailroom.records.tables import Item
from mailroom.services import Services

ADA = Viewer("ada", frozenset({Role.AUDITOR}), named_for_limited=True)
NOOR = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
MAIL = (
    b"From: Ann Lowe <ann@example.org>\r\nTo: Harrowdale <post@harrowdale.example>\r\n"
    b"Subject: Refund of council tax\r\nDate: Mon, 16 Nov 2026 09:15:00 +0000\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    b"Please refund my council tax.\r\n--b\r\n"
    b'Content-Type: text/plain; name="proof.txt"\r\nContent-Disposition: attachment; filename="proof.txt"\r\n\r\n'
    b"Paid twice.\r\n--b--\r\n"
)


@dataclass
class Office:
    """The mailroom, its items by what the tests call them, and how to ask for evidence."""

    services: Services
    clock: Any
    folder: Path
    items: dict[str, str] = field(default_factory=dict)

    def deliver(self, name: str, content: bytes, **known: Any) -> str:  # noqa: ANN401  # the fields of a capture
        """Hand a letter in and carry it through; returns its reference."""
        self.clock.step(timedelta(minutes=1))
        spooled = spool_of(self.services) / uuid4().hex
        spooled.write_bytes(content)
        usual = {"channel": Channel.POST, "source": name, "received_at": self.services.now(), "file_name": "letter.txt"}
        receipt = receive(Capture(spooled=spooled, **(usual | known)), self.services)
        self.items[name] = receipt.reference
        self.carry(receipt.item_id)
        return receipt.reference

    def refuse(self, name: str) -> None:
        """Refuse something at the door, as the listener for mail does with what is too large."""
        refusal = Refusal(Channel.EMAIL, name, self.services.now(), None, "It is too large.", size=10**9)
        self.items[name] = refuse(refusal, self.services)

    def carry(self, item_id: str) -> None:
        going = True
        while going:
            going = bool(advance(item_id, self.row(item_id).run, self.services))

    def row(self, item_id: str) -> Item:
        with self.services.records.look() as look:
            return look.get_one(Item, item_id)

    def next_day(self) -> None:
        """Seal the log of today and go on to the next day."""
        while sequence(self.services):
            pass
        seal_log(self.services)
        self.clock.step(timedelta(days=1))

    def bundle(self, *names: str, viewer: Viewer = ADA, purpose: str | None = "court", **how: Any) -> Path:  # noqa: ANN401
        """Make a bundle of the items that the tests call so, or of these references."""
        target = self.folder / f"{uuid4().hex}.zip"
        asked = Asked([self.items.get(name, name) for name in names], purpose=purpose, **how)
        write_bundle(asked, target, viewer, self.services)
        return target

    @cached_property
    def key(self) -> str:
        """The public key, as the council gives it out."""
        return str(heads_signed(self.services)["key"])


def paper(*pages: str) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=14)
    for text in pages:
        pdf.add_page()
        pdf.multi_cell(0, 8, text)
    return bytes(pdf.output())


@dataclass(frozen=True)
class Verdict:
    """What the verifier said on somebody else's machine."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever JSON can hold
        return json.loads(self.out)

    @property
    def faults(self) -> str:
        return "\n".join(self.json["faults"])
