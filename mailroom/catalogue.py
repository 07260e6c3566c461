"""The catalogue, read once at the start from `config/`: what the council does, for whom, and by which clocks.

Before: `settings.py` knows the folder. After: `bootstrap` hands it out. What is wrong in a file is said at once,
with the file and the key, and so is what does not fit together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mailroom.domain.catalogue import UNSORTED, Service, Team, service_from, team_from
from mailroom.domain.errors import Misconfigured
from mailroom.domain.sla import ClockRule, clock_rule_from
from mailroom.domain.templates import ReturnReason, Template, return_reason_from, template_from
from mailroom.settings import read_table

_Built = TypeVar("_Built")


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
