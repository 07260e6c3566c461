"""A Dovecot of one's own on loopback: the server with the mailboxes, as a council would have it."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from free_ports import free_port
from imapclient import IMAPClient

_CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {account}
default_internal_group = {group}
default_login_user = {account}
first_valid_uid = 1
ssl = yes
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_max_userip_connections = 50
mail_location = maildir:{home}/mail/%u
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/tokens
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {home}/users
}}
userdb {{
  driver = passwd-file
  args = {home}/users
}}
"""
_TOKENS = """
introspection_url = http://127.0.0.1:{provider}/introspect
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
"""
_OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
    *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
)
_NOBODY = 65534
_USERS = 500
PASSWORD = "secret"


class Dovecot:
    """One that is ready to run.

    Args:
        home: its own folder.

    Attributes:
        tls: its port that speaks TLS from the start.
        starttls: its port that is asked for it.
        provider: the port where it asks whose a token is, by OAuth 2.0 token introspection (RFC 7662).
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        # started by root it gives its rights up, else it keeps those of whoever runs the tests
        self._ids = (_NOBODY, _NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        self._numbers = count()
        self.tls, self.starttls, self.provider = free_port(), free_port(), free_port()
        self._set_up()

    @property
    def authority(self) -> Path:
        """What vouches for it."""
        return self._home / "certificate.pem"

    @property
    def log(self) -> str:
        """What it has written down."""
        return (self._home / "dovecot.log").read_text("utf-8", "replace")

    def mail_of(self, user: str) -> Path:
        """Return the folder in which it keeps somebody's mail."""
        return self._home / "mail" / user

    def new_user(self) -> str:
        """Return somebody with an empty mailbox; the password is the same for all."""
        return f"user{next(self._numbers)}"

    @contextmanager
    def client(self, user: str) -> Iterator[IMAPClient]:
        """Give a client of the user's own, as people have on their desks."""
        trusted = ssl.create_default_context(cafile=str(self.authority))
        with IMAPClient("127.0.0.1", self.tls, ssl=True, ssl_context=trusted, timeout=30) as client:
            client.login(user, PASSWORD)
            yield client

    @contextmanager
    def running(self) -> Iterator[Dovecot]:
        """Run it."""
        command = ["/usr/sbin/dovecot", "-F", "-c", str(self._home / "dovecot.conf")]
        uid, gid = self._ids
        as_whom: dict[str, Any] = {} if os.geteuid() else {"user": uid, "group": gid, "extra_groups": []}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_whom)
        try:
            self._wait_until_it_answers()
            yield self
        finally:
            process.terminate()
            process.wait(30)

    def _set_up(self) -> None:
        for name in ("run", "mail"):
            (self._home / name).mkdir()
        lines = [f"user{n}:{{PLAIN}}{PASSWORD}:{self._ids[0]}:{self._ids[1]}::{self._home}::\n" for n in range(_USERS)]
        (self._home / "users").write_text("".join(lines))
        made_by = [*_OPENSSL, "-out", str(self.authority), "-keyout", str(self._home / "key.pem")]
        subprocess.run(made_by, check=True, capture_output=True)
        account, group = pwd.getpwuid(self._ids[0]).pw_name, grp.getgrgid(self._ids[1]).gr_name
        told = {"home": self._home, "account": account, "group": group, "tls": self.tls, "starttls": self.starttls}
        (self._home / "dovecot.conf").write_text(_CONFIG.format(**told))
        (self._home / "tokens").write_text(_TOKENS.format(provider=self.provider))
        for path in [self._home, *self._home.rglob("*")]:
            os.chown(path, *self._ids)

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.starttls), 5)) as wire:
                if wire.recv(4).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        raise AssertionError(f"Dovecot does not answer: {self.log}")


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Give one that does not run yet."""
    home = Path(tempfile.mkdtemp(dir="/var/tmp"))  # a short path, for its sockets
    try:
        yield Dovecot(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
