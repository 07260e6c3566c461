"""Settings, read once at the start from `config/` and the environment, frozen afterwards.

Everything that differs between councils stands in `config/`. An error names the file and the key and says what to do.
`bootstrap` hands the result out; no other module reads a configuration file or the environment.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from mailroom.domain.access import Role
from mailroom.domain.capture import Channel
from mailroom.domain.errors import Misconfigured

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


class Malware(_Table):
    """The scanner that is asked before anything is opened; none where `address` is empty."""

    address: str = Field(pattern=r"^(/.+|.+:[0-9]{1,5}|)$")
    timeout_seconds: float = Field(gt=0)


class Ocr(_Table):
    """The reading engine."""

    engine: str
    languages: str = Field(pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$")
    tessdata: str = ""


class BucketOf(_Table):
    """A bucket of an S3 service."""

    endpoint: str = Field(default="", pattern=r"^(https?://[^/]+/?|)$")
    bucket: str = ""
    region: str = ""
    access_key_file: str = ""
    secret_key_file: str = ""
    authority_file: str = ""
    lock: Literal["governance", "compliance", ""] = "governance"
    lock_days: int = Field(default=30, gt=0)
    lock_years_at_most: int = Field(default=7, gt=0)


class S3(BucketOf):
    """The bucket of originals, where `parts.store` is `s3`."""

    spool_megabytes: int = Field(default=2000, ge=0)


class SecondCopy(_Table):
    """Where a second copy of all that is kept lies; nowhere where `store` is empty."""

    store: Literal["", "local", "s3"] = ""
    folder: str = ""
    s3: BucketOf = BucketOf()


class Encryption(_Table):
    """Whether what is kept is encrypted; it is not where `key_file` is empty."""

    key_file: str = ""


class Scrub(_Table):
    """When the walk over all that is kept goes on."""

    begins: time = time(1)
    minutes: int = Field(default=120, ge=0, le=1440)


class Office(_Table):
    """The office programs, which print letters and presentations; none where `program` is empty."""

    program: str = ""


class Acknowledge(_Table):
    """How and when senders are told."""

    undo_minutes: float = Field(ge=0)
    smtp_host: str
    smtp_port: int = Field(gt=0, lt=65536)
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_authority_file: str = ""
    smtp_user: str = ""
    smtp_password_file: str = ""
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


class Custody(_Table):
    """How the log of custody is sealed."""

    origin: str = Field(default="mailroom", pattern=r"^[^\s+]+$")
    key_file: str = ""
    heads_to: tuple[str, ...] = ()


class Backup(_Table):
    """Where backups go, and how often; none is taken by itself where `folder` is empty."""

    folder: str = ""
    hour: int = Field(default=2, ge=0, le=23)
    keep: int = Field(default=14, gt=0)
    alarm_after_hours: float = Field(default=36, gt=0)


class Alarms(_Table):
    """Who is told when something is wrong with the service."""

    to: tuple[str, ...]


class Silence(_Table):
    """When a way in is silent for longer than is usual."""

    watch: bool
    times: float = Field(ge=1)
    least_hours: float = Field(gt=0)


class Mailbox(_Table):
    """What the address of a mailbox says about what is sent there."""

    team: str | None = None
    case_type: str | None = None


class Mail(_Table):
    """Which mail is taken in, whichever way it comes."""

    domains: tuple[str, ...]
    tag_sign: str
    megabytes: int = Field(gt=0)
    authserv_id: str = Field(pattern=r"^[^\s;]*$")
    hosts: tuple[str, ...]
    log_days: int = Field(ge=1)
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


class ImapMailbox(_Table):
    """A mailbox that mail is taken out of."""

    host: str
    port: int = Field(default=993, gt=0, lt=65536)
    security: Literal["tls", "starttls"] = "tls"
    authority_file: str = ""
    user: str
    sign_in: Literal["password", "xoauth2", "oauthbearer"] = "password"
    password_file: str = ""
    token_url: str = Field(default="", pattern=r"^(https://.+|http://127\.0\.0\.1[:/].*|)$")
    client_id: str = ""
    client_secret_file: str = ""
    scope: str = ""
    address: str = ""
    folder: str = "INBOX"
    taken_folder: str = "Taken"


class Imap(_Table):
    """How mailboxes are looked into, and which."""

    idle: bool
    poll_seconds: float = Field(gt=0)
    timeout_seconds: float = Field(gt=0)
    alarm_after_seconds: float = Field(ge=0)
    return_path_is_proven: bool
    mailboxes: dict[str, ImapMailbox] = {}


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
    database_url_file: str = ""
    database_admin_url: str = ""
    database_admin_url_file: str = ""
    council: Council
    parts: Parts
    folders: dict[str, Folder]
    intake: Intake
    limits: ItemLimits
    malware: Malware
    ocr: Ocr
    office: Office = Office()
    custody: Custody = Custody()
    backup: Backup = Backup()
    s3: S3 = S3()
    second_copy: SecondCopy = SecondCopy()
    encryption: Encryption = Encryption()
    scrub: Scrub = Scrub()
    acknowledge: Acknowledge
    desk: Desk
    worker: Worker
    release: ReleaseFolder
    alarms: Alarms
    silence: Silence
    mail: Mail
    smtp: Smtp
    imap: Imap
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
