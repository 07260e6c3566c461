"""The council's own rules and catalogue, parsed once: the tests measure what is shipped."""

import sys
import tomllib
from pathlib import Path

import pytest

from classifiers.fields import FieldFinder
from classifiers.rules import RuleClassifier

sys.path.append(str(Path(__file__).parent))  # for `paper`, on which tests put their words

OURSELVES = {
    "names": ["Harrowdale District Council", "Harrowdale Council", "Civic Hall", "Brackenshire County Council"],
    "postcodes": ["HD1 1AA"],
    "domains": ["harrowdale.example"],
    "phones": ["01632 960100"],
}
CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="session")
def tables() -> dict[str, object]:
    rules = tomllib.loads((CONFIG / "rules.toml").read_text(encoding="utf-8"))
    services = tomllib.loads((CONFIG / "services.toml").read_text(encoding="utf-8"))
    return {**rules, **services, "council": OURSELVES}


@pytest.fixture(scope="session")
def classifier(tables: dict[str, object]) -> RuleClassifier:
    return RuleClassifier.from_table(tables)


@pytest.fixture(scope="session")
def finder(tables: dict[str, object]) -> FieldFinder:
    return FieldFinder.from_table(tables)
