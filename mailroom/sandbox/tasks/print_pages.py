"""Task: a letter or presentation of an office program as a PDF, printed by LibreOffice, where the council has it.

Before: `look_inside` found one of `PRINTED`. After: `read` reads the pages of the PDF as those of any other.
LibreOffice is a large parser of hostile bytes, so it runs as a process of this child, under its limits, with a profile
of its own in the scratch folder that forbids what documents do by themselves: no macro runs, and nothing that a
document names is fetched, from the network or from the disk.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.identify import kind_of_file

PRINTED_FILE = "printed.pdf"

_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_FORBIDDEN = {"BlockUntrustedRefererLinks": "true", "DisableMacrosExecution": "true", "MacroSecurityLevel": "3"}
_ITEM = '<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
_PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'
)
_QUIET = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard")


def print_pages(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Write the document as `printed.pdf` into the scratch folder.

    Args:
        source: the document.
        scratch: where to; LibreOffice keeps its profile there, too.
        arguments: `program`, the name or path of LibreOffice.

    Returns:
        `file` (its name in the scratch folder), `pages`, and `made_by` as the PDF has it ("LibreOffice 7.4").

    Raises:
        TaskRefused: LibreOffice cannot open it.
    """
    words = kind_of_file(source).words
    _print(arguments["program"], source, scratch)
    target = scratch / PRINTED_FILE
    try:
        (scratch / source.with_suffix(".pdf").name).replace(target)
        with pikepdf.open(target) as printed:
            return {"file": PRINTED_FILE, "pages": len(printed.pages), "made_by": str(printed.docinfo["/Producer"])}
    except (OSError, KeyError, pikepdf.PdfError) as fault:
        sentence = f"This is {words} that could not be printed, so it may be damaged. Ask the sender for another copy."
        raise TaskRefused(Cause.DAMAGED, sentence) from fault


def _print(program: str, source: Path, scratch: Path) -> None:
    profile = scratch / "profile"
    (profile / "user").mkdir(parents=True)
    items = "".join(_ITEM.format(path=_SECURITY, name=name, value=value) for name, value in _FORBIDDEN.items())
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(items=items), "utf-8")
    told = [program, f"-env:UserInstallation={profile.as_uri()}", *_QUIET]
    subprocess.run(  # noqa: S603 - the program is the council's choice, and the rest is ours
        [*told, "--convert-to", "pdf", "--outdir", str(scratch), str(source)], check=False, stdin=subprocess.DEVNULL
    )
