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


def service_from(key: str, table: Mapping[str, Any]) -> Service:
    """Build a service from its table.

    Raises:
        ValueError: a key is missing, unknown or has a value that means nothing; the message names it.
    """
    known = {"title", "team", "lgsl", "sensitivity", "statutory", "clocks", "retention", "document_code"}
    known |= {"acknowledgement", "closes", "signpost"}
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
        )
    except KeyError as missing:
        raise ValueError(f"{missing.args[0]} is missing") from missing
    except TypeError as wrong:
        raise ValueError(f"signpost: {wrong}") from wrong


def team_from(key: str, table: Mapping[str, Any], release_default: Mapping[str, Any]) -> Team:
    """Build a team from its table; what its release table leaves out is taken from the default.

    Raises:
        ValueError: a key is missing or has a value that means nothing; the message names it.
    """
    _refuse_unknown(table, {"name", "email", "release"})
    try:
        release = _release({**release_default, **table["release"]})
        return Team(key, table["name"], table["email"], release)
    except KeyError as missing:
        raise ValueError(f"{missing.args[0]} is missing") from missing


def _release(table: Mapping[str, Any]) -> Release:
    _refuse_unknown(table, {"folder", "formats", "date_format", "csv", "xml", "xml_root", "accounts"})
    layout = Release(
        folder=table["folder"],
        formats=tuple(table["formats"]),
        date_format=table["date_format"],
        csv=dict(table.get("csv", {})),
        xml=dict(table.get("xml", {})),
        xml_root=table.get("xml_root", "Document"),
        accounts=tuple(table.get("accounts", ())),
    )
    for name in layout.accounts:
        if name in NEVER_AN_ACCOUNT:
            raise ValueError(f"release.accounts: {name!r} is never handed over as an account")
    for name in layout.formats:
        if name not in _FORMATS:
            raise ValueError(f"release.formats: {name!r} is none of {', '.join(_FORMATS)}")
    for name in ("csv", "xml"):
        if name in layout.formats:
            _check_columns(f"release.{name}", layout.csv if name == "csv" else layout.xml)
    return layout


def _check_columns(where: str, columns: Mapping[str, str]) -> None:
    for heading, field in columns.items():
        if field not in RELEASE_FIELDS:
            raise ValueError(f"{where}.{heading}: there is no field {field!r}; there are {', '.join(RELEASE_FIELDS)}")
    for field in ALWAYS_RELEASED:
        if field not in columns.values():
            raise ValueError(f"{where}: no column for {field}, which is always handed over")


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    for name in table:
        if name not in known:
            raise ValueError(f"{name} is not a key here; there are {', '.join(sorted(known))}")
