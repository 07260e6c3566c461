"""One mailroom for the tests of evidence, and a third party's machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from sample_letters import AT_RISK, DISCOUNT
from sqlalchemy import select

sys.path.append(str(Path(__file__).parent))

from offices import MAIL, NOOR, Office, Verdict, paper

from mailroom.desk.adding import add
from mailroom.desk.joining import join
from mailroom.desk.splitting import split
from mailroom.domain.capture import Channel
from mailroom.evidence import verify_evidence
from mailroom.ports import Queue
from mailroom.records.session import Records
from mailroom.records.tables import Item
from mailroom.services import Services

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="session")
def new_office(
    request: pytest.FixtureRequest,
    new_database: Callable[[Path, str], AbstractContextManager[str]],
    open_services: Callable[..., AbstractContextManager[Services]],
    make_clock: Callable[[], Callable[[], datetime]],
    make_queue: Callable[[], Queue],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], Office]]:
    """Opens a mailroom of its own, without any post."""
    kind = str(request.config.getoption("--on"))
    request.getfixturevalue(f"{kind}_template")  # first, so that the server is there until the offices are closed
    with ExitStack() as stack:

        def build() -> Office:
            data, clock = tmp_path_factory.mktemp("office"), make_clock()
            url = stack.enter_context(new_database(data, kind))
            records = Records(url)
            stack.callback(records.close)
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv("MAILROOM_DATA", str(data))
                environment.setenv("MAILROOM_CONFIG", str(CONFIG))
                services = stack.enter_context(open_services(records, clock, make_queue()))
            return Office(services, clock, tmp_path_factory.mktemp("bundles"))

        yield build


@pytest.fixture(scope="session")
def office(new_office: Callable[[], Office]) -> Office:
    """Three days of post: a letter, a mail with an attachment, a batch that was split, two that were joined, a scan."""
    office = new_office()
    office.deliver("letter", DISCOUNT)
    office.deliver("batch", paper("Housing repairs\n\nMy boiler is broken.", "Council tax refund\n\nPlease refund it."))
    done = split(office.items["batch"], [2], NOOR, office.services)
    office.items["part"] = done.facts["parts"][1]
    with office.services.records.look() as look:
        for part in look.scalars(select(Item).where(Item.reference.in_(done.facts["parts"]))).all():
            office.carry(part.id)
    office.next_day()
    office.deliver("mail", MAIL, channel=Channel.EMAIL, proven_sender="ann@example.org", file_name="mail.eml")
    office.deliver("risk", AT_RISK)
    office.deliver("whole", DISCOUNT + b"\nfirst")
    office.deliver("behind", DISCOUNT + b"\nsecond")
    join(office.items["behind"], office.items["whole"], NOOR, office.services)
    office.deliver("damaged", b"%PDF-1.4 cut off here", file_name="cut.pdf")
    office.refuse("refused")
    office.next_day()
    office.deliver("answer", DISCOUNT + b"\nPS. I forgot this.")
    add(office.items["answer"], office.items["letter"], NOOR, office.services)
    return office


@pytest.fixture
def third_party(tmp_path: Path) -> Callable[..., Verdict]:
    """Runs the verifier as a third party does: alone, in an empty folder, by a Python that has no packages at all."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    program = shutil.copy(verify_evidence.__file__, folder / "verify_evidence.py")

    def run(bundle: Path, *options: str) -> Verdict:
        command = [sys.executable, "-I", "-S", "-B", str(program), str(bundle), *options]
        done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, timeout=60, check=False)
        return Verdict(done.returncode, done.stdout, done.stderr)

    return run
