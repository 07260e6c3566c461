"""The parts that a name or a table in `config/` chooses: sorting, reading, the case system, the ways to answer.

Before: `plugins.py` finds what a name stands for. After: `open_mailroom` puts the parts into the bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from shutil import which

import classifiers
import mailroom.crm
import mailroom.replies
from classifiers.classifier import Classifier
from classifiers.fields import FieldFinder
from mailroom import plugins
from mailroom.catalogue import Catalogue
from mailroom.domain.errors import Misconfigured
from mailroom.ports import CaseSystem, Queue, Reply, Sandbox, Scanner, Signer
from mailroom.records.session import Records
from mailroom.settings import Acknowledge, Council, Settings, read_table


def case_system(name: str, records: Records) -> CaseSystem:
    """Return the case system of that name."""
    system: CaseSystem = plugins.find("mailroom.crm", name, mailroom.crm.BUILTIN)(records)
    return system


def ways_to_reply(settings: Settings, now: Callable[[], datetime]) -> dict[str, Reply]:
    """Return the ways to answer a sender, by name: mail only where a mail server is set."""
    told, council = settings.acknowledge, settings.council
    contact = f"{council.telephone}, {council.email}"
    letter = plugins.deferred(lambda: _reply("letter")(council.name, council.address, contact, now))
    email = plugins.deferred(lambda: _reply("email")(_relay(told), told.sender))
    return {"letter": letter, "email": email} if told.smtp_host else {"letter": letter}


def _relay(told: Acknowledge) -> object:
    return plugins.load("mailroom.bootstrap.mail_out:relay_of")(told)


def malware_scanner(settings: Settings) -> Scanner | None:
    """Return what looks for malware, or None where the settings name no address."""
    told = settings.malware
    if not told.address:
        return None
    made: Scanner = plugins.load("mailroom.scanners.clamd:Clamd")(told.address, told.timeout_seconds)
    return made


def custody_signer(settings: Settings) -> Signer:
    """Return what signs heads of the log of custody, its key made in the data directory where none is named."""
    named = settings.custody.key_file
    made: Signer = plugins.load("mailroom.bootstrap.signing:signer_from")(
        Path(named) if named else settings.data / "custody.pem"
    )
    return made


def job_queue(records: Records, stack: ExitStack) -> Queue:
    """Return the engine's queue, closed with the stack."""
    queue = plugins.load("mailroom.engine:EngineQueue")(records.url)
    stack.callback(queue.close)
    made: Queue = queue
    return made


def guarded_sandbox(settings: Settings, stack: ExitStack) -> Sandbox:
    """Return the sandbox, within the limits of an item; its warm parent ends with the stack.

    Raises:
        Misconfigured: the office program or a part of the reading engine is not installed.
    """
    if settings.office.program and not which(settings.office.program):
        sentence = f"office.program in mailroom.toml is {settings.office.program!r}, and there is no such program here."
        raise Misconfigured(f"{sentence} Install LibreOffice, or leave the key empty.")
    tessdata = Path(settings.ocr.tessdata) if settings.ocr.tessdata else None
    make = plugins.load("mailroom.sandbox.sandbox:Sandbox")
    opened = stack.enter_context(make(settings.ocr.engine, settings.ocr.languages, tessdata))
    tasks = plugins.load("mailroom.sandbox.tasks:DRAWING_TASKS")
    drawing = plugins.deferred(lambda: stack.enter_context(make(engine="", tasks=tasks)))
    limited: Sandbox = plugins.load("mailroom.sandbox.item_sandbox:ItemSandbox")(opened, drawing, settings.limits)
    return limited


def configured_classifier(name: str, catalogue: Catalogue) -> Classifier:
    """Return the classifier of that name, with the rules of the catalogue.

    Raises:
        Misconfigured: a rule makes no sense.
    """
    make = plugins.find("mailroom.classifiers", name, classifiers.BUILTIN)
    services = read_table(catalogue.folder / "services.toml")["services"]
    with _naming(catalogue.folder / "rules.toml"):
        made: Classifier = make.from_table({**catalogue.rules, "services": services})
        return made


def field_finder(settings: Settings, catalogue: Catalogue) -> FieldFinder:
    """Return what finds index data in texts.

    Raises:
        Misconfigured: a rule makes no sense.
    """
    with _naming(catalogue.folder / "rules.toml"):
        made: FieldFinder = plugins.load("classifiers.fields:FieldFinder").from_table(
            {**catalogue.rules, "council": ourselves(settings.council)}
        )
        return made


def ourselves(council: Council) -> dict[str, list[str]]:
    """Return how the council is named on letters, so that it is never taken for their sender."""
    return {
        "names": [council.name, *council.also_known_as, *council.never_senders, council.address[0]],
        "postcodes": list(council.postcodes),
        "domains": [council.email.rpartition("@")[2]],
        "phones": [council.telephone],
    }


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    try:
        yield
    except ValueError as wrong:
        raise Misconfigured(f"{file}: {wrong}. Correct the key and start again.") from wrong


def _reply(name: str) -> Callable[..., Reply]:
    make: Callable[..., Reply] = plugins.find("mailroom.replies", name, mailroom.replies.BUILTIN)
    return make
