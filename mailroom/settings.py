"""Settings and service catalogue, read once at the start from `config/` and the environment, frozen afterwards.

Everything that differs between councils stands in `config/`. An error names the file and the key and says what to do.
`bootstrap.py` hands the result out; no other module reads a configuration file or the environment.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from mailroom.domain.access import Role
from mailroom.domain.capture import Channel
from mailroom.domain.catalogue import UNSORTED, Service, Team, service_from, team_from
from mailroom.domain.errors import Misconfigured
from mailroom.domain.sla import ClockRule, clock_rule_from
from mailroom.domain.templates import ReturnReason, Template, return_reason_from, template_from

_Built = TypeVar("_Built")
_PASSWORD = re.compile(r"(?<=:)[^:/@]+(?=@)|(?<=password=)[^&]*")
"""The password in the address of a database."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Council(_Table):
    """Who we are."""

    name: str
    prefix: str = Field(pattern=r"^[A-Z]{1,4}$")
    also_known_as: tuple[str, ...] = ()
    never_senders: tuple[str, ...] = ()
    address: tuple[str, ...]
    postcodes: tuple[str, ...]
    telephone: str
    email: str


class Parts(_Table):
    """Which parts the mailroom is put together from, by their names."""

    store: str
    classifier: str
    crm: str


class Folder(_Table):
    """A hot folder."""

    path: Path
    channel: Channel
    pattern: str = ""


class Intake(_Table):
    """When a file is taken in."""

    quiet_seconds: float = Field(gt=0)
    poll_seconds: float = Field(gt=0)
    use_events: bool
    incomplete_after_seconds: float = Field(gt=0, le=900)
    accept_incomplete_after_seconds: float = Field(gt=0)
    least_free_megabytes: int = Field(ge=0)


class ItemLimits(_Table):
    """What one item may ask of the machine."""

    megabytes: int = Field(gt=0)
    pages: int = Field(gt=0)
    megapixels: int = Field(gt=0)
    cpu_seconds: int = Field(gt=0)
    wall_seconds: int = Field(gt=0)
    resident_megabytes: int = Field(gt=0)


class Ocr(_Table):
    """The reading engine."""

    engine: str
    languages: str = Field(pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$")
    tessdata: str = ""


class Acknowledge(_Table):
    """How and when senders are told."""

    undo_minutes: float = Field(ge=0)
    smtp_host: str
    smtp_port: int = Field(gt=0, lt=65536)
    sender: str


class Desk(_Table):
    """How people work at the desks."""

    idle_minutes: float = Field(gt=0)


class Worker(_Table):
    """The workers of this machine."""

    slots: int = Field(gt=0)
    concurrency: int = Field(gt=0)
    poll_seconds: float = Field(gt=0)
    dead_after_seconds: float = Field(gt=0)
    sweep_seconds: float = Field(gt=0)


class ReleaseFolder(_Table):
    """Where teams find what is handed over."""

    path: Path


class Alarms(_Table):
    """Who is told when something is wrong with the service."""

    to: tuple[str, ...]


class Mailbox(_Table):
    """What the address of a mailbox says about what is sent there."""

    team: str | None = None
    case_type: str | None = None


class Mail(_Table):
    """Which mail is taken in, whichever way it comes."""

    domains: tuple[str, ...]
    tag_sign: str
    megabytes: int = Field(gt=0)
    mailboxes: dict[str, Mailbox] = {}


class Smtp(_Table):
    """Where the mail server in front hands mail over to us."""

    host: str
    port: int = Field(ge=0, lt=65536)
    protocol: Literal["smtp", "lmtp"]
    certificate_file: str
    key_file: str
    require_tls: bool
    user: str
    password_file: str
    clients: int = Field(gt=0)
    idle_seconds: float = Field(gt=0)


class Provider(_Table):
    """The council's identity provider; none where `issuer` is empty."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    scope: str = "openid profile email"
    groups_claim: str = "groups"
    roles: dict[str, Role] = {}
    teams: dict[str, str] = {}
    limited_groups: tuple[str, ...] = ()


class Web(_Table):
    """The pages."""

    host: str
    port: int = Field(ge=0, lt=65536)
    address: str = Field(pattern=r"^(?i:https?)://[^/?#@\s]+/?$")
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    idle_minutes: float = Field(ge=10, le=720)
    longest_hours: float = Field(ge=1, le=24)
    proxies: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ()
    provider: Provider = Provider()

    @field_validator("address")
    @classmethod
    def _as_browsers_write_it(cls, address: str) -> str:
        """Browsers say where a form comes from in small letters and without the port that goes without saying."""
        scheme, _, host = address.rstrip("/").lower().partition("://")
        usual = {"http": ":80", "https": ":443"}[scheme]
        return f"{scheme}://{host.removesuffix(usual)}"


class Settings(BaseSettings):
    """`config/mailroom.toml` and the environment; the file's comments explain each key."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="MAILROOM_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    data: Path = Path("data")
    config: Path = Path("config")
    database_url: str = ""
    database_admin_url: str = ""
    council: Council
    parts: Parts
    folders: dict[str, Folder]
    intake: Intake
    limits: ItemLimits
    ocr: Ocr
    acknowledge: Acknowledge
    desk: Desk
    worker: Worker
    release: ReleaseFolder
    alarms: Alarms
    mail: Mail
    smtp: Smtp
    web: Web

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        file = TomlConfigSettingsSource(settings_cls, _config_folder() / "mailroom.toml")
        return init_settings, env_settings, file


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What `config/` says beside the settings: services, teams, clocks, and the tables that workshops are given."""

    folder: Path
    services: Mapping[str, Service]
    teams: Mapping[str, Team]
    clocks: Mapping[str, ClockRule]
    retention: Mapping[str, Any]
    rules: Mapping[str, Any]
    calendar: Mapping[str, Any]
    templates: Mapping[str, Template]
    outcomes: tuple[str, ...]
    returns: Mapping[str, ReturnReason]

    @property
    def replies(self) -> Path:
        """The folder with the texts of acknowledgements and, below it, of templates."""
        return self.folder / "replies"

    @property
    def post_room(self) -> str:
        """Key of the team that settles what the machine was unsure of."""
        return self.services[UNSORTED].team

    def threshold(self, case_type: str) -> float:
        """Return the confidence from which a decision for this type needs no person."""
        of_its_own = self.rules["rules"].get(case_type, {}).get("threshold")
        return float(of_its_own if of_its_own is not None else self.rules["bars"]["threshold"])


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        Misconfigured: a file cannot be read, or a key is missing, unknown or wrong.
    """
    file = _config_folder() / "mailroom.toml"
    read_table(file)
    try:
        return Settings()
    except ValidationError as wrong:
        faults = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in wrong.errors())
        raise Misconfigured(f"{file} (or the environment): {faults}. Correct the key and start again.") from wrong


def load_catalogue(folder: Path) -> Catalogue:
    """Read services, teams, clocks and the rest of `config/`, and check that they fit together.

    Raises:
        Misconfigured: a file cannot be read, or a key is missing, unknown, wrong or names what is not there.
    """
    teams_table = read_table(folder / "teams.toml")
    default = teams_table.get("release", {})
    catalogue = Catalogue(
        folder=folder,
        services=_build(folder / "services.toml", "services", service_from),
        teams=_build(folder / "teams.toml", "teams", lambda key, table: team_from(key, table, default), named=True),
        clocks=_build(folder / "clocks.toml", "clocks", clock_rule_from),
        retention=read_table(folder / "retention.toml").get("retention", {}),
        rules=read_table(folder / "rules.toml"),
        calendar=read_table(folder / "calendar.toml"),
        templates=_build(folder / "templates.toml", "templates", template_from),
        outcomes=tuple(read_table(folder / "templates.toml").get("outcomes_without_reply", ())),
        returns=_build(folder / "returns.toml", "returns", return_reason_from),
    )
    _check_together(catalogue, folder)
    return catalogue


@dataclass(frozen=True, slots=True)
class Told:
    """One setting as people are shown it: its key, its value (no secret in it), and where that comes from."""

    key: str
    value: str
    source: str


def told(settings: Settings) -> list[Told]:
    """Return every setting with where it comes from."""
    flat = _flatten(settings.model_dump(mode="json"))
    return [Told(key, _PASSWORD.sub("...", _in_words(value)), _source_of(key)) for key, value in flat.items()]


def _flatten(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= _flatten(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": value}
    return flat


def _in_words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _source_of(key: str) -> str:
    variable = f"MAILROOM_{key.replace('.', '__').upper()}"
    if variable in os.environ:
        return variable
    return "mailroom.toml" if "." in key else "built in"


def read_table(file: Path) -> dict[str, Any]:
    """Return the parsed file.

    Raises:
        Misconfigured: it is not there, cannot be read or is no TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as wrong:
        advice = "Set MAILROOM_CONFIG to the folder with the configuration, or make the file readable."
        raise Misconfigured(f"{file} cannot be read: {wrong.strerror}. {advice}") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise Misconfigured(f"{file} is not valid TOML: {wrong}. Correct that line.") from wrong


def _config_folder() -> Path:
    return Path(os.environ.get("MAILROOM_CONFIG", "config"))


def _build(
    file: Path, name: str, make: Callable[[str, Mapping[str, Any]], _Built], *, named: bool = False
) -> dict[str, _Built]:
    """Build what stands in the tables of a file; what is wrong in any of them is said at once.

    Args:
        file: the file.
        name: of its tables: `[name.KEY]`.
        make: builds one from its key and table.
        named: whether the sentences of `make` name the table themselves.
    """
    built, faults = {}, []
    for key, table in read_table(file).get(name, {}).items():
        try:
            built[key] = make(key, table)
        except (ValueError, TypeError, AttributeError) as wrong:
            faults.append(str(wrong) if named and isinstance(wrong, ValueError) else f"[{name}.{key}] {wrong}")
    if faults:
        raise Misconfigured(f"{file}: {'; '.join(faults)}. Correct what is named and start again.")
    return built


def _check_together(catalogue: Catalogue, folder: Path) -> None:
    if UNSORTED not in catalogue.services:
        raise Misconfigured(f"{folder / 'services.toml'}: there must be a [services.{UNSORTED}]")
    _check_accounts(catalogue, folder)
    _check_templates(catalogue, folder)
    for service in catalogue.services.values():
        where = f"{folder / 'services.toml'}: [services.{service.key}]"
        if service.team not in catalogue.teams:
            raise Misconfigured(f"{where} team: there is no [teams.{service.team}] in teams.toml")
        for clock in service.clocks:
            if clock not in catalogue.clocks:
                raise Misconfigured(f"{where} clocks: there is no [clocks.{clock}] in clocks.toml")
        if service.retention not in catalogue.retention:
            raise Misconfigured(f"{where} retention: there is no class {service.retention!r} in retention.toml")
        if service.acknowledgement and not (catalogue.replies / f"{service.acknowledgement}.en.txt").is_file():
            raise Misconfigured(f"{where} acknowledgement: there is no replies/{service.acknowledgement}.en.txt")


def _check_templates(catalogue: Catalogue, folder: Path) -> None:
    for template in catalogue.templates.values():
        where = f"{folder / 'templates.toml'}: [templates.{template.key}]"
        unknown = [name for name in template.case_types if name not in catalogue.services]
        if unknown:
            raise Misconfigured(f"{where} case_types: there is no [services.{unknown[0]}] in services.toml")
        if not (catalogue.replies / "templates" / f"{template.key}.en.txt").is_file():
            raise Misconfigured(f"{where} there is no replies/templates/{template.key}.en.txt")


def _check_accounts(catalogue: Catalogue, folder: Path) -> None:
    """Refuse a team's account that no letter can ever give: its column would stay empty, and nobody would know why."""
    known = catalogue.rules.get("references", {})
    faults = [
        f"[teams.{team.key}.release] accounts: there is no [references.{name}] in rules.toml"
        for team in catalogue.teams.values()
        for name in team.release.accounts
        if name not in known
    ]
    if faults:
        there_are = ", ".join(sorted(known))
        raise Misconfigured(f"{folder / 'teams.toml'}: {'; '.join(faults)}. There are {there_are}. Correct the names.")
