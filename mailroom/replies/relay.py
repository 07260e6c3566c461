"""The way to the server that takes our mail: made safe and signed in to as it asks, before anything is handed over.

Before: `email_reply.py` has a message, or `mailroom check` asks whether one would be taken. After: a conversation
stands in which a mail can begin, or it is said who must act. What only whoever runs the mailroom can mend is
`TurnedAway`: it is no fault of any message, and none is given up for it. No password leaves this machine before the way
is encrypted and the server has shown who it is.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mailroom.domain.errors import TurnedAway, Unreachable
from mailroom.domain.untrusted import why_untrusted

_SECONDS = 30.0
_PERMANENT = 500
_YES, _SIGN_IN_FIRST, _POLICY = 250, frozenset({530, 534, 535, 538}), b"5.7."
"""RFC 5321 section 4.2.3, RFC 4954 section 6, and RFC 3463 section 3.8: not for us, whoever it is for."""

_SOMEBODY_OUTSIDE = "nobody@example.com"
_HOST, _USER, _PASSWORD = "acknowledge.smtp_host", "acknowledge.smtp_user", "acknowledge.smtp_password_file"
_SECURITY, _AUTHORITY = "acknowledge.smtp_security", "acknowledge.smtp_authority_file"
_RELAYING = (
    "Have it relay for this machine (Postfix: mynetworks) or for whoever signs in, and take mail whose envelope sender "
    f"is empty; or set {_SECURITY} and {_USER} as it asks, or another {_HOST}."
)


class Security(StrEnum):
    """How the way to the server is made safe; nobody signs in on one that is not."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Relay:
    """The server that takes our mail, and how it is reached.

    Attributes:
        host: its name, as it stands in its certificate.
        port: where it listens.
        security: how the way there is made safe.
        authority: PEM file with the certificates of those who vouch for it; None: those that the system knows.
        user: who signs in there; empty: nobody does.
        password: gives the user's password as it is now; an OSError says why there is none.
        seconds: of silence after which it is taken for gone.
    """

    host: str
    port: int
    security: Security = Security.NONE
    authority: Path | None = None
    user: str = ""
    password: Callable[[], str] = str
    seconds: float = _SECONDS


@contextmanager
def connected(relay: Relay) -> Iterator[smtplib.SMTP]:
    """Give a conversation in which a mail can begin.

    Raises:
        TurnedAway: whoever runs the mailroom must mend something.
        Unreachable: the server is not there, or does not let us in for now.
    """
    server = _reached(relay)
    try:
        _let_in(server, relay)
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):  # what is said after the answer changes nothing
            server.quit()
        server.close()


def refusal_of_us(server: smtplib.SMTP) -> str | None:
    """Begin a mail to somebody outside that is never sent; return what the server has against us, if anything.

    What it has against that somebody alone is no matter: there is nobody of that name.
    """
    code, said = server.mail("")
    ours = code != _YES
    if not ours:
        code, said = server.rcpt(_SOMEBODY_OUTSIDE)
        ours = may_be_of_us(code, said)
    server.rset()
    return in_one_line(code, said) if ours else None


def takes_none(relay: Relay, said: str) -> TurnedAway:
    """Return what is to be said of a server that takes no mail of ours, whoever it is for."""
    return _turned_away(relay, f"{said}. What we write to senders waits. {_RELAYING}")


def not_there(relay: Relay, fault: Exception) -> Unreachable:
    """Return what is to be said of a server that is not there, or breaks off."""
    advice = f"What we write to senders waits. Correct {_HOST}, smtp_port and smtp_security, or start it."
    return Unreachable(f"The mail server at {relay.host}:{relay.port} cannot be reached ({fault}). {advice}")


def in_one_line(code: int, said: bytes | str) -> str:
    """Return an answer as it can stand in a sentence."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"


def may_be_of_us(code: int, said: bytes) -> bool:
    """Return whether a refusal may be meant for us, and not for the one whom we write to."""
    return code in _SIGN_IN_FIRST or said.startswith(_POLICY)


def _reached(relay: Relay) -> smtplib.SMTP:
    try:
        if relay.security is Security.TLS:
            return smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.seconds, context=_trusted(relay))
        return smtplib.SMTP(relay.host, relay.port, timeout=relay.seconds)
    except ssl.SSLCertVerificationError as fault:
        raise _not_trusted(relay, fault) from fault
    except (OSError, smtplib.SMTPException) as fault:
        raise not_there(relay, fault) from fault


def _let_in(server: smtplib.SMTP, relay: Relay) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        if relay.security is Security.STARTTLS:
            _encrypt(server, relay)
        if relay.user:
            _sign_in(server, relay)
    except (OSError, smtplib.SMTPException) as fault:
        raise not_there(relay, fault) from fault


def _encrypt(server: smtplib.SMTP, relay: Relay) -> None:
    try:
        server.starttls(context=_trusted(relay))
        server.ehlo()
    except smtplib.SMTPNotSupportedError as fault:
        raise _turned_away(relay, f'it does not offer STARTTLS. Set {_SECURITY} to "tls" or "none".') from fault
    except ssl.SSLCertVerificationError as fault:
        raise _not_trusted(relay, fault) from fault


def _sign_in(server: smtplib.SMTP, relay: Relay) -> None:
    password = _password(relay)
    try:
        server.login(relay.user, password)
    except smtplib.SMTPAuthenticationError as fault:
        if fault.smtp_code < _PERMANENT:
            raise
        said = f"({in_one_line(fault.smtp_code, fault.smtp_error)})"
        advice = f"Correct {_USER} and the password in {_PASSWORD}, or have it let them send."
        raise _turned_away(relay, f"it does not let {relay.user} in {said}. {advice}") from fault
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException):
        raise
    except smtplib.SMTPException as fault:  # it has no sign-in, or none that is by a password
        advice = f"Leave {_USER} empty, or set {_SECURITY} and smtp_port to where it does."
        raise _turned_away(relay, f"it lets nobody sign in by a password. {advice}") from fault


def _password(relay: Relay) -> str:
    try:
        password = relay.password()
    except OSError as fault:
        raise _turned_away(relay, f"{fault}.") from fault
    if not (password + relay.user).isascii():
        raise _turned_away(relay, f"{_USER} and the password may have ASCII characters alone. Have others chosen.")
    return password


def _trusted(relay: Relay) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(relay.authority) if relay.authority else None)


def _not_trusted(relay: Relay, fault: ssl.SSLCertVerificationError) -> TurnedAway:
    return _turned_away(relay, f"{why_untrusted(fault, _HOST, _AUTHORITY)}.")


def _turned_away(relay: Relay, why: str) -> TurnedAway:
    return TurnedAway(f"The mail server at {relay.host}:{relay.port} takes no mail of ours: {why}")
