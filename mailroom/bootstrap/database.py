"""Opens the records, brought up to the version that this program needs by whoever may do so.

Before: the settings name a database server, or nothing. After: the bundle has records. On SQLite the program migrates
its own file. On PostgreSQL the role that owns the schema does (`mailroom migrate`), and the service works under another
one, which cannot change what is written down once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from sqlalchemy.exc import DatabaseError

from mailroom import plugins
from mailroom.bootstrap.places import make_folders, on_a_server, readable
from mailroom.domain.errors import Misconfigured
from mailroom.duties.log_guard import guard_in_words
from mailroom.duties.slots import one_after_another
from mailroom.records import grants, schema
from mailroom.records.session import Records, server_url, sqlite_url
from mailroom.services import Services
from mailroom.settings import Settings, load_settings

_ADMIN = "MAILROOM_DATABASE_ADMIN_URL"
_SERVICE = "MAILROOM_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did.

    Attributes:
        before: the version that the database had; None where it was empty.
        after: the version that it has now.
        role: under whom the service works; None on SQLite.
    """

    before: str | None
    after: str
    role: str | None


@contextmanager
def open_records(settings: Settings) -> Iterator[Records]:
    """Give the records, whose shape is the one that this program needs.

    Raises:
        Misconfigured: the database cannot be opened, is newer than the program, or older and not ours to migrate.
    """
    with closing(Records(service_url(settings))) as records:
        if records.embedded:
            _bring_up_to_date(settings, records)
        elif admin_url(settings) and schema.version_in(records) != schema.HEAD:
            migrate(settings)
        else:
            schema.refuse_unless_current(records)
        yield records


@contextmanager
def records_of_owner(services: Services) -> Iterator[Records]:
    """Give the records as the role that owns them, where one is named; else as the service has them."""
    told = "" if services.records.embedded else admin_url(services.settings)
    if not told:
        yield services.records
        return
    with closing(Records(told)) as records:
        yield records


def migrate_database() -> Migrated:
    """Bring the database of the settings up to date; see `migrate`."""
    return migrate(load_settings())


def migrate(settings: Settings) -> Migrated:
    """Bring the database up to date and give the service's role its rights; again, it changes nothing.

    Raises:
        Misconfigured: an address is missing or wrong, or the service's role can still change what is written once.
    """
    make_folders(settings)
    with closing(Records(service_url(settings))) as records:
        if records.embedded:
            before = schema.version_in(records)
            _bring_up_to_date(settings, records)
            return Migrated(before, schema.HEAD, None)
        with closing(Records(admin_url(settings) or _missing_admin())) as admin:
            return _migrate_server(admin, records)


def give_rights(settings: Settings) -> None:
    """Give the service's role its rights in a database that the owner has just filled, where these are two."""
    if on_a_server(settings) and admin_url(settings):
        migrate(settings)


def _bring_up_to_date(settings: Settings, records: Records) -> None:
    with one_after_another(settings.data / "slots", "schema"):
        schema.bring_up_to_date(records, prepare_engine)


def _migrate_server(admin: Records, records: Records) -> Migrated:
    role, owner = _role(records, _SERVICE), _role(admin, _ADMIN)
    if role == owner:
        raise Misconfigured(
            f"{_ADMIN} and {_SERVICE} sign in as the same role, {role}: nothing would keep the service from changing "
            "its own log. Make a second role (CREATE ROLE mailroom LOGIN PASSWORD '...') and name it in the latter."
        )
    with admin.sole("migrate"):
        before = schema.version_in(admin)
        schema.bring_up_to_date(admin, partial(prepare_engine, role=role))
        with admin.connection() as connection:
            grants.grant_to(connection, role)
            connection.commit()
    guard_in_words(records)
    return Migrated(before, schema.HEAD, role)


def _role(records: Records, key: str) -> str:
    try:
        return records.role()
    except DatabaseError as fault:
        raise Misconfigured(f"{key}: the database cannot be opened ({fault.orig}). Correct the address.") from fault


def service_url(settings: Settings) -> str:
    """Return where the records are, as the role that works with them."""
    told = settings.database_url or readable(f"{_SERVICE}_FILE", settings.database_url_file).strip()
    return server_url(told) if told else sqlite_url(settings.data.absolute() / "mailroom.sqlite")


def admin_url(settings: Settings) -> str:
    """Return where the records are, as the role that owns them; empty where none is named."""
    told = settings.database_admin_url or readable(f"{_ADMIN}_FILE", settings.database_admin_url_file).strip()
    return server_url(told) if told else ""


def _missing_admin() -> NoReturn:
    raise Misconfigured(f"{_ADMIN}: say there as which role to migrate the database: the one that owns its schema.")


def prepare_engine(url: str, role: str | None = None) -> None:
    """Make the workflow engine's own tables; see `mailroom.engine.prepare`."""
    plugins.load("mailroom.engine:prepare")(url, role)
