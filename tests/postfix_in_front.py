"""A Postfix of one's own on loopback: the mail server in front, as a council would have it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailroom.channels.smtp_settings import Protocol

_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file_prefixes = /var, /dev/stdout, {home}
maillog_file = {home}/mail.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.harrowdale.example
mydestination =
mynetworks = 127.0.0.0/8
relay_domains = harrowdale.example
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
transport_maps = inline:{{ harrowdale.example={spoken}:[127.0.0.1]:{door} }}
default_transport = smtp:[127.0.0.1]:{out}
smtp_host_lookup = native
smtputf8_enable = yes
message_size_limit = 209715200
mailbox_size_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""

_UMASK = 0o022


@dataclass(frozen=True, slots=True)
class Postfix:
    """One that runs.

    Attributes:
        port: where it listens.
        door: where it hands our mail to.
        home: its own folder.
        as_root: what a command begins with that root alone may give.
    """

    port: int
    door: int
    home: Path
    as_root: list[str]

    @property
    def log(self) -> str:
        """What it has written down."""
        return (self.home / "mail.log").read_text("utf-8", "replace")

    def try_again(self) -> None:
        """Have it try at once what it could not deliver: its own next time may be a minute away."""
        self._call("postfix", "flush")

    def waiting(self) -> int:
        """Return how many messages are in its queue."""
        before, found = None, self._queue()
        while found != before:  # one that is just moved from folder to folder is seen twice, or not at all
            before, found = found, self._queue()
        return len(found)

    def _queue(self) -> set[str]:
        return {json.loads(line)["queue_id"] for line in self._call("postqueue", "-j").splitlines()}

    def forget_all(self) -> None:
        """Delete what is in its queue."""
        self._call("postsuper", "-d", "ALL")

    def start(self) -> None:
        """Run it."""
        self._call("postfix", "start")

    def stop(self) -> None:
        """Stop it, whatever state it is in."""
        self._call("postfix", "stop", check=False)

    def _call(self, command: str, *arguments: str, check: bool = True) -> str:
        called = [*self.as_root, f"/usr/sbin/{command}", "-c", str(self.home / "config"), *arguments]
        ran = subprocess.run(called, check=False, capture_output=True, text=True, umask=_UMASK)
        assert ran.returncode == 0 or not check, f"{command}: {ran.stdout} {ran.stderr}"
        return ran.stdout


@contextmanager
def postfix(port: int, door: int, out: int, spoken: Protocol = Protocol.LMTP) -> Iterator[Postfix]:
    """Run one that listens on `port`, hands our mail to `door` and all other mail to `out`, the latter by SMTP.

    It must be started by root, or with sudo.
    """
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and subprocess.run([*as_root, "true"], check=False).returncode:
        pytest.skip("Postfix can be started by root alone, and there is neither root nor sudo here")
    home = Path(tempfile.mkdtemp(dir="/var/tmp"))  # a path that Postfix's own account can walk along
    for folder in (home, home / "config", home / "queue", home / "data"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)  # whatever the tests before this one have made of the umask
    (home / "config" / "main.cf").write_text(_MAIN.format(home=home, door=door, out=out, spoken=spoken))
    (home / "config" / "master.cf").write_text(_master(port))
    server = Postfix(port, door, home, as_root)
    try:
        subprocess.run([*as_root, "chown", "-R", "postfix", str(home / "data")], check=True)
        subprocess.run([*as_root, "chown", "-R", "root", str(home / "config")], check=True)
        server.start()
        yield server
    finally:
        server.stop()
        if as_root:
            subprocess.run([*as_root, "rm", "-rf", str(home)], check=False)
        shutil.rmtree(home, ignore_errors=True)


def _master(port: int) -> str:
    """Debian's own services, none of them shut up in a folder of its own, and the listener on our port."""
    services = []
    for line in Path("/etc/postfix/master.cf.proto").read_text().splitlines():
        parts = line.split()
        if line[:1] in {"#", " ", ""} or len(parts) < 8:
            continue
        if parts[:2] == ["smtp", "inet"]:
            parts[0] = f"127.0.0.1:{port}"
        parts[4] = "n"
        services.append("  ".join(parts))
    return "\n".join(services) + "\n"
