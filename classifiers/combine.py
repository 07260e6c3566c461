"""One verdict of several: the classifiers' confidences are averaged by weight, and what any of them fears is kept.

Before: each classifier has given its verdict on the same evidence. After: the caller acts on one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from classifiers.classifier import Candidate, Flag, Verdict


def combine(verdicts: Sequence[Verdict], weights: Sequence[float] | None = None) -> Verdict:
    """Return the weighted mean of several verdicts.

    A label that a classifier does not name counts as 0 there, so the confidences still sum to at most 1. Reasons are
    kept from all, the surest classifier's first. The result is sensitive if any verdict is, and keeps every flag.

    Args:
        verdicts: at least one.
        weights: one positive number a verdict; None weighs all alike.

    Raises:
        ValueError: there is no verdict, or the weights do not fit.
    """
    shares = _shares(len(verdicts), weights)
    confidences: dict[str, float] = defaultdict(float)
    voices: dict[str, list[Candidate]] = defaultdict(list)
    for verdict, share in zip(verdicts, shares, strict=True):
        for candidate in verdict.candidates:
            confidences[candidate.label] += share * candidate.confidence
            voices[candidate.label].append(candidate)
    ranked = sorted(confidences.items(), key=lambda pair: (-pair[1], pair[0]))
    return Verdict(
        candidates=tuple(Candidate(label, round(value, 4), _reasons(voices[label])) for label, value in ranked),
        sensitive=any(verdict.sensitive for verdict in verdicts),
        flags=_flags(verdicts),
    )


def _shares(count: int, weights: Sequence[float] | None) -> list[float]:
    if count == 0:
        raise ValueError("there is no verdict to combine")
    chosen = [1.0] * count if weights is None else list(weights)
    if len(chosen) != count or any(weight <= 0 for weight in chosen):
        raise ValueError(f"{count} verdicts need {count} positive weights")
    return [weight / sum(chosen) for weight in chosen]


def _reasons(voices: Sequence[Candidate]) -> tuple[str, ...]:
    loudest_first = sorted(voices, key=lambda candidate: -candidate.confidence)
    return tuple(dict.fromkeys(reason for candidate in loudest_first for reason in candidate.reasons))


def _flags(verdicts: Sequence[Verdict]) -> tuple[Flag, ...]:
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for flag in (flag for verdict in verdicts for flag in verdict.flags):
        reasons[flag.name, flag.value] += flag.reasons
    return tuple(Flag(name, value, tuple(dict.fromkeys(why))) for (name, value), why in reasons.items())
