"""One verdict of several."""

import pytest

from classifiers.classifier import Candidate, Flag, Verdict
from classifiers.combine import combine

RULES = Verdict((Candidate("bins", 0.8, ("missed bin",)), Candidate("rats", 0.1, ("rats",))), flags=(Flag("chaser"),))
MODEL = Verdict((Candidate("rats", 0.6, ("vermin",)),), sensitive=True, flags=(Flag("chaser", reasons=("again",)),))


def test_confidences_are_averaged_and_reasons_kept() -> None:
    verdict = combine([RULES, MODEL])
    assert verdict.candidates == (Candidate("bins", 0.4, ("missed bin",)), Candidate("rats", 0.35, ("vermin", "rats")))


def test_the_weight_of_a_classifier_counts() -> None:
    assert combine([RULES, MODEL], [1.0, 3.0]).candidates[0].label == "rats"


def test_what_one_classifier_fears_is_kept() -> None:
    verdict = combine([RULES, MODEL])
    assert verdict.sensitive
    assert verdict.flags == (Flag("chaser", reasons=("again",)),)


def test_one_verdict_stays_as_it_is() -> None:
    assert combine([RULES]) == RULES


@pytest.mark.parametrize(
    ("verdicts", "weights"), [([], None), ([RULES], []), ([RULES], [0.0]), ([RULES, MODEL], [1.0])]
)
def test_what_cannot_be_combined_is_refused(verdicts: list[Verdict], weights: list[float] | None) -> None:
    with pytest.raises(ValueError, match="verdict"):
        combine(verdicts, weights)
