"""The bundle a stage, a duty or a use case is given: everything outside itself, frozen, built by `bootstrap`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from classifiers.classifier import Classifier
from classifiers.fields import FieldFinder
from mailroom.catalogue import Catalogue
from mailroom.domain.promise import Promises
from mailroom.domain.sla import Calendars
from mailroom.ports import CaseSystem, Queue, Reply, Sandbox, Scanner, Signer
from mailroom.records.counted_days import CountedDays
from mailroom.records.session import Records
from mailroom.settings import Settings
from storage.data_keys import DataKeys, MasterKeys
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Services:
    """What the mailroom works with.

    Attributes:
        settings: `config/mailroom.toml`.
        catalogue: services, teams, clocks and what else `config/` says.
        calendars: working days by calendar name.
        promises: by when what came in on a day must have been done.
        records: the database.
        counted_days: the figures of days, as far as they have been counted.
        vault: originals and renditions.
        masters: what wraps the data keys of what is kept; None where that is not encrypted.
        data_keys: those data keys; None likewise.
        scanner: what looks for malware before anything is opened; None where nothing does.
        sandbox: where hostile bytes are parsed.
        classifier: evidence in, ranked case types out.
        fields: text in, index data out.
        crm: the case system beside our own records.
        signer: signs heads of the log of custody.
        replies: ways to answer a sender, by name.
        queue: the engine's queue.
        now: the time of day (aware).
        scratch: folder for files in the making, on the vault's disk.
    """

    settings: Settings
    catalogue: Catalogue
    calendars: Calendars
    promises: Promises
    records: Records
    counted_days: CountedDays
    vault: Vault
    masters: MasterKeys | None
    data_keys: DataKeys | None
    scanner: Scanner | None
    sandbox: Sandbox
    classifier: Classifier
    fields: FieldFinder
    crm: CaseSystem
    signer: Signer
    replies: Mapping[str, Reply]
    queue: Queue
    now: Callable[[], datetime]
    scratch: Path
