"""From suggestions to a decision, or to a doubt that a person reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailroom.domain.catalogue import UNSORTED, Service
from mailroom.domain.deciding import Finding, decide
from mailroom.domain.decision import Sensitivity, Suggestion, Urgency


def service(key: str, sensitivity: Sensitivity = Sensitivity.NORMAL, statutory: str | None = None) -> Service:
    return Service(key, key.title(), f"{key}-team", sensitivity, (), "r", "X", statutory=statutory)


SERVICES = {
    "bins": service("bins"),
    "foi": service("foi", statutory="foi"),
    "child": service("child", Sensitivity.LIMITED),
    UNSORTED: service(UNSORTED),
}
BINS, FOI, CHILD = Suggestion("bins", 0.9, ("bin",)), Suggestion("foi", 0.85), Suggestion("child", 0.9)


def threshold(case_type: str) -> float:
    return 0.95 if case_type == "foi" else 0.8


def test_a_sure_suggestion_is_settled_with_its_team_and_reasons() -> None:
    decision, doubt = decide(Finding([BINS]), SERVICES, threshold)
    assert doubt is None
    assert (decision.case_type, decision.team, decision.settled) == ("bins", "bins-team", True)
    assert (decision.sensitivity, decision.urgency, decision.reasons) == ("normal", "normal", ("bin",))


@pytest.mark.parametrize(
    ("finding", "cause", "words"),
    [
        ({"suggestions": [BINS], "readable": False}, "no_text", "No words"),
        ({"suggestions": [BINS], "damaged_pages": [2, 3]}, "damaged", "page 2, 3"),
        ({"suggestions": [BINS], "unread_pages": [4]}, "unread", "page 4 could not be read"),
        ({"suggestions": [BINS], "attachments": 1}, "attachments", "1 attachment that"),
        ({"suggestions": [BINS], "attachments": 2}, "attachments", "2 attachments that"),
        ({"suggestions": []}, "unsure", "Nothing in it"),
        ({"suggestions": [BINS], "sensitive": True}, "unsure", "at risk"),
        ({"suggestions": [Suggestion("bins", 0.79)]}, "unsure", "It may be 'Bins'"),
        ({"suggestions": [Suggestion("bins", 0.5), Suggestion("foi", 0.4)]}, "unsure", "'Bins' and 'Foi'"),
        ({"suggestions": [FOI]}, "unsure", "It may be 'Foi'"),
        ({"suggestions": [BINS], "statutory": "foi"}, "conflict", "(foi)"),
    ],
)
def test_each_doubt_keeps_it_open_and_says_why(finding: dict[str, Any], cause: str, words: str) -> None:
    decision, doubt = decide(Finding(**finding), SERVICES, threshold)
    assert doubt is not None
    assert doubt.cause == cause
    assert words in doubt.sentence
    assert (decision.settled, decision.case_type, decision.team) == (False, UNSORTED, f"{UNSORTED}-team")
    assert decision.suggestions == tuple(finding["suggestions"])


@pytest.mark.parametrize(
    ("suggestions", "sensitive", "limited"),
    [
        ([BINS], False, False),
        ([BINS], True, True),
        ([BINS, Suggestion("child", 0.01)], False, True),
        ([CHILD], False, True),
        ([], True, True),
        ([], False, False),
    ],
)
def test_any_possible_limited_type_makes_it_limited(
    suggestions: list[Suggestion], sensitive: bool, limited: bool
) -> None:
    decision, _ = decide(Finding(suggestions, sensitive=sensitive), SERVICES, threshold)
    assert (decision.sensitivity is Sensitivity.LIMITED) == limited


def test_a_limited_item_is_settled_by_machine_as_its_own_type_alone() -> None:
    decision, doubt = decide(Finding([CHILD], sensitive=True), SERVICES, threshold)
    assert (doubt, decision.settled, decision.case_type) == (None, True, "child")


@pytest.mark.parametrize(("confidence", "settled"), [(0.8, True), (0.7999, False)])
def test_the_threshold_itself_is_enough(confidence: float, settled: bool) -> None:
    decision, _ = decide(Finding([Suggestion("bins", confidence)]), SERVICES, threshold)
    assert decision.settled == settled


def test_the_regime_is_that_of_the_type_or_else_the_one_hinted_at() -> None:
    sure = decide(Finding([Suggestion("foi", 0.99)], statutory="foi"), SERVICES, threshold)[0]
    hinted = decide(Finding([BINS], statutory="sar"), SERVICES, threshold)[0]
    assert (sure.statutory, sure.settled, hinted.statutory, hinted.settled) == ("foi", True, "sar", False)


def test_urgency_is_kept() -> None:
    assert decide(Finding([BINS], urgent=True), SERVICES, threshold)[0].urgency is Urgency.URGENT


@pytest.mark.parametrize(
    ("sure", "next_to_it", "urgency"),
    [(0.9, 0.6, Urgency.NORMAL), (0.7, 0.2, Urgency.NORMAL), (0.7, 0.6, Urgency.URGENT)],
)
def test_what_wants_no_answer_is_not_urgent_unless_something_else_comes_close(
    sure: float, next_to_it: float, urgency: Urgency
) -> None:
    away = replace(service("away"), closes="It is an automatic reply.")
    finding = Finding([Suggestion("away", sure), replace(BINS, confidence=next_to_it)], urgent=True)
    assert decide(finding, {**SERVICES, "away": away}, threshold)[0].urgency is urgency


def test_what_may_concern_somebody_at_risk_is_urgent() -> None:
    assert decide(Finding([BINS], sensitive=True), SERVICES, threshold)[0].urgency is Urgency.URGENT
