"""Where a mailbox of ours is kept, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from mailroom.channels.imap_sign_in import SignIn
from mailroom.domain.capture import Hints


class Security(StrEnum):
    """How the way to the mail server is made safe; nobody signs in on one that is not."""

    TLS = "tls"
    STARTTLS = "starttls"


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """The settings of one mailbox.

    Attributes:
        name: of the mailbox in `config/`; what was taken is remembered under it.
        host: the mail server.
        port: where it listens: 993 for TLS from the start, 143 for STARTTLS as a rule.
        security: which of the two.
        user: whose mailbox it is.
        sign_in: how the mailroom shows that it may look into it.
        authority: PEM file with the certificates of those who vouch for the server; None: those that the system knows.
        folder: the folder that mail comes into.
        taken: the folder that mail is moved to once it is ours; empty: it stays where it is.
        taken_is_ours_alone: whether nothing else moves mail into that folder, so that what lies there can be counted.
        return_path_is_proven: whether the server itself writes Return-Path, so that its word may be answered to.
        hints: what the address of the mailbox says.
        use_idle: whether the server is asked to tell of new mail (RFC 2177), where it can.
        poll_seconds: between two looks where it does not tell.
        timeout_seconds: of silence after which the server is taken for gone.
        alarm_after_seconds: for which the server could not be reached before anybody is told; connections are lost and
            made again every day.
        least_free_bytes: free room below which nothing is taken in.
    """

    name: str
    host: str
    port: int
    security: Security
    user: str
    sign_in: SignIn
    authority: Path | None = None
    folder: str = "INBOX"
    taken: str = "Taken"
    taken_is_ours_alone: bool = True
    return_path_is_proven: bool = False
    hints: Hints = field(default_factory=Hints)
    use_idle: bool = True
    poll_seconds: float = 60
    timeout_seconds: float = 60
    alarm_after_seconds: float = 120
    least_free_bytes: int = 200 * 1024 * 1024
