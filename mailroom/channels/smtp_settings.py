"""How the mail server in front hands mail over to us."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from mailroom.channels.mail_routes import MailRoutes


class Protocol(StrEnum):
    """What is spoken with the server in front."""

    SMTP = "smtp"
    LMTP = "lmtp"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The settings of the listener.

    Attributes:
        host: the address of this machine that it listens on.
        port: where; 0 lets the system choose one.
        protocol: SMTP, or LMTP (RFC 2033), which answers for each recipient.
        routes: how the addresses of the recipients are read.
        most_bytes: of one message; a larger one is refused and stands on the ledger.
        least_free_bytes: free room below which nothing is taken in.
        certificate: PEM file with the certificate and those that vouch for it, for STARTTLS; None: it is not offered.
        key: PEM file with its key.
        require_tls: whether nothing is said before STARTTLS.
        user: who may hand mail over; empty: whoever reaches the port.
        password: theirs.
        most_clients: served at once; further ones are asked to come again.
        idle_seconds: of silence after which a client is hung up on (RFC 5321 section 4.5.3.2.7 asks for 300).
    """

    host: str
    port: int
    protocol: Protocol = Protocol.LMTP
    routes: MailRoutes = field(default_factory=MailRoutes)
    most_bytes: int = 150 * 1024 * 1024
    least_free_bytes: int = 200 * 1024 * 1024
    certificate: Path | None = None
    key: Path | None = None
    require_tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    most_clients: int = 50
    idle_seconds: float = 300
