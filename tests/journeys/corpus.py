"""`make test-corpus CORPUS=DIR`: every file of a foreign folder through the journey, each with a case, none lost.

Not part of `make test`: the repository ships no foreign files. Prints how many files came to which end.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mailroom.bootstrap import open_mailroom
from mailroom.desk.audit import fetch_original
from mailroom.domain.access import Role, Viewer

AUDITOR = Viewer("test", frozenset({Role.AUDITOR}), named_for_limited=True)
CORPUS = Path(os.environ["CORPUS"])


@pytest.fixture(scope="module", autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["MAILROOM_DATA"] = str(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def taken(_environment: None) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = _mailroom("take", str(CORPUS), "--wait")
    return lines


def _mailroom(*arguments: str) -> Any:  # noqa: ANN401  # whatever the command printed
    command = [sys.executable, "-m", "mailroom", *arguments, "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


@pytest.mark.timeout(7200)
def test_every_file_is_captured_or_an_exception_with_a_case(taken: list[dict[str, Any]]) -> None:
    files = [file for file in CORPUS.rglob("*") if file.is_file()]
    print(Counter(line["state"] for line in taken))
    assert len(taken) == len(files)
    assert [line for line in taken if line["state"] not in ("captured", "exception") or not line["case"]] == []


@pytest.mark.timeout(7200)
def test_every_original_comes_back_byte_for_byte(taken: list[dict[str, Any]], tmp_path: Path) -> None:
    with open_mailroom() as services:
        for line in taken:
            back = tmp_path / "original"
            fetch_original(line["item"], back, AUDITOR, "test", services)
            sent = hashlib.sha256(Path(line["path"]).read_bytes()).digest()
            assert hashlib.sha256(back.read_bytes()).digest() == sent, line["path"]


@pytest.mark.timeout(7200)
def test_the_ledger_balances_and_the_chain_is_whole(taken: list[dict[str, Any]]) -> None:
    balance = _mailroom("reconcile")
    assert (balance["difference"], balance["missing"]) == (0, [])
    assert _mailroom("verify")["faults"] == []
