"""The only place that builds real things and hands them out: from settings to services, channels and the door.

Before: nothing. After: a command has the bundle it needs. Parts that cost much to build (the sandbox's warm parent, the
engine, the rules) are built when they are first used. `places.py` makes the folders, `database.py` opens the records,
`parts.py` what a name in the settings chooses, `ways_in.py` the door and the folders, `mail.py` the listener and the
mailboxes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial

from mailroom import plugins
from mailroom.bootstrap.database import open_records
from mailroom.bootstrap.encryption import data_keys, master_keys
from mailroom.bootstrap.parts import (
    case_system,
    configured_classifier,
    custody_signer,
    field_finder,
    guarded_sandbox,
    job_queue,
    malware_scanner,
    ways_to_reply,
)
from mailroom.bootstrap.places import (
    find_place,
    make_folders,
    refuse_half_of_a_mailroom,
    temporary_files_on_its_disk,
)
from mailroom.bootstrap.stores import first_store, places, second_store
from mailroom.bootstrap.ways_in import deliver_file
from mailroom.catalogue import Catalogue, load_catalogue
from mailroom.domain.promise import Promises
from mailroom.records.calendars import calendars_from
from mailroom.records.counted_days import CountedDays
from mailroom.records.kept_objects import ObjectRegister
from mailroom.records.session import Records
from mailroom.records.store_places import settle_places
from mailroom.services import Services
from mailroom.settings import Settings, load_settings
from storage.vault import Vault


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


@contextmanager
def open_mailroom(
    now: Callable[[], datetime] = utc_now, *, begin: bool = True, settled: bool = True
) -> Iterator[Services]:
    """Give the services of the mailroom that settings and environment describe; a fresh folder is a fresh mailroom.

    Args:
        now: the time of day.
        begin: whether the folder is made where there is none.
        settled: whether the stores of the settings must be those on record.

    Raises:
        Misconfigured: something is wrong; the message says what to change.
    """
    settings = load_settings()
    if not begin:
        find_place(settings)
    refuse_half_of_a_mailroom(settings)
    catalogue = load_catalogue(settings.config)
    make_folders(settings)
    with temporary_files_on_its_disk(settings), ExitStack() as stack:
        records = stack.enter_context(open_records(settings))
        if settled:
            _settle_places(settings, records, now)
        yield build_services(settings, catalogue, records, now, stack)


def existing_mailroom(*, settled: bool = True) -> AbstractContextManager[Services]:
    """Give the services of a mailroom that is there; for whatever asks, or works on what came in before.

    Args:
        settled: whether the stores of the settings must be those on record.

    Raises:
        Misconfigured: there is none where the environment says, or something else is wrong.
    """
    return open_mailroom(begin=False, settled=settled)


def build_services(
    settings: Settings, catalogue: Catalogue, records: Records, now: Callable[[], datetime], stack: ExitStack
) -> Services:
    """Put the bundle together; what must be closed is closed with the stack."""
    parts = settings.parts
    masters = master_keys(settings)
    keys = data_keys(masters, records, now)
    calendars = plugins.deferred(lambda: calendars_from(catalogue.calendar))
    return Services(
        settings=settings,
        catalogue=catalogue,
        calendars=calendars,
        promises=Promises(catalogue.clocks, calendars),
        records=records,
        counted_days=CountedDays(),
        vault=Vault(first_store(settings, keys), second_store(settings, keys), ObjectRegister(records, now)),
        masters=masters,
        data_keys=keys,
        scanner=malware_scanner(settings),
        sandbox=plugins.deferred(lambda: guarded_sandbox(settings, stack)),
        classifier=plugins.deferred(lambda: configured_classifier(parts.classifier, catalogue)),
        fields=plugins.deferred(lambda: field_finder(settings, catalogue)),
        crm=case_system(parts.crm, records),
        signer=plugins.deferred(lambda: custody_signer(settings)),
        replies=ways_to_reply(settings, now),
        queue=plugins.deferred(lambda: job_queue(records, stack)),
        now=now,
        scratch=settings.data / "scratch",
    )


def serving_pages(services: Services) -> AbstractContextManager[None]:
    """Return the web pages, served while the context that this gives is entered; nothing where the port is 0.

    Raises:
        Misconfigured: on entering, where their address is taken.
    """
    if not services.settings.web.port:
        return nullcontext()
    take_in = partial(deliver_file, services=services)
    app = plugins.load("mailroom.web.app:application")(services, take_in)
    served: AbstractContextManager[None] = plugins.load("mailroom.web.server:serving")(app, services.settings.web)
    return served


def _settle_places(settings: Settings, records: Records, now: Callable[[], datetime]) -> None:
    dead_after = timedelta(seconds=settings.worker.dead_after_seconds)
    settle_places(records, *places(settings), now(), dead_after)
