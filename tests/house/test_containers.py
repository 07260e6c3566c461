"""Containers are made and run with care: no root, no writing about, no password in sight, nothing without a check."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from mailroom.bootstrap.encryption import MasterKeyFile
from mailroom.cli.app import app
from mailroom.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ENDS_BY_ITSELF = {"prepare", "bucket", "migrate"}
_POSTFIX = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"}
MAY_BE_ROOT = {"prepare": {"CHOWN"}, "mail": _POSTFIX}
OURS = {"migrate", "web", "channels", "work"}
DOCKERFILES = [ROOT / "Dockerfile", ROOT / "containers" / "postfix" / "Dockerfile"]
EXACT = re.compile(
    r"^(docker\.io/[a-z]+/[a-z]+|council-mailroom(-postfix)?):[\w.-]*\d+\.?\d*[\w.-]*(@sha256:[0-9a-f]{64})?$"
)
each_service = pytest.mark.parametrize("name", SERVICES)


def usual(value: str) -> str:
    """What a value is where nothing is said in the environment."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


@each_service
def test_a_service_writes_nowhere_and_gains_nothing(name: str) -> None:
    told = SERVICES[name]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert set(told.get("cap_add", ())) == MAY_BE_ROOT.get(name, set())
    assert "privileged" not in told
    user, _, group = told["user"].partition(":")
    assert user.isdigit()
    assert group.isdigit()
    assert (int(user) == 0) == (name in MAY_BE_ROOT)


@each_service
def test_a_service_is_looked_after(name: str) -> None:
    told = SERVICES[name]
    if name in ENDS_BY_ITSELF:
        assert told["healthcheck"] == {"disable": True}
        assert told["restart"] == "no"
        waited_for = [
            other["depends_on"].get(name) for other in SERVICES.values() if name in other.get("depends_on", {})
        ]
        assert waited_for
        assert all(one == {"condition": "service_completed_successfully"} for one in waited_for)
    else:
        assert told["healthcheck"]["test"][0] == "CMD"
        assert {"interval", "timeout", "retries", "start_period"} <= told["healthcheck"].keys()
        assert told["restart"] == "unless-stopped"


@each_service
def test_an_image_is_named_exactly(name: str) -> None:
    assert EXACT.match(usual(SERVICES[name]["image"])), SERVICES[name]["image"]


@each_service
def test_no_secret_stands_in_the_environment_and_each_one_named_is_given(name: str) -> None:
    told = SERVICES[name]
    given = {one if isinstance(one, str) else one["source"] for one in told.get("secrets", ())}
    assert given <= COMPOSE["secrets"].keys()
    for key, value in told.get("environment", {}).items():
        if re.search("PASSWORD|SECRET|ACCESS_KEY|KEY_FILE|DATABASE|ROOT_USER", key):
            assert key.endswith("_FILE"), key
            assert usual(value).removeprefix("/run/secrets/") in {*given, ""}, key
        assert "://" not in str(value) or "@" not in str(value)


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_puts_or_reads_originals_has_the_master_keys_once_encryption_is_turned_on(name: str) -> None:
    told = SERVICES[name]
    opens = name != "migrate"
    assert ("master_keys" in told["secrets"]) == opens
    asked = told["environment"].get("MAILROOM_ENCRYPTION__KEY_FILE")
    assert asked == ("${MAILROOM_ENCRYPTION__KEY_FILE:-}" if opens else None)


@each_service
def test_what_a_service_mounts_is_there(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source = volume.partition(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], volume
        assert volume.endswith(":ro") or not source.startswith(".")


def test_the_database_and_the_store_are_reached_by_nobody_outside() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("database", "objects", "bucket", "migrate", "work"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    ports = [usual(port) for told in SERVICES.values() for port in told.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_run_commands_and_settings_that_there_are(name: str) -> None:
    told = SERVICES[name]
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group of several commands
    assert told["command"] in commands
    if name != "migrate":
        assert told["healthcheck"]["test"] == ["CMD", "mailroom", "alive", told["command"]]
    for key in told["environment"]:
        table, _, rest = key.removeprefix("MAILROOM_").lower().partition("__")
        model = Settings.model_fields[table].annotation
        if rest and table != "folders":
            assert rest in model.model_fields, key  # type: ignore[union-attr]  # a table of the settings
    assert ("database_admin_url" in told["secrets"]) == (name == "migrate")


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name)
def test_an_image_is_made_from_what_is_there_and_named_exactly(file: Path) -> None:
    lines = re.sub(r"\\\n", " ", file.read_text(encoding="utf-8")).splitlines()
    base = next(line.removeprefix("ARG BASE=") for line in lines if line.startswith("ARG BASE="))
    assert EXACT.match(base)
    assert all(line.split()[1] == "${BASE}" for line in lines if line.startswith("FROM "))
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            *sources, _ = line.split()[1:]
            assert all((file.parent / source).exists() for source in sources), line
        if "pip install" in line:
            assert "--require-hashes" in line or "--no-deps" in line


def test_the_image_is_ours_under_an_account_of_its_own_and_told_nothing_that_it_need_not_know() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    kept_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in kept_out
    copied = [line.split()[1] for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line]
    assert {source.partition("/")[0] for source in copied} <= {line[1:] for line in kept_out if line.startswith("!")}


def test_the_secrets_that_are_named_are_made_once(tmp_path: Path) -> None:
    for script in ("make_secrets.sh", "pin_images.sh"):
        (tmp_path / "containers").mkdir(exist_ok=True)
        shutil.copy(ROOT / "containers" / script, tmp_path / "containers")
    make = [tmp_path / "containers" / "make_secrets.sh"]
    subprocess.run(make, check=True, timeout=60)
    folder = tmp_path / "secrets"
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert made.keys() == COMPOSE["secrets"].keys()
    assert all(told["file"] == f"./secrets/{name}" for name, told in COMPOSE["secrets"].items())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made["database_url"].startswith("postgresql://mailroom:")
    assert "BEGIN PRIVATE KEY" in made["custody_key"]
    assert made["master_keys"] == ""
    (folder / "master_keys").chmod(0o600)
    (folder / "master_keys").write_text("kept")
    (folder / "s3_access_key").unlink()
    subprocess.run(make, check=True, timeout=60)
    again = {file.name: file.read_text() for file in folder.iterdir()}
    assert {name for name in made if made[name] != again[name]} == {"s3_access_key", "master_keys"}
    assert again["master_keys"] == "kept"


def test_the_images_that_are_pinned_are_those_that_are_named(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho "sha256:$(printf %s "$5" | sha256sum | cut -d" " -f1)"\n')
    docker.chmod(0o755)
    told = subprocess.run(
        [ROOT / "containers" / "pin_images.sh"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = dict(line.split("=", 1) for line in told.stdout.splitlines())
    assert lines.keys() == {"POSTGRES_IMAGE", "SILO_IMAGE", "MAILROOM_BASE", "POSTFIX_BASE"}
    assert all(EXACT.match(image) and "@sha256:" in image for image in lines.values())


def test_a_master_key_is_made_by_the_image_for_its_own_account_and_read_by_the_mailroom(tmp_path: Path) -> None:
    """What the script has the image do is done here, by our own command and without its change of owner."""
    (tmp_path / "containers").mkdir()
    (tmp_path / "secrets").mkdir()
    script = shutil.copy(ROOT / "containers" / "make_master_key.sh", tmp_path / "containers")
    docker = tmp_path / "docker"
    docker.write_text(f"""#!/bin/sh
while [ "$1" != -c ]; do [ "$1" = --volume ] && from=${{2%%:*}}; shift; done
chown() {{ echo "chown $*"; }}
eval "$(echo "$2" | sed "s,/secrets/,$from/,g; s,^mailroom ,{sys.executable} -m mailroom ,")"
""")
    docker.chmod(0o755)
    for number in (1, 2):
        told = subprocess.run(
            [script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True, timeout=60
        )
        file = tmp_path / "secrets" / "master_keys"
        assert f"chown 10001:10001 {file}" in told.stdout
        assert file.stat().st_mode & 0o777 == 0o400
        assert len(MasterKeyFile(file).names) == number
