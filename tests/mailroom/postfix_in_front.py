"""A Postfix of one's own on loopback: the mail server in front, as a council would have it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

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
transport_maps = inline:{{ harrowdale.example=lmtp:[127.0.0.1]:{door} }}
default_transport = smtp:[127.0.0.1]:{out}
smtp_host_lookup = native
smtputf8_enable = yes
message_size_limit = 209715200
mailbox_size_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    """One that runs.

    Attributes:
        port: where it listens.
        home: its own folder.
        commands: what a command to it begins with.
    """

    port: int
    home: Path
    commands: list[str]

    @property
    def log(self) -> str:
        """What it has written down."""
        return (self.home / "mail.log").read_text("utf-8", "replace")

    def try_again(self) -> None:
        """Have it try at once what it could not deliver: its own next time may be a minute away."""
        subprocess.run([*self.commands, "flush"], check=True, capture_output=True)


@contextmanager
def postfix(port: int, door: int, out: int) -> Iterator[Postfix]:
    """Run one that listens on `port`, hands our mail to `door` by LMTP and all other mail to `out` by SMTP.

    It must be started by root, or with sudo.
    """
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and subprocess.run([*as_root, "true"], check=False).returncode:
        pytest.skip("Postfix can be started by root alone, and there is neither root nor sudo here")
    home = Path(tempfile.mkdtemp(dir="/var/tmp"))  # a path that Postfix's own account can walk along
    home.chmod(0o755)
    for name in ("config", "queue", "data"):
        (home / name).mkdir()
    (home / "config" / "main.cf").write_text(_MAIN.format(home=home, door=door, out=out))
    (home / "config" / "master.cf").write_text(_master(port))
    commands = [*as_root, "/usr/sbin/postfix", "-c", str(home / "config")]
    try:
        subprocess.run([*as_root, "chown", "-R", "postfix", str(home / "data")], check=True)
        subprocess.run([*as_root, "chown", "-R", "root", str(home / "config")], check=True)
        subprocess.run([*commands, "start"], check=True, capture_output=True)
        yield Postfix(port, home, commands)
    finally:
        subprocess.run([*commands, "stop"], check=False, capture_output=True)
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
