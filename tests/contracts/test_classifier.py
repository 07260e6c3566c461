"""What every classifier must keep; each entry of `BUILTIN` is taken through it by itself.

So is what an installed package registers under `mailroom.contracts.classifiers`: called with the parsed tables of rules
and services, it returns a classifier.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from contenders import contenders

from classifiers import BUILTIN
from classifiers.classifier import Classifier, Evidence
from mailroom import plugins

Tables = dict[str, Any]
CONFIG = Path(__file__).parents[2] / "config"
TEXTS = [
    "",
    "\f\f",
    "\x00\ufffd\u202e" * 100,
    "word " * 20_000,
    "Dear Sir\n\nMy bin was not emptied, I make a formal complaint, and a child is left alone next door.\n\nJo Bell",
    "Annwyl Syr\n\nHoffwn gwyno am y gwasanaeth.",
]


@pytest.fixture(scope="module")
def tables() -> Tables:
    names = ("rules.toml", "services.toml")
    parsed = [tomllib.loads((CONFIG / name).read_text(encoding="utf-8")) for name in names]
    return {key: value for table in parsed for key, value in table.items()}


MAKERS = contenders("classifiers", {name: plugins.load(place).from_table for name, place in BUILTIN.items()})


@pytest.fixture(scope="module", params=sorted(MAKERS))
def classifier(request: pytest.FixtureRequest, tables: Tables) -> Classifier:
    return MAKERS[request.param](tables)


def test_it_keeps_the_protocol(classifier: Classifier) -> None:
    assert isinstance(classifier, Classifier)


@pytest.mark.parametrize("text", TEXTS, ids=["empty", "pages", "garbage", "long", "mixed", "welsh"])
@pytest.mark.parametrize("reading", [0.0, 0.5, 1.0])
def test_every_text_gets_a_ranked_verdict_of_known_labels(
    classifier: Classifier, tables: Tables, text: str, reading: float
) -> None:
    verdict = classifier.classify(Evidence(text, text_confidence=reading))
    confidences = [candidate.confidence for candidate in verdict.candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert sum(confidences) <= 1.001
    labels = [candidate.label for candidate in verdict.candidates]
    assert len(set(labels)) == len(labels)
    assert set(labels) <= set(tables["services"])


def test_the_same_evidence_gets_the_same_verdict(classifier: Classifier) -> None:
    evidence = Evidence(TEXTS[4])
    assert classifier.classify(evidence) == classifier.classify(evidence)


def test_a_possible_limited_label_makes_the_verdict_sensitive(classifier: Classifier, tables: Tables) -> None:
    verdict = classifier.classify(Evidence(TEXTS[4]))
    limited = [one for one in verdict.candidates if tables["services"][one.label]["sensitivity"] == "limited"]
    assert limited
    assert verdict.sensitive


def test_a_reading_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="text_confidence"):
        Evidence("x", text_confidence=1.5)
