"""The only place that builds real things and hands them out: from settings to services, channels and the door.

Before: nothing. After: a command has the bundle it needs. Parts that cost much to build (the sandbox's warm parent, the
engine, the rules) are built when they are first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import classifiers
import mailroom.crm
import mailroom.replies
import storage
from classifiers.classifier import Classifier
from classifiers.fields import FieldFinder
from mailroom import plugins
from mailroom.catalogue import Catalogue, load_catalogue
from mailroom.channels.by_hand import hand_in
from mailroom.channels.folder import FolderChannel
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.imap import ImapChannel
from mailroom.channels.imap_settings import ImapSettings, Security
from mailroom.channels.imap_sign_in import ByPassword, ByToken, Grant, Mechanism, SignIn
from mailroom.channels.incomplete import IncompleteFile
from mailroom.channels.mail_routes import MailRoutes
from mailroom.channels.smtp import SmtpChannel
from mailroom.channels.smtp_reception import Reception
from mailroom.channels.smtp_settings import Protocol, SmtpSettings
from mailroom.domain.capture import Channel, Deliver, Hints, Receipt
from mailroom.domain.errors import Misconfigured
from mailroom.duties.slots import one_after_another
from mailroom.journey.receive import receive
from mailroom.journey.refuse import refuse
from mailroom.ports import CaseSystem, Queue, Reply, Sandbox
from mailroom.records import schema
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.records.calendars import calendars_from
from mailroom.records.counted_days import CountedDays
from mailroom.records.incomplete import IncompleteRows
from mailroom.records.mailbox_messages import MailboxMessages
from mailroom.records.session import Records, sqlite_url
from mailroom.records.session_log import SessionLog
from mailroom.services import Services
from mailroom.settings import Council, Folder, ImapMailbox, Settings, load_settings, read_table
from storage.vault import Vault

_OURS_ALONE = 0o700
_MEGABYTE = 1 << 20
_FOLDERS = ("vault", "spool", "scratch", "slots")


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


@contextmanager
def open_mailroom(now: Callable[[], datetime] = utc_now) -> Iterator[Services]:
    """Give the services of the mailroom that settings and environment describe; a fresh folder is a fresh mailroom.

    Raises:
        Misconfigured: something is wrong; the message says what to change.
    """
    settings = load_settings()
    catalogue = load_catalogue(settings.config)
    make_folders(settings)
    with ExitStack() as stack:
        records = Records(database_url(settings))
        stack.callback(records.close)
        with one_after_another(settings.data / "slots", "schema"):
            schema.bring_up_to_date(records, _prepare_engine)
        yield build_services(settings, catalogue, records, now, stack)


def build_services(
    settings: Settings, catalogue: Catalogue, records: Records, now: Callable[[], datetime], stack: ExitStack
) -> Services:
    """Put the bundle together; what must be closed is closed with the stack."""
    parts = settings.parts
    store = plugins.find("mailroom.storage", parts.store, storage.BUILTIN)(str(settings.data / "vault"))
    return Services(
        settings=settings,
        catalogue=catalogue,
        calendars=plugins.deferred(lambda: calendars_from(catalogue.calendar)),
        records=records,
        counted_days=CountedDays(),
        vault=Vault(store),
        sandbox=plugins.deferred(lambda: _sandbox(settings, stack)),
        classifier=plugins.deferred(lambda: _classifier(parts.classifier, catalogue)),
        fields=plugins.deferred(lambda: _fields(settings, catalogue)),
        crm=_crm(parts.crm, records),
        replies=_replies(settings, now),
        queue=plugins.deferred(lambda: _queue(records, stack)),
        now=now,
        scratch=settings.data / "scratch",
    )


def door(services: Services) -> Deliver:
    """Return the door that channels deliver to."""
    return partial(receive, services=services)


def deliver_file(file: Path, channel: Channel, received_at: datetime | None, services: Services) -> Receipt:
    """Hand one file in; see `channels/by_hand.py`."""
    return hand_in(file, channel, received_at, door(services), spool_of(services))


def folder_channels(services: Services) -> list[FolderChannel]:
    """Return the hot folders of the settings, each ready to run; the folders are made where they are missing.

    Raises:
        Misconfigured: a folder cannot be made, or its pattern or figures make no sense.
    """
    board = _Board(IncompleteRows(services.records))
    return [
        FolderChannel(_folder_settings(folder, services.settings), door(services), spool_of(services), board)
        for folder in services.settings.folders.values()
    ]


def smtp_channels(services: Services) -> list[SmtpChannel]:
    """Return the listener for mail, ready to run; none where its port is 0.

    Raises:
        Misconfigured: a mailbox names what there is not, or a file that is named cannot be read.
    """
    told = services.settings.smtp
    if not told.port:
        return []
    for key, file in (("certificate_file", told.certificate_file), ("key_file", told.key_file)):
        _readable(f"smtp.{key}", file)
    settings = SmtpSettings(
        host=told.host,
        port=told.port,
        protocol=Protocol(told.protocol),
        routes=mail_routes(services),
        most_bytes=services.settings.mail.megabytes * _MEGABYTE,
        least_free_bytes=services.settings.intake.least_free_megabytes * _MEGABYTE,
        certificate=Path(told.certificate_file) if told.certificate_file else None,
        key=Path(told.key_file) if told.key_file else None,
        require_tls=told.require_tls,
        user=told.user,
        password=_readable("smtp.password_file", told.password_file).strip(),
        most_clients=told.clients,
        idle_seconds=told.idle_seconds,
    )
    refused = partial(refuse, services=services)
    log = SessionLog(services.settings.data, "smtp")
    return [SmtpChannel(Reception(settings, door(services), refused, spool_of(services), log, services.now))]


def imap_channels(services: Services) -> list[ImapChannel]:
    """Return the mailboxes that mail is taken out of, each ready to run.

    Raises:
        Misconfigured: a file that is named cannot be read.
    """
    routes, log = mail_routes(services), SessionLog(services.settings.data, "imap")
    board = _MailboxBoard(services)
    return [
        ImapChannel(
            _imap_settings(name, box, routes, services.settings),
            door(services),
            spool_of(services),
            MailboxMessages(name, services.records, services.now),
            log,
            board,
        )
        for name, box in services.settings.imap.mailboxes.items()
    ]


def _imap_settings(name: str, box: ImapMailbox, routes: MailRoutes, settings: Settings) -> ImapSettings:
    where = f"imap.mailboxes.{name}"
    _readable(f"{where}.authority_file", box.authority_file)
    return ImapSettings(
        name=name,
        host=box.host,
        port=box.port,
        security=Security(box.security),
        user=box.user,
        sign_in=_sign_in(where, box),
        authority=Path(box.authority_file) if box.authority_file else None,
        folder=box.folder,
        taken=box.taken_folder,
        return_path_is_proven=settings.imap.return_path_is_proven,
        hints=routes.hints_of([box.address]) if box.address else Hints(),
        use_idle=settings.imap.idle,
        poll_seconds=settings.imap.poll_seconds,
        timeout_seconds=settings.imap.timeout_seconds,
        alarm_after_seconds=settings.imap.alarm_after_seconds,
        least_free_bytes=settings.intake.least_free_megabytes * _MEGABYTE,
    )


def _sign_in(where: str, box: ImapMailbox) -> SignIn:
    if box.sign_in == "password":
        if not box.password_file:
            raise Misconfigured(f"{where}.password_file: name a file with the password of {box.user}.")
        return ByPassword(_readable(f"{where}.password_file", box.password_file).strip())
    if not (box.token_url and box.client_id and box.client_secret_file):
        raise Misconfigured(f"{where}: {box.sign_in} needs token_url, client_id and client_secret_file.")
    secret = _readable(f"{where}.client_secret_file", box.client_secret_file).strip()
    return ByToken(Mechanism(box.sign_in), Grant(box.token_url, box.client_id, secret, box.scope))


def mail_routes(services: Services) -> MailRoutes:
    """Return how addresses of mail are read.

    Raises:
        Misconfigured: a mailbox hints at a team or case type that there is not.
    """
    mail, catalogue = services.settings.mail, services.catalogue
    for address, mailbox in mail.mailboxes.items():
        where = f"mail.mailboxes.{address}"
        if mailbox.team and mailbox.team not in catalogue.teams:
            raise Misconfigured(f"{where} team: there is no [teams.{mailbox.team}] in teams.toml")
        if mailbox.case_type and mailbox.case_type not in catalogue.services:
            raise Misconfigured(f"{where} case_type: there is no [services.{mailbox.case_type}] in services.toml")
    return MailRoutes(
        domains=frozenset(domain.casefold() for domain in mail.domains),
        mailboxes={address.casefold(): Hints(box.team, box.case_type) for address, box in mail.mailboxes.items()},
        tag_sign=mail.tag_sign,
        teams=frozenset(catalogue.teams),
    )


def _readable(key: str, file: str) -> str:
    """Return what stands in a file that a setting names; nothing where it names none."""
    try:
        return Path(file).read_text(encoding="utf-8") if file else ""
    except OSError as fault:
        raise Misconfigured(f"{key}: {file!r} cannot be read ({fault.strerror}). Correct the path.") from fault


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


def forget_gone_files(services: Services) -> None:
    """Show nothing any more for unfinished files that an earlier run of the service showed and that are gone by now."""
    for folder in services.settings.folders.values():
        IncompleteRows(services.records).clear_gone(services.settings.data / folder.path)


def spool_of(services: Services) -> Path:
    """Return the folder on the vault's own disk where channels spool what they take in."""
    return services.settings.data / "spool"


def database_url(settings: Settings) -> str:
    """Return where the records are: the setting, or the embedded database in the data folder."""
    return settings.database_url or sqlite_url(settings.data.absolute() / "mailroom.sqlite")


def make_folders(settings: Settings) -> None:
    """Make the folders of the data directory, which is our own account's alone where we make it.

    Raises:
        Misconfigured: they cannot be made or written to.
    """
    with suppress(OSError):  # the sentence that follows names the folder and what to do
        if not settings.data.exists():
            settings.data.mkdir(mode=_OURS_ALONE, parents=True)
    for name in _FOLDERS:
        _make_folder(settings.data / name, "MAILROOM_DATA")


def _make_folder(folder: Path, key: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)  # another command that starts may have been faster
    except OSError as fault:
        raise Misconfigured(
            f"{key}: the folder {folder} cannot be written ({fault.strerror}). Make it writable for the account that "
            "runs the mailroom, or name another."
        ) from fault


def _folder_settings(folder: Folder, settings: Settings) -> FolderSettings:
    path = settings.data / folder.path
    _make_folder(path, "folders: path")
    return FolderSettings(
        path=path,
        channel=folder.channel,
        pattern=folder.pattern,
        quiet_seconds=settings.intake.quiet_seconds,
        poll_seconds=settings.intake.poll_seconds,
        incomplete_after=settings.intake.incomplete_after_seconds,
        accept_incomplete_after=settings.intake.accept_incomplete_after_seconds,
        use_events=settings.intake.use_events,
    )


def _prepare_engine(url: str) -> None:
    plugins.load("mailroom.engine:prepare")(url)


class _Board:
    """Shows the folder channel's unfinished files in the records."""

    def __init__(self, rows: IncompleteRows) -> None:
        self._rows = rows

    def report(self, file: IncompleteFile) -> None:
        self._rows.show(file.path, file.channel, file.size, file.first_seen, file.last_change, file.sentence)

    def report_cleared(self, path: str) -> None:
        self._rows.clear(path)


class _MailboxBoard:
    """Raises an alarm for a mailbox that mail is not taken out of."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def failing(self, mailbox: str, sentence: str) -> None:
        with self._services.records.work() as session:
            raise_alarm(session, _subject(mailbox), sentence, self._services.now())
            session.commit()

    def well(self, mailbox: str) -> None:
        with self._services.records.work() as session:
            clear_alarm(session, _subject(mailbox), self._services.now())
            session.commit()


def _subject(mailbox: str) -> str:
    return f"mailbox {mailbox}"


def _sandbox(settings: Settings, stack: ExitStack) -> Sandbox:
    tessdata = Path(settings.ocr.tessdata) if settings.ocr.tessdata else None
    make = plugins.load("mailroom.sandbox.sandbox:Sandbox")
    opened = stack.enter_context(make(settings.ocr.engine, settings.ocr.languages, tessdata))
    limited: Sandbox = plugins.load("mailroom.sandbox.item_sandbox:ItemSandbox")(opened, settings.limits)
    return limited


def _classifier(name: str, catalogue: Catalogue) -> Classifier:
    make = plugins.find("mailroom.classifiers", name, classifiers.BUILTIN)
    services = read_table(catalogue.folder / "services.toml")["services"]
    with _naming(catalogue.folder / "rules.toml"):
        made: Classifier = make.from_table({**catalogue.rules, "services": services})
        return made


def _fields(settings: Settings, catalogue: Catalogue) -> FieldFinder:
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


def _crm(name: str, records: Records) -> CaseSystem:
    system: CaseSystem = plugins.find("mailroom.crm", name, mailroom.crm.BUILTIN)(records)
    return system


def _replies(settings: Settings, now: Callable[[], datetime]) -> dict[str, Reply]:
    told, council = settings.acknowledge, settings.council
    contact = f"{council.telephone}, {council.email}"
    letter = plugins.deferred(lambda: _reply("letter")(council.name, council.address, contact, now))
    email = plugins.deferred(lambda: _reply("email")(told.smtp_host, told.smtp_port, told.sender))
    return {"letter": letter, "email": email} if told.smtp_host else {"letter": letter}


def _reply(name: str) -> Callable[..., Reply]:
    make: Callable[..., Reply] = plugins.find("mailroom.replies", name, mailroom.replies.BUILTIN)
    return make


def _queue(records: Records, stack: ExitStack) -> Queue:
    queue = plugins.load("mailroom.engine:EngineQueue")(records.url)
    stack.callback(queue.close)
    made: Queue = queue
    return made
