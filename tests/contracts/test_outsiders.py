"""A package from outside is held to our contracts: the examples of CONTRIBUTING.md, installed as such a package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from contenders import KINDS, not_put_to_the_test

from mailroom import plugins

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
REGISTERED = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[0]
STORE = """
[mailroom.contracts.storage]
outside = acme_mailroom:make_store
[mailroom.contracts.classifiers]
outside = acme_mailroom:make_classifier
[mailroom.contracts.ocr]
outside = ocr.tesserocr_engine:TesserocrEngine
"""
MAKERS = """
def make_store(folder):
    from storage.local import LocalStore
    return LocalStore(folder / "objects")


def make_classifier(tables):
    from classifiers.rules import RuleClassifier
    return RuleClassifier.from_table(tables)
"""


def installed(folder: Path, code: str) -> Path:
    """A folder that Python takes for the place where a package with this code is installed."""
    (folder / "acme_mailroom.py").write_text(code + MAKERS, encoding="utf-8")
    described = folder / "acme_mailroom-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-mailroom\nVersion: 1.0\n", encoding="utf-8")
    groups = re.sub(r'\[project\.entry-points\."(.*?)"\]', r"[\1]", REGISTERED).replace('"', "")
    (described / "entry_points.txt").write_text(groups + STORE, encoding="utf-8")
    return folder


def run_suite(suite: str, name: str, place: Path) -> tuple[int, str]:
    """Run what a suite has for the connector of this name, with the package installed; its code and what it said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/contracts/{suite}", "-k", name]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_example_of_the_guide_passes_the_contract_of_case_systems(tmp_path: Path) -> None:
    code, said = run_suite("test_case_system.py", "folder", installed(tmp_path, "\n".join(EXAMPLES)))
    assert code == 0, said
    assert int(re.findall(r"(\d+) passed", said)[0]) >= 9
    assert "skipped" not in said


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("request.key.encode()", "os.urandom(8)"),
        ('"closed"', '"open"'),
        ("raise Transient", "raise RuntimeError"),
        ('"index": dict(request.index)', '"index": {"sender_name": "Bell"}'),
    ],
)
def test_an_outsider_that_breaks_the_contract_fails(tmp_path: Path, sound: str, broken: str) -> None:
    example = "\n".join(EXAMPLES)
    assert sound in example
    place = installed(tmp_path, "import os\n" + example.replace(sound, broken, 1))
    code, said = run_suite("test_case_system.py", "folder", place)
    assert code == 1, said


@pytest.mark.parametrize("suite", ["test_object_store.py", "test_classifier.py", "test_ocr_engine.py"])
def test_other_parts_of_an_outsider_are_held_to_their_contracts(tmp_path: Path, suite: str) -> None:
    code, said = run_suite(suite, "outside", installed(tmp_path, "\n".join(EXAMPLES)))
    assert code == 0, said
    assert int(re.findall(r"(\d+) passed", said)[0]) >= 5


def test_the_example_is_found_by_the_name_that_it_is_registered_under(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(installed(tmp_path, "\n".join(EXAMPLES))))
    assert plugins.find("mailroom.crm", "folder", {}).__name__ == "FolderCrm"
    assert not_put_to_the_test("crm") == []
    monkeypatch.delitem(sys.modules, "acme_mailroom")


def test_no_installed_connector_is_without_a_way_to_make_it_for_test() -> None:
    found = [f"mailroom.{kind}: {name}" for kind in KINDS for name in not_put_to_the_test(kind)]
    if found:
        pytest.skip(f"not put to the test, for want of an entry under mailroom.contracts: {', '.join(found)}")
