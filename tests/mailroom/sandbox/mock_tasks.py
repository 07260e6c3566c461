"""Tasks that behave as badly as a parser can, ordered about by their arguments instead of by a bomb."""

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.sandbox.reading_engine import load
from mailroom.sandbox.tasks import TASKS

Arguments = Mapping[str, Any]


def echo(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    (scratch / "copy").write_bytes(source.read_bytes())
    return {"size": source.stat().st_size, "arguments": dict(arguments)}


def sleep(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    time.sleep(arguments["seconds"])
    return {}


def burn(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    while True:
        pass


def eat_at_once(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    return {"eaten": len(bytearray(arguments["bytes"]))}


def eat_slowly(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    eaten = []
    while True:
        eaten.append(bytearray(b"x" * (4 << 20)))
        time.sleep(0.01)


def refuse(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    raise NeedsPerson(Cause.ENCRYPTED, "It is locked.")


def stumble(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    return {"nothing": arguments["nothing"]}


def leave(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    os._exit(3)


def abort(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    os.abort()


def crash(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def shout(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    for _ in range(10):
        os.write(2, b"e" * (1 << 20))
    return {"shouted": True}


def say_too_much(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    return {"text": "x" * arguments["bytes"]}


def say_nonsense(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    """Write to every pipe that it finds, as a child taken over by its input might."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"{]")
        except OSError:
            continue
    os._exit(0)


def say_half_a_character(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    return {"text": "half \ud83d and whole \U0001f600"}


def write(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    (scratch / "large").write_bytes(bytes(arguments["bytes"]))
    return {}


def start_another(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    """Start a program and write its number into the scratch folder, then go on for as long as asked."""
    program = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    (scratch / "pid").write_text(str(program.pid))
    time.sleep(arguments["seconds"])
    return {}


def describe(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    kinds = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NOFILE")
    return {
        "limits": {kind: resource.getrlimit(getattr(resource, kind)) for kind in kinds},
        "no_new_privileges": status["NoNewPrivs"].strip(),
        "leads_its_session": os.getsid(0) == os.getpid(),
        "descriptors": sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir()),
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
    }


def modules_imported(source: Path, scratch: Path, arguments: Arguments) -> dict[str, Any]:
    """Run real tasks one after the other on the source; return what they had to import first."""
    before = set(sys.modules)
    told: dict[str, Any] = {}
    for name in arguments["tasks"]:
        told = load(TASKS[name])(source, scratch, {**arguments, "pages": [{**told, "words": []}]})
    return {"imported": sorted(set(sys.modules) - before)}
