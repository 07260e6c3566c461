"""One mailroom for all the states of the pages: everybody at a desk, a morning's post, put back before each state.

It is Wednesday 18 November 2026, 10:00, and stays so: what a page says of time is the same on every run. What a state
changes is undone by copying the records (`worlds.py`) and the released files back, which costs milliseconds where
building it costs seconds.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sample_letters import AT_RISK, DISCOUNT, UNCLEAR, pdf_of
from visitors import PASSWORD
from worlds import Worlds

from mailroom.bootstrap.places import spool_of
from mailroom.desk.accounts import Post, join, leave
from mailroom.desk.back_office import accept, close_on
from mailroom.desk.correcting import correct, correct_received
from mailroom.desk.drafting import Answer
from mailroom.desk.minding import bring_forward, write_note
from mailroom.desk.referring import refer
from mailroom.desk.replying import send_reply
from mailroom.desk.returning import return_item
from mailroom.desk.signing_in import choose_password, sign_in
from mailroom.desk.splitting import split
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Capture, Channel
from mailroom.domain.sla import local_date
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.journey.receive import receive
from mailroom.journey.travel import advance
from mailroom.records.tables import Item
from mailroom.services import Services

TODAY = timedelta(days=2)
"""From the Monday on which the clock of the tests begins."""

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
PEOPLE = {
    "kim": Post(frozenset({Role.POST_ROOM})),
    "noor": Post(frozenset({Role.POST_ROOM}), named_for_limited=True),
    "sam": Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues"})),
    "pat": Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues", "housing", "benefits"})),
    "ada": Post(frozenset({Role.AUDITOR}), named_for_limited=True),
    "max": Post(frozenset({Role.MANAGER})),
    "bo": Post(frozenset({Role.ADMINISTRATOR})),
}
"""Who sits at which desk; beside them `dana` has not signed in yet, and `lou` has left."""

KIM = Viewer("kim", PEOPLE["kim"].roles)
ADA = Viewer("ada", PEOPLE["ada"].roles, named_for_limited=True)
NOOR = Viewer("noor", PEOPLE["noor"].roles, named_for_limited=True)
SAM = Viewer("sam", PEOPLE["sam"].roles, PEOPLE["sam"].teams)
REFUND = (
    b"Council tax refund\n\nPlease refund the council tax that I have paid twice.\n\nYours faithfully\n\nJohn Carter\n"
)
TWO_WAYS = (
    "Peter Fenwick\n17 Mill Lane\nHarrowdale\nHD4 2QJ\n\n12 November 2026\n\nDear Council\n\n"
    "I should like a refund of my council tax, and a discount or exemption for the flat.\n\nYours faithfully\n\nPeter"
)
ADDRESS = {"sender_name": "Jane Pemberton", "sender_address": "4 Quarry View, Harrowdale"}
BATCH = ("Housing repairs\n\nMy boiler is broken.\n\nMary Bell", "Council tax refund\n\nPlease refund it.\n\nAnn Lowe")
MESSAGE = (
    b"From: Ann Lowe <ann@example.org>\r\nTo: Harrowdale <post@harrowdale.example>\r\n"
    b"Subject: The papers\r\nDate: Wed, 18 Nov 2026 08:15:00 +0000\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
    b"<h2>The papers</h2><p>Dear Sir, <b>two</b> of them:</p>"
    b"<table><tr><th>Paper</th><th>Pages</th></tr><tr><td>Lease</td><td>12</td></tr></table>"
    b"<p><a href='https://example.org/'>More</a></p>\r\n--b\r\n"
    b'Content-Type: application/pdf; name="lease.pdf"\r\nContent-Disposition: attachment; filename="lease.pdf"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQ=\r\n--b--\r\n"
)
MARKUP = "Dear Sir\n\n<script>alert(1)</script> I enclose the papers. \u202egnp.exe\n\nZo\u00eb Ng\n"


@dataclass
class House:
    """The mailroom and how to put it back.

    Attributes:
        services: its bundle.
        clock: its clock, which `step` moves.
        folder: where copies of what it has released lie.
        worlds: the copies of its records; None where nothing is to be put back.
        tokens: what the browser of each person holds, by world and name.
        items: ids of the letters by what the states call them.
    """

    services: Services
    clock: Any
    folder: Path
    worlds: Worlds | None = None
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    _begin: datetime = field(init=False)
    _once: str = ""

    def build(self) -> None:
        """Make the worlds: `new`, before anybody has joined; `empty`, before any post; `full`."""
        self._begin = self.clock.moment
        self._keep("new", people=())
        for name, post in PEOPLE.items():
            self._let_in(name, post)
        join("lou", "Lou", PEOPLE["max"], BOSS, self.services)
        leave("lou", BOSS, self.services)
        self._once = join("dana", "Dana", PEOPLE["max"], BOSS, self.services).password
        self._keep("empty")
        self._take_post_in()
        self._keep("full")

    def live_in(self) -> None:
        """Have some of everything in it, with one person who can sign in and one who has left: for records alone."""
        self._begin = self.clock.moment
        self._let_in("sam", PEOPLE["sam"])
        join("lou", "Lou", PEOPLE["max"], BOSS, self.services)
        leave("lou", BOSS, self.services)
        self._take_post_in()

    def put_back(self, world: str) -> None:
        """Have everything as it was: the records, what was released, and the time of day."""
        self.clock.moment = self._begin + TODAY
        self._worlds.put_back(world)
        shutil.rmtree(self._released, ignore_errors=True)
        shutil.copytree(self.folder / world, self._released)

    def _keep(self, world: str, people: Iterable[str] = (*PEOPLE, "dana")) -> None:
        now, self.clock.moment = self.clock.moment, self._begin + TODAY
        passwords = dict.fromkeys(PEOPLE, PASSWORD) | {"dana": self._once}
        self.tokens[world] = {name: sign_in(name, passwords[name], "", self.services) for name in people}
        self._worlds.keep(world)
        self._released.mkdir(exist_ok=True)
        shutil.copytree(self._released, self.folder / world)
        self.clock.moment = now

    @property
    def _worlds(self) -> Worlds:
        assert self.worlds is not None
        return self.worlds

    @property
    def _released(self) -> Path:
        return self.services.settings.data / self.services.settings.release.path

    def _let_in(self, name: str, post: Post) -> None:
        new = join(name, name.title(), post, BOSS, self.services)
        choose_password(sign_in(name, new.password, "", self.services), new.password, PASSWORD, self.services)

    def _take_post_in(self) -> None:
        self._take_monday_s_post_in()
        self.clock.moment = self._begin + TODAY - timedelta(hours=1)
        self._take_today_s_post_in()

    def _take_monday_s_post_in(self) -> None:
        services = self.services
        self.deliver("closed", REFUND)
        close_on(self.items["closed"], "refund made", local_date(services.now()), SAM, services)
        self.deliver("still", b"Dear Sir", until="unpack")
        self.deliver("letter", DISCOUNT)
        self.deliver("unaddressed", DISCOUNT + b"\nunaddressed\n")
        self.fill("letter", **ADDRESS)
        self.fill("unaddressed", sender_address="")
        self.clock.step(timedelta(minutes=11))
        send_acknowledgements(services)

    def _take_today_s_post_in(self) -> None:
        services = self.services
        for name in ("case", "accepted", "answered", "later", "returned"):
            self.deliver(name, DISCOUNT + f"\n{name}\n".encode())
        accept(self.items["accepted"], SAM, services, officer="sam")
        write_note(self.items["accepted"], "Rang; nobody there.", SAM, services)
        self.fill("answered", **ADDRESS)
        send_reply(self.items["answered"], Answer("answer", {"answer": "Yes."}), SAM, services)
        bring_forward(self.items["later"], local_date(services.now()) + timedelta(days=5), "the lease", SAM, services)
        return_item(self.items["returned"], "another_team", SAM, services)
        self.carry(self.items["returned"])
        self.deliver("postdated", DISCOUNT + b"\npostdated\n", received_at=services.now() - timedelta(days=4))
        yesterday = services.now() - timedelta(days=1)
        correct_received(self.items["postdated"], yesterday, KIM, services, reason="date stamp")
        self.deliver("mail", DISCOUNT, channel=Channel.EFORM, proven_sender="jane@example.org")
        self._take_doubtful_post_in()

    def _take_doubtful_post_in(self) -> None:
        services = self.services
        self.deliver("papers", pdf_of(TWO_WAYS, "Enclosure 1", "Enclosure 2"), file_name="letter.pdf")
        self.deliver("unclear", UNCLEAR)
        self.deliver("markup", MARKUP.encode())
        self.deliver("long", UNCLEAR + b"I enclose the papers.\n" * 3000)
        self.deliver("damaged", b"%PDF-1.4 cut off here", file_name="cut.pdf")
        self.deliver("at_risk", AT_RISK)
        self.deliver("referred", UNCLEAR + b"referred")
        refer(self.items["referred"], "Is it planning or licensing?", KIM, services)
        self.deliver("batch", pdf_of(*BATCH), file_name="batch.pdf")
        split(self.items["batch"], [2], KIM, services)
        self.deliver("scan", pdf_of(DISCOUNT.decode()), file_name="scan.pdf")
        self.deliver("message", MESSAGE, channel=Channel.EMAIL, proven_sender="ann@example.org", file_name="mail.eml")

    def deliver(self, name: str, content: bytes, until: str | None = None, **known: Any) -> None:  # noqa: ANN401
        """Hand a letter in and carry it as far as it goes; each a minute after the one before."""
        self.clock.step(timedelta(minutes=1))
        spooled = spool_of(self.services) / uuid4().hex
        spooled.write_bytes(content)
        usual = {"channel": Channel.POST, "source": name, "received_at": self.services.now(), "file_name": "letter.txt"}
        self.items[name] = receive(Capture(spooled=spooled, **(usual | known)), self.services).item_id
        self.carry(self.items[name], until)

    def fill(self, name: str, **fields: str) -> None:
        """Put in what was not read."""
        for one, value in fields.items():
            correct(self.items[name], one, value, KIM, self.services)
        self.carry(self.items[name])

    def carry(self, item_id: str, until: str | None = None) -> None:
        """Let an item go on as far as it goes by itself."""
        going = True
        while going:
            with self.services.records.look() as look:
                item = look.get_one(Item, item_id)
            going = item.next_stage != until and bool(advance(item_id, item.run, self.services))
