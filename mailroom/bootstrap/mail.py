"""The channels of mail: the listener for SMTP and LMTP, and as many mailboxes as the settings name.

Before: the bundle is built. After: `run` starts each of them; one that fails leaves the others alone.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mailroom.bootstrap.places import readable, spool_of
from mailroom.bootstrap.secret_file import SecretFile
from mailroom.bootstrap.ways_in import door
from mailroom.channels.imap import ImapChannel
from mailroom.channels.imap_settings import ImapSettings, Security
from mailroom.channels.imap_sign_in import ByPassword, ByToken, Grant, Mechanism, SignIn
from mailroom.channels.mail_routes import MailRoutes
from mailroom.channels.smtp import SmtpChannel
from mailroom.channels.smtp_reception import Reception
from mailroom.channels.smtp_settings import Protocol, SmtpSettings
from mailroom.domain.capture import Hints
from mailroom.domain.errors import Misconfigured
from mailroom.journey.refuse import refuse
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.records.mailbox_counts import MailboxCounts
from mailroom.records.mailbox_messages import MailboxMessages
from mailroom.records.session_log import SessionLog
from mailroom.services import Services
from mailroom.settings import ImapMailbox, Settings

_MEGABYTE = 1 << 20


def smtp_channels(services: Services) -> list[SmtpChannel]:
    """Return the listener for mail, ready to run; none where its port is 0.

    Raises:
        Misconfigured: a mailbox names what there is not, or a file that is named cannot be read.
    """
    told = services.settings.smtp
    if not told.port:
        return []
    for key, file in (("certificate_file", told.certificate_file), ("key_file", told.key_file)):
        readable(f"smtp.{key}", file)
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
        password=readable("smtp.password_file", told.password_file).strip(),
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
            imap_settings(name, box, routes, services.settings),
            door(services),
            spool_of(services),
            MailboxMessages(name, services.records, services.now),
            MailboxCounts(name, services.records, services.now),
            log,
            board,
        )
        for name, box in services.settings.imap.mailboxes.items()
    ]


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


def imap_settings(name: str, box: ImapMailbox, routes: MailRoutes, settings: Settings) -> ImapSettings:
    """Return how a mailbox is reached and signed in to.

    Raises:
        Misconfigured: a file that is named cannot be read, or a key that its way to sign in needs is missing.
    """
    where = f"imap.mailboxes.{name}"
    readable(f"{where}.authority_file", box.authority_file)
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
        taken_is_ours_alone=[_taken(one) for one in settings.imap.mailboxes.values()].count(_taken(box)) == 1,
        return_path_is_proven=settings.imap.return_path_is_proven,
        hints=routes.hints_of([box.address]) if box.address else Hints(),
        use_idle=settings.imap.idle,
        poll_seconds=settings.imap.poll_seconds,
        timeout_seconds=settings.imap.timeout_seconds,
        alarm_after_seconds=settings.imap.alarm_after_seconds,
        least_free_bytes=settings.intake.least_free_megabytes * _MEGABYTE,
    )


def _taken(box: ImapMailbox) -> tuple[str, str, str]:
    return box.host.casefold(), box.user.casefold(), box.taken_folder


def _sign_in(where: str, box: ImapMailbox) -> SignIn:
    if box.sign_in == "password":
        if not box.password_file:
            raise Misconfigured(f"{where}.password_file: name a file with the password of {box.user}.")
        return ByPassword(_secret(f"{where}.password_file", box.password_file))
    if not (box.token_url and box.client_id and box.client_secret_file):
        raise Misconfigured(f"{where}: {box.sign_in} needs token_url, client_id and client_secret_file.")
    secret = _secret(f"{where}.client_secret_file", box.client_secret_file)
    return ByToken(Mechanism(box.sign_in), Grant(box.token_url, box.client_id, secret, box.scope))


def _secret(key: str, file: str) -> SecretFile:
    """Return what gives the secret at each sign-in; a file that is not there is found out now."""
    readable(key, file)
    return SecretFile(key, Path(file))


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
