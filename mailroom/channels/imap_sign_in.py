"""How the mailroom shows a mail server who it is: by a password, or by a token of the council's identity provider.

Before: the way to the server is encrypted, and the server has shown its certificate (`imap_mailbox.py`). After: it has
let us in, or not. What is secret is read anew each time, so that a correction needs no restart, and is never part of an
error.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import httpx2
from imapclient import IMAPClient

_MARGIN_SECONDS = 60
_USUAL_SECONDS = 300


class NothingToShow(OSError):
    """There is no password or token to sign in with just now."""


class SignIn(Protocol):
    """A way to sign in."""

    def to(self, client: IMAPClient, user: str) -> None:
        """Sign in.

        Raises:
            LoginError: the server does not let us in.
            NothingToShow: the file cannot be read, or whoever gives tokens gives none.
        """


Secret = Callable[[], str]
"""Gives a password, or what goes with a client's name, as it is now; raises `NothingToShow` where it cannot."""


@dataclass(frozen=True, slots=True)
class ByPassword:
    """Signs in with the user's password."""

    password: Secret

    def to(self, client: IMAPClient, user: str) -> None:
        """Sign in, see `SignIn`."""
        client.login(user, self.password())


class Mechanism(StrEnum):
    """How a token is told to the server: as Microsoft and Google began it, or as RFC 7628 has it."""

    XOAUTH2 = "xoauth2"
    OAUTHBEARER = "oauthbearer"


@dataclass(frozen=True, slots=True)
class Grant:
    """What is shown for a token (OAuth 2.0 client credentials, RFC 6749 section 4.4).

    Attributes:
        url: where tokens are given.
        client: the name under which the mailroom is known there.
        secret: that goes with it.
        scope: what is asked for, for instance `https://outlook.office365.com/.default`; empty: nothing in particular.
    """

    url: str
    client: str
    secret: Secret
    scope: str = ""


class ByToken:
    """Signs in with a token, which is asked for anew before it ends, and when the server does not take it.

    Args:
        mechanism: how it is told.
        grant: what is shown for it.
        now: seconds on a clock that never jumps.
    """

    def __init__(self, mechanism: Mechanism, grant: Grant, now: Callable[[], float] = time.monotonic) -> None:
        self._mechanism = mechanism
        self._grant = grant
        self._now = now
        self._token = ""
        self._good_until = 0.0

    def to(self, client: IMAPClient, user: str) -> None:
        """Sign in, see `SignIn`."""
        token = self._fresh()
        self._token = ""  # it is kept only if the server takes it
        if self._mechanism is Mechanism.XOAUTH2:
            client.oauth2_login(user, token)
        else:
            client.oauthbearer_login(user, token)
        self._token = token

    def _fresh(self) -> str:
        if self._token and self._now() < self._good_until:
            return self._token
        asked = {"grant_type": "client_credentials", "client_id": self._grant.client}
        asked |= {"client_secret": self._grant.secret(), **({"scope": self._grant.scope} if self._grant.scope else {})}
        try:
            told = httpx2.post(self._grant.url, data=asked, timeout=30).raise_for_status().json()
            token, seconds = str(told["access_token"]), float(told.get("expires_in", _USUAL_SECONDS))
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as fault:
            raise NothingToShow(f"{self._grant.url} gives no token ({type(fault).__name__})") from fault
        self._good_until = self._now() + seconds - _MARGIN_SECONDS
        return token
