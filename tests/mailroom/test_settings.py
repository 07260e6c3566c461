"""What is wrong in `config/teams.toml` is said at the start, all of it at once, by table and key, and what to write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mailroom.catalogue import load_catalogue
from mailroom.domain.errors import Misconfigured

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the configuration that a test may spoil."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def replace(config: Path, old: str, new: str) -> None:
    file = config / "teams.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def sentence(config: Path) -> str:
    with pytest.raises(Misconfigured) as told:
        load_catalogue(config)
    return str(told.value)


def test_the_configuration_of_the_repository_is_sound(config: Path) -> None:
    assert "waste" in load_catalogue(config).teams


def test_all_keys_that_are_missing_in_all_teams_are_named_at_once_with_their_tables(config: Path) -> None:
    replace(config, 'name = "Waste and Street Scene"\nemail = "waste@harrowdale.example"\n', "")
    replace(config, 'folder = "parking"\n', "")
    said = sentence(config)
    assert "teams.toml" in said
    assert "[teams.waste] name is missing: write" in said
    assert "[teams.waste] email is missing: write" in said
    assert "[teams.parking.release] folder is missing: write its folder below the release folder, for instance" in said
    assert "[teams.planning" not in said


def test_a_team_without_a_release_table_is_told_which_table_to_write(config: Path) -> None:
    replace(config, '[teams.waste.release]\nfolder = "waste"\n', "")
    assert "[teams.waste.release] folder is missing" in sentence(config)


def test_a_key_that_the_common_release_leaves_out_is_missing_in_the_teams_that_do_not_give_it(config: Path) -> None:
    replace(config, 'date_format = "%d/%m/%Y"\n', "")
    said = sentence(config)
    assert "[teams.waste.release] date_format is missing" in said
    assert "or in [release]" in said
    assert "[teams.planning" not in said


@pytest.mark.parametrize("value", ['""', "7", "[]"])
def test_a_folder_that_is_no_name_is_refused(config: Path, value: str) -> None:
    replace(config, 'folder = "waste"', f"folder = {value}")
    assert "[teams.waste.release] folder is" in sentence(config)


def test_a_release_that_is_no_table_is_refused(config: Path) -> None:
    replace(config, '[teams.waste.release]\nfolder = "waste"\n', 'release = "waste"\n')
    assert "[teams.waste] release is no table" in sentence(config)


@pytest.mark.parametrize("formats", ['["csv"]', '["csv", "xml"]'])
def test_formats_that_hand_over_no_document_are_refused(config: Path, formats: str) -> None:
    replace(config, 'folder = "waste"', f'folder = "waste"\nformats = {formats}')
    said = sentence(config)
    assert '[teams.waste] release.formats: without "pdf" no document would be handed over' in said


def test_formats_may_hand_over_the_document_alone(config: Path) -> None:
    replace(config, 'folder = "waste"', 'folder = "waste"\nformats = ["pdf"]')
    assert load_catalogue(config).teams["waste"].release.formats == ("pdf",)


def test_an_account_that_no_rule_finds_is_refused_with_those_that_there_are(config: Path) -> None:
    replace(config, 'folder = "waste"', 'folder = "waste"\naccounts = ["bin_number"]')
    said = sentence(config)
    assert "[teams.waste.release] accounts: there is no [references.bin_number] in rules.toml" in said
    assert "council_tax_account" in said


def test_an_account_that_stands_outside_a_list_is_refused(config: Path) -> None:
    replace(config, 'folder = "waste"', 'folder = "waste"\naccounts = "complaint"')
    assert "release.accounts: 'complaint' is no list: write [\"complaint\"]" in sentence(config)
