"""The server that takes our mail, from what the settings say of it.

Before: `[acknowledge]` is read. After: `email_reply.py` and `mailroom check` go the same way to the same server.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from mailroom.bootstrap.places import readable
from mailroom.bootstrap.secret_file import SecretFile
from mailroom.domain.errors import Misconfigured
from mailroom.replies.relay import Relay, Security
from mailroom.settings import Acknowledge


def relay_of(told: Acknowledge) -> Relay:
    """Return how the server is reached and signed in to.

    Raises:
        Misconfigured: a file that is named cannot be read, or keys that need each other do not stand together.
    """
    _prove(told)
    file = told.smtp_password_file
    return Relay(
        host=told.smtp_host,
        port=told.smtp_port,
        security=Security(told.smtp_security),
        authority=Path(told.smtp_authority_file) if told.smtp_authority_file else None,
        user=told.smtp_user,
        password=SecretFile("acknowledge.smtp_password_file", Path(file)) if file else str,
    )


def _prove(told: Acknowledge) -> None:
    if told.smtp_user and told.smtp_security == "none":
        sentence = "acknowledge.smtp_user: nobody signs in on a way that is not encrypted."
        raise Misconfigured(f'{sentence} Set acknowledge.smtp_security to "starttls" or "tls".')
    if told.smtp_user and not told.smtp_password_file:
        sentence = f"acknowledge.smtp_password_file: name a file with the password of {told.smtp_user}."
        raise Misconfigured(sentence)
    if told.smtp_password_file and not told.smtp_user:
        sentence = "acknowledge.smtp_user: say whose password stands in acknowledge.smtp_password_file."
        raise Misconfigured(f"{sentence} Nobody signs in where it is empty.")
    readable("acknowledge.smtp_password_file", told.smtp_password_file)
    if told.smtp_authority_file:
        _prove_authority(told.smtp_authority_file)


def _prove_authority(file: str) -> None:
    try:
        ssl.create_default_context(cafile=file)
    except OSError as fault:  # an SSLError is one, too
        sentence = f"acknowledge.smtp_authority_file: {file!r} holds no certificates ({fault.strerror or fault})."
        raise Misconfigured(f"{sentence} Name a PEM file with those who vouch for the mail server.") from fault
