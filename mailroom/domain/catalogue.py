"""The service catalogue: what kinds of letters there are, who answers them, and what that team wants to be handed.

`settings.py` reads the tables of `config/` and builds these values; `classify`, `open_case`, `acknowledge` and
`hand_over` ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailroom.domain.decision import Sensitivity

UNSORTED = "unsorted"
"""The case type of what nobody has decided on yet."""


@dataclass(frozen=True, slots=True)
class Signpost:
    """The body that does deal with something that is not ours."""

    name: str
    address: str
    web: str


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of letter: a `[services.KEY]` table of `config/services.toml`, whose head explains each field."""

    key: str
    title: str
    team: str
    sensitivity: Sensitivity
    clocks: tuple[str, ...]
    retention: str
    document_code: str
    lgsl: int | None = None
    statutory: str | None = None
    acknowledgement: str | None = None
    closes: str | None = None
    signpost: Signpost | None = None
    also: str = ""

    @property
    def limited(self) -> bool:
        """Whether only those named for limited access may see items of this kind."""
        return self.sensitivity is Sensitivity.LIMITED


@dataclass(frozen=True, slots=True)
class Release:
    """How documents are handed to a team's back-office system: `release` tables of `config/teams.toml`."""

    folder: str
    formats: tuple[str, ...]
    date_format: str
    csv: Mapping[str, str]
    xml: Mapping[str, str]
    xml_root: str
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """A team that answers: a `[teams.KEY]` table of `config/teams.toml`."""

    key: str
    name: str
    email: str
    release: Release


RELEASE_FIELDS = (
    "date_received",
    "document_code",
    "case_type",
    "reference",
    "account_reference",
    "page_count",
    "file_name",
    "sender_name",
    "sender_postcode",
    "letter_date",
    "team",
    "sha256",
)
"""The fields a team's release layout may ask for."""

ALWAYS_RELEASED = ("date_received", "document_code", "account_reference", "page_count", "file_name")
"""The fields every index file of a release must carry, under whatever name the team wants."""

NEVER_AN_ACCOUNT = frozenset({"national_insurance_number", "item_reference"})
"""Index data that no team is handed as its account reference: the one is a person's, the other our own."""

_FORMATS = ("pdf", "csv", "xml")
_OBLIGATORY = {
    "name": 'what staff and senders read, for instance name = "Waste and Street Scene"',
    "email": 'the team\'s own mailbox, for instance email = "waste@example.org"',
}
_OBLIGATORY_IN_RELEASE = {
    "folder": 'its folder below the release folder, for instance folder = "waste"',
    "formats": 'which files are handed over, for instance formats = ["pdf", "csv"], here or in [release]',
    "date_format": 'how dates are written, for instance date_format = "%d/%m/%Y", here or in [release]',
}


def service_from(key: str, table: Mapping[str, Any]) -> Service:
    """Build a service from its table.

    Raises:
        ValueError: a key is missing, unknown or has a value that means nothing; the message names it.
    """
    known = {"title", "team", "lgsl", "sensitivity", "statutory", "clocks", "retention", "document_code"}
    known |= {"acknowledgement", "closes", "signpost", "also"}
    _refuse_unknown(table, known)
    signpost = table.get("signpost")
    try:
        return Service(
            key=key,
            title=table["title"],
            team=table["team"],
            sensitivity=Sensitivity(table["sensitivity"]),
            clocks=tuple(table["clocks"]),
            retention=table["retention"],
            document_code=table["document_code"],
            lgsl=table.get("lgsl"),
            statutory=table.get("statutory"),
            acknowledgement=table.get("acknowledgement"),
            closes=table.get("closes"),
            signpost=Signpost(**signpost) if signpost else None,
            also=table.get("also", ""),
        )
    except KeyError as missing:
        raise ValueError(f"{missing.args[0]} is missing") from missing
    except TypeError as wrong:
        raise ValueError(f"signpost: {wrong}") from wrong


def team_from(key: str, table: Mapping[str, Any], release_default: Mapping[str, Any]) -> Team:
    """Build a team from its table; what its release table leaves out is taken from the default.

    Raises:
        ValueError: keys are missing or have values that mean nothing; the message names all of them, with their table.
    """
    release = _release_table(table, release_default)
    faults = [f"[teams.{key}] {fault}" for fault in _faults_of_team(table)]
    faults += [f"[teams.{key}.release] {fault}" for fault in _missing(release, _OBLIGATORY_IN_RELEASE)]
    faults += [f"[teams.{key}] {fault}" for fault in _faults_of_release(release)]
    if faults:
        raise ValueError("; ".join(faults))
    return Team(key, table["name"], table["email"], _release(release))


def _release_table(table: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    own = table.get("release", {})
    return {**default, **own} if isinstance(own, Mapping) else dict(default)


def _faults_of_team(table: Mapping[str, Any]) -> list[str]:
    faults = _unknown(table, {"name", "email", "release"}) + _missing(table, _OBLIGATORY)
    if not isinstance(table.get("release", {}), Mapping):
        faults.append("release is no table: write its keys below a heading of its own that ends in .release]")
    return faults


def _missing(table: Mapping[str, Any], obligatory: Mapping[str, str]) -> list[str]:
    faults = []
    for key, what in obligatory.items():
        value = table.get(key)
        if value is None:
            faults.append(f"{key} is missing: write {what}")
        elif not isinstance(value, list if key == "formats" else str) or not value:
            faults.append(f"{key} is {value!r}: write {what}")
    return faults


def _faults_of_release(table: Mapping[str, Any]) -> list[str]:
    faults = _unknown(table, {"folder", "formats", "date_format", "csv", "xml", "xml_root", "accounts"}, "release.")
    if not isinstance(table.get("accounts", []), list):
        return [*faults, f'release.accounts: {table["accounts"]!r} is no list: write ["{table["accounts"]}"]']
    for name in table.get("accounts", ()):
        if name in NEVER_AN_ACCOUNT:
            faults.append(f"release.accounts: {name!r} is never handed over as an account; take it out")
    formats = table.get("formats") or ()
    faults += [
        f"release.formats: {name!r} is none of {', '.join(_FORMATS)}" for name in formats if name not in _FORMATS
    ]
    if formats and "pdf" not in formats:
        faults.append('release.formats: without "pdf" no document would be handed over, only its index data; add "pdf"')
    for name in ("csv", "xml"):
        if name in formats:
            faults += _faults_of_columns(f"release.{name}", table.get(name, {}))
    return faults


def _faults_of_columns(where: str, columns: Mapping[str, str]) -> list[str]:
    known = ", ".join(RELEASE_FIELDS)
    faults = [
        f"{where}.{heading}: there is no field {field!r}; there are {known}"
        for heading, field in columns.items()
        if field not in RELEASE_FIELDS
    ]
    faults += [
        f"{where}: no column for {field}, which is always handed over; write a heading of the team's own = {field!r}"
        for field in ALWAYS_RELEASED
        if field not in columns.values()
    ]
    return faults


def _release(table: Mapping[str, Any]) -> Release:
    return Release(
        folder=table["folder"],
        formats=tuple(table["formats"]),
        date_format=table["date_format"],
        csv=dict(table.get("csv", {})),
        xml=dict(table.get("xml", {})),
        xml_root=table.get("xml_root", "Document"),
        accounts=tuple(table.get("accounts", ())),
    )


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    faults = _unknown(table, known)
    if faults:
        raise ValueError("; ".join(faults))


def _unknown(table: Mapping[str, Any], known: set[str], prefix: str = "") -> list[str]:
    there_are = ", ".join(sorted(known))
    return [f"{prefix}{name} is not a key here; there are {there_are}" for name in table if name not in known]
