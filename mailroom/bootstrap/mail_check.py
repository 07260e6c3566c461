"""The part of `mailroom check` that asks after mail: the listener, each mailbox, and the server that takes ours.

Before: `duties/check.py` has looked at this machine. After: whoever set mail up knows what is wrong before the first
mail is late. Each mailbox is signed in to, and nothing in it is changed; a mail out is begun, and none is sent.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import replace
from functools import partial

from imapclient.exceptions import IMAPClientError

from mailroom.bootstrap.mail import imap_settings, mail_routes, smtp_channels
from mailroom.bootstrap.mail_out import relay_of
from mailroom.channels.imap_mailbox import Mailbox, SignInRefused, opened
from mailroom.channels.imap_settings import ImapSettings
from mailroom.domain.errors import Misconfigured, Unreachable
from mailroom.duties.check import Finding, finding
from mailroom.replies.relay import Relay, Security, connected, not_there, refusal_of_us, takes_none
from mailroom.services import Services
from mailroom.settings import Acknowledge, ImapMailbox, Smtp

_LONGEST_SECONDS = 10


def check_mail(services: Services) -> list[Finding]:
    """Return what there is to say of each way of mail, in and out."""
    return [
        finding("mail", partial(_handed_over, services)),
        *(
            finding(f"mailbox {name}", partial(_mailbox, name, box, services))
            for name, box in services.settings.imap.mailboxes.items()
        ),
        finding("acknowledge", partial(_going_out, services.settings.acknowledge)),
    ]


def _handed_over(services: Services) -> str:
    mail_routes(services)
    if not smtp_channels(services):
        return "No mail is handed over to us: smtp.port is 0."
    told = services.settings.smtp
    _prove_certificate(told)
    domains = ", ".join(services.settings.mail.domains) or "every address"
    return f"Taken in by {told.protocol.upper()} on {told.host}, port {told.port}, for {domains}."


def _prove_certificate(told: Smtp) -> None:
    certificate, key = told.certificate_file, told.key_file
    if not certificate and (told.require_tls or told.user):
        asked = "smtp.require_tls is true" if told.require_tls else "smtp.user is asked for after STARTTLS"
        raise Misconfigured(f"{asked}, and smtp.certificate_file names no certificate. Name one, with its key.")
    try:
        if certificate:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key or None)
    except OSError as fault:  # an SSLError is one, too
        sentence = f"smtp.certificate_file: {certificate} and {key or 'no key'} are no certificate with its key"
        raise Misconfigured(f"{sentence} ({fault.strerror or fault}). Correct the paths.") from fault


def _mailbox(name: str, box: ImapMailbox, services: Services) -> str:
    settings = imap_settings(name, box, mail_routes(services), services.settings)
    patient = replace(settings, timeout_seconds=min(settings.timeout_seconds, _LONGEST_SECONDS))
    where = f"{box.host}, port {box.port}"
    try:
        with opened(patient) as mailbox:
            waiting = len(mailbox.numbers())
            return (
                f"{box.user} signs in at {where}; {waiting} wait in {box.folder}; {_taken_folder(mailbox, settings)}."
            )
    except SignInRefused as fault:
        raise Misconfigured(f"{where}: {fault}. Correct [imap.mailboxes.{name}], or the server.") from fault
    except (OSError, IMAPClientError) as fault:
        raise Unreachable(f"{where}: {fault}. Correct [imap.mailboxes.{name}], or see that it answers.") from fault


def _taken_folder(mailbox: Mailbox, settings: ImapSettings) -> str:
    if not settings.taken:
        return "what is taken stays there"
    there = "is there" if mailbox.has_taken_folder() else "is made with the first mail"
    return f"the folder {settings.taken} {there}"


def _going_out(told: Acknowledge) -> str:
    if not told.smtp_host:
        return "No mail goes out: acknowledge.smtp_host is empty, so every acknowledgement becomes a letter to print."
    relay = replace(relay_of(told), seconds=_LONGEST_SECONDS)
    with connected(relay) as server:
        try:
            refusal = refusal_of_us(server)
        except (OSError, smtplib.SMTPException) as fault:
            raise not_there(relay, fault) from fault
    if refusal:
        raise takes_none(relay, refusal)
    return f"Mail goes out by {relay.host}:{relay.port}{_safely(relay)}, from {told.sender}."


def _safely(relay: Relay) -> str:
    how = {Security.NONE: "", Security.STARTTLS: ", by STARTTLS", Security.TLS: ", by TLS"}[relay.security]
    return f"{how}, signed in as {relay.user}" if relay.user else how
