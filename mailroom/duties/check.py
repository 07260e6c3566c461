"""`mailroom check`: whether this machine, these settings and this data directory can run a mailroom.

Each check answers with a sentence; one that fails names the key, path or package and what to do. Settings and catalogue
have been read before, so what is wrong in a file has already been said. After: `bootstrap/mail_check.py` asks the mail
servers.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from mailroom import plugins
from mailroom.domain.catalogue import Service
from mailroom.domain.errors import MailroomError, Misconfigured
from mailroom.domain.sla import LONDON
from mailroom.duties.encryption import encryption_in_words
from mailroom.duties.kept_in_words import copies_in_words, spool_in_words, walk_in_words
from mailroom.duties.log_guard import guard_in_words
from mailroom.duties.protection import protection_in_words
from mailroom.duties.slots import sole
from mailroom.journey.template_text import fill
from mailroom.journey.wording import Facts, reply_text
from mailroom.records.backups import last_backup
from mailroom.services import Services
from storage.errors import StorageError

DISTRIBUTION = "council-mailroom"
_PACKAGES = ("mailroom", "ocr", "classifiers", "storage")
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: its name, whether all is well, and the sentence that says so or what to do."""

    name: str
    sound: bool
    sentence: str


def check(services: Services) -> list[Finding]:
    """Run every check; nothing is changed but by a file put into each release folder, or a canary into a bucket."""
    return [finding(name, partial(act, services)) for name, act in _CHECKS.items()]


def finding(name: str, act: Callable[[], str]) -> Finding:
    """Return what one check finds: the sentence that it returns, or that of the fault that it ends with."""
    try:
        return Finding(name, sound=True, sentence=act())
    except (MailroomError, OSError) as fault:
        return Finding(name, sound=False, sentence=str(fault))


def _packages(_services: Services) -> str:
    """A folder or package of the same name would be imported in place of ours, and nobody would notice."""
    home = Path(__file__).parents[2]
    for name in _PACKAGES:
        owners = set(importlib.metadata.packages_distributions().get(name, [])) - {DISTRIBUTION}
        if owners:
            raise Misconfigured(f"The package {name} also comes from {', '.join(owners)}. Uninstall that one.")
        found = importlib.util.find_spec(name)
        place = Path(found.origin).parent if found is not None and found.origin else None
        if place != home / name:
            raise Misconfigured(f"The package {name} is found at {place}, not beside the mailroom. Move that one away.")
    return "Our four packages are our own."


def _folders(services: Services) -> str:
    free = shutil.disk_usage(services.settings.data).free // _MEGABYTE
    least = services.settings.intake.least_free_megabytes
    if free < least:
        raise Misconfigured(
            f"MAILROOM_DATA: {free} MB are free, intake.least_free_megabytes asks for {least}. Make room."
        )
    if services.settings.data.stat().st_mode & stat.S_IRWXO:
        raise Misconfigured(f"MAILROOM_DATA: every account may enter {services.settings.data}. Take that right away.")
    return f"The data lie in {services.settings.data.absolute()}, with {free} MB free."


def _originals(services: Services) -> str:
    try:
        return protection_in_words(services)
    except StorageError as fault:
        raise MailroomError(f"The store of originals cannot be asked: {fault}.") from fault


def _custody(services: Services) -> str:
    return guard_in_words(services.records)


def _release(services: Services) -> str:
    """A folder that is not there yet is made when the first item is released; what stands above it must let us."""
    root = services.settings.data / services.settings.release.path
    folders = sorted({root / team.release.folder for team in services.catalogue.teams.values()})
    for folder in folders:
        place = next(place for place in (folder, *folder.parents) if place.exists())
        try:
            with tempfile.NamedTemporaryFile(dir=place, prefix=".probe"):
                pass
        except OSError as fault:
            raise Misconfigured(
                f"release.path, teams.toml: {place} cannot be written as a folder ({fault.strerror}). "
                "Make it writable for the account that runs the mailroom, or name another."
            ) from fault
    return f"{len(folders)} release folders can be written."


def _backup(services: Services) -> str:
    told, now = services.settings.backup, services.now()
    with services.records.look() as session:
        last = last_backup(session)
    when = f"the last is of {last.at.astimezone(LONDON):%d %B %Y %H:%M}" if last else "none was ever taken"
    if not told.folder:
        return f"No backup is taken by itself, for backup.folder names no folder; {when}."
    if last is not None and now - last.at > timedelta(hours=told.alarm_after_hours):
        raise Misconfigured(
            f"backup.folder: {when}, which is too old. See to {told.folder}, and run `mailroom backup`."
        )
    return f"Backups are taken daily to {told.folder}; {when}."


def _calendar(services: Services) -> str:
    plugins.make_now(services.calendars)
    return f"Working days are known for {', '.join(sorted(services.calendars.by_name))}."


def _malware(services: Services) -> str:
    address = services.settings.malware.address
    if services.scanner is None:
        return "Nothing is looked at for malware: malware.address names no scanner."
    services.scanner.ping()
    return f"What comes in is looked at for malware by the scanner at {address}."


def _sorting(services: Services) -> str:
    for part in (services.classifier, services.fields):
        plugins.make_now(part)
    return f"The classifier {services.settings.parts.classifier} is ready, and so is what finds index data."


def _engine(services: Services) -> str:
    if not services.sandbox.ready():
        raise Misconfigured(f"ocr: the engine {services.settings.ocr.engine} does not start.")
    return f"{services.settings.ocr.engine} is ready to read {services.settings.ocr.languages}."


def _drawing(services: Services) -> str:
    """A small mail is drawn: what WeasyPrint lacks of the system shows as nothing else does."""
    with tempfile.TemporaryDirectory(dir=services.scratch) as folder:
        mail = Path(folder) / "mail"
        mail.write_bytes(b"Subject: A try\r\nContent-Type: text/html\r\n\r\n<p>A try</p>\r\n")
        answer = services.sandbox.run("draw_message", {}, source=mail, scratch=Path(folder))
    if not answer["ready"]:
        raise Misconfigured(
            "Formatted mails are shown without their pictures: WeasyPrint does not find Pango. "
            "Install what setup/system-packages.txt names for it (libpango-1.0-0, libpangoft2-1.0-0)."
        )
    return "Formatted mails can be shown as pictures."


def _rules(services: Services) -> str:
    known = services.catalogue.rules["rules"]
    for case_type in known:
        if case_type not in services.catalogue.services:
            raise Misconfigured(f"rules.toml: [rules.{case_type}]: there is no such service in services.toml.")
    return f"{len(services.catalogue.services)} kinds of letters, {len(known)} with rules."


def _provider(services: Services) -> str:
    provider = services.settings.web.provider
    for group, team in provider.teams.items():
        if team not in services.catalogue.teams:
            raise Misconfigured(f"web.provider.teams: {group!r} names {team!r}, which is no team of teams.toml.")
    return f"People sign in through {provider.issuer}, too." if provider.issuer else "People sign in with us alone."


def _texts(services: Services) -> str:
    now = services.now()
    filled = 0
    for service in _acknowledged(services):
        facts = Facts("HD-26-000000-T", now, now, service, services.settings.council.name, "")
        for language in ("en", "cy"):
            reply_text(services.catalogue.replies, facts, language)
            filled += 1
    return f"{filled} acknowledgements and {_templates(services)} replies can be written."


def _templates(services: Services) -> int:
    filled = [
        fill(services.catalogue.replies, template, {}, language)
        for template in services.catalogue.templates.values()
        for language in ("en", "cy")
    ]
    return len(filled)


def _acknowledged(services: Services) -> Iterator[Service]:
    return (service for service in services.catalogue.services.values() if service.acknowledgement)


def _service(services: Services) -> str:
    with sole(services.settings.data / "slots", "service") as ours:
        return "No service runs on these data now." if ours else "A service runs on these data."


_CHECKS: dict[str, Callable[[Services], str]] = {
    "packages": _packages,
    "data": _folders,
    "originals": _originals,
    "encryption": encryption_in_words,
    "second copy": copies_in_words,
    "scrub": walk_in_words,
    "spool": spool_in_words,
    "custody": _custody,
    "release": _release,
    "backup": _backup,
    "calendar": _calendar,
    "malware": _malware,
    "reading": _engine,
    "drawing": _drawing,
    "sorting": _sorting,
    "rules": _rules,
    "replies": _texts,
    "provider": _provider,
    "service": _service,
}
