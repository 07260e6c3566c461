"""Object storage of one's own on loopback: Ceph's gateway, which locks objects, and rclone, which cannot."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import urllib3
from free_ports import free_port
from minio import Minio

from storage.s3 import Bucket

ACCESS_KEY = "mailroom"
SECRET_KEY = "a secret of the tests"
REGION = "default"

_NOBODY = 65534
_AS_NOBODY = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups") if os.geteuid() == 0 else ()
_NUMBERS = count(1)
_CEPH = """
[global]
fsid = {fsid}
mon_host = 127.0.0.1:{monitor}
public_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = {home}/keyring
run_dir = {home}
admin_socket = {home}/$name.asok
pid_file = {home}/$name.pid
log_file = {home}/$name.log
mon_data = {home}/monitor
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
mon_warn_on_pool_no_redundancy = false
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
osd_data = {home}/osd
osd_objectstore = memstore
memstore_device_bytes = 2147483648
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
[client.rgw.a]
rgw_frontends = {frontends}
rgw_crypt_require_ssl = false
"""
_OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
    *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
)


@dataclass(frozen=True, slots=True)
class ObjectServer:
    """Where an S3 service listens, the authority that signed its certificate, and what has it go away for a while."""

    plain: int
    tls: int | None = None
    authority: Path | None = None
    away: Callable[[], AbstractContextManager[None]] = nullcontext

    def client(self) -> Minio:
        """Return a client of its owner."""
        return Minio(f"127.0.0.1:{self.plain}", ACCESS_KEY, SECRET_KEY, secure=False, region=REGION)

    def bucket(self, *, lock: bool = False, tls: bool = False) -> Bucket:
        """Make a bucket and return where it is, as the mailroom is told."""
        endpoint = f"https://127.0.0.1:{self.tls}" if tls else f"http://127.0.0.1:{self.plain}"
        authority = self.authority if tls else None
        return Bucket(endpoint, self.new_bucket(lock=lock), ACCESS_KEY, SECRET_KEY, REGION, authority)

    def new_bucket(self, *, lock: bool = False) -> str:
        """Make a bucket, where it can be with object lock and thereby versions; return its name."""
        name = f"bucket{next(_NUMBERS)}"
        self.client().make_bucket(name, object_lock=lock)
        return name


@contextmanager
def ceph() -> Iterator[ObjectServer]:
    """Start a Ceph of one monitor, one disk in memory and one gateway; it is gone with the block."""
    with _place() as home, _stopping() as running:
        monitor, plain, tls = free_port(), free_port(), free_port()
        _certify(home)
        frontends = f"beast endpoint=127.0.0.1:{plain} ssl_endpoint=127.0.0.1:{tls} ssl_certificate={home}/both.pem"
        settings = {"fsid": uuid.uuid4(), "home": home, "monitor": monitor, "frontends": frontends}
        (home / "ceph.conf").write_text(_CEPH.format(**settings))
        _start_cluster(home, settings, running)

        def start() -> None:
            running.append(_begin(home, "radosgw", "-n", "client.rgw.a", "-f"))
            _wait_for(plain, home)

        @contextmanager
        def away() -> Iterator[None]:
            _stop(running.pop())
            try:
                yield
            finally:
                start()

        start()
        keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
        _call(home, "radosgw-admin", "user", "create", "--uid=mailroom", "--display-name=Mailroom", *keys)
        yield ObjectServer(plain, tls, home / "certificate.pem", away)


@contextmanager
def rclone() -> Iterator[ObjectServer]:
    """Start an S3 service over a folder: it knows neither versions nor locks."""
    with _place() as home, _stopping() as running:
        port = free_port()
        told = ("--addr", f"127.0.0.1:{port}", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}")
        (home / "kept").mkdir()
        program = str(Path(sys.executable).with_name("rclone"))
        running.append(_start(home, [program, "serve", "s3", *told, str(home / "kept")]))
        _wait_for(port, home)
        yield ObjectServer(port)


def _start_cluster(home: Path, settings: dict[str, object], running: list[subprocess.Popen[bytes]]) -> None:
    keyring, disk = home / "keyring", str(uuid.uuid4())
    all_may = ("--cap", "mon", "allow *")
    disks_may = (*all_may, "--cap", "osd", "allow *")
    _call(home, "ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", *all_may)
    for name in ("client.admin", "osd.0", "client.rgw.a"):
        _call(home, "ceph-authtool", keyring, "--gen-key", "-n", name, *disks_may)
    address = f"[v1:127.0.0.1:{settings['monitor']}]"
    _call(home, "monmaptool", "--create", "--addv", "a", address, "--fsid", settings["fsid"], home / "map")
    for folder in ("monitor", "osd"):
        (home / folder).mkdir()
    _give_away(home)
    _call(home, "ceph-mon", "--mkfs", "-i", "a", "--monmap", home / "map", "--keyring", keyring)
    running.append(_begin(home, "ceph-mon", "-i", "a", "-f"))
    _call(home, "ceph", "osd", "new", disk)
    _call(home, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
    running.append(_begin(home, "ceph-osd", "-i", "0", "-f"))


def _certify(home: Path) -> None:
    files = ("-keyout", str(home / "key.pem"), "-out", str(home / "certificate.pem"))
    subprocess.run([*_OPENSSL, *files], check=True, capture_output=True, timeout=60)
    (home / "both.pem").write_text((home / "key.pem").read_text() + (home / "certificate.pem").read_text())


def _call(home: Path, program: str, *arguments: object) -> None:
    told = [*_AS_NOBODY, program, *map(str, arguments)]
    if program not in {"ceph-authtool", "monmaptool"}:
        told += ["-c", str(home / "ceph.conf")]
    done = subprocess.run(told, check=False, capture_output=True, timeout=60, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(told)}: {done.stderr}")


def _begin(home: Path, *told: str) -> subprocess.Popen[bytes]:
    return _start(home, [*_AS_NOBODY, *told, "-c", str(home / "ceph.conf")])


def _start(home: Path, told: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HOME": str(home), "RCLONE_CONFIG": str(home / "rclone.conf")}
    with (home / "said.out").open("ab") as out:
        return subprocess.Popen(told, stdout=out, stderr=out, start_new_session=True, env=environment)


def _give_away(home: Path) -> None:
    if os.geteuid() == 0:
        for path in [home, *home.rglob("*")]:
            os.chown(path, _NOBODY, _NOBODY)


@contextmanager
def _place() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="objects", dir="/tmp"))
    _give_away(home)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _stopping() -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    try:
        yield running
    finally:
        for process in reversed(running):
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def _wait_for(port: int, home: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(urllib3.exceptions.HTTPError):
            urllib3.PoolManager(retries=False, timeout=2.0).request("GET", f"http://127.0.0.1:{port}/")
            return
        time.sleep(0.1)
    said = "\n".join(file.read_text(errors="replace")[-500:] for file in home.glob("*.out"))
    raise RuntimeError(f"no object storage came up: {said}")
