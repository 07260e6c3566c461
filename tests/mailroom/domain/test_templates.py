"""A template or reason that says something wrong is refused by the name of its key."""

from __future__ import annotations

from typing import Any

import pytest

from mailroom.domain.templates import Kind, return_reason_from, template_from

FULL: dict[str, Any] = {"title": "T", "kind": "full", "outcome": "done"}
AGAIN = {"title": "T", "kind": "again", "causes": ["encrypted"], "fill_in": {"document": "the names"}}


def test_a_template_is_what_its_table_says() -> None:
    made = template_from("t", {**FULL, "case_types": ["foi"], "fill_in": {"answer": "the answer"}})
    assert (made.kind, made.outcome, made.fill_in) == (Kind.FULL, "done", {"answer": "the answer"})
    assert made.fits("foi")
    assert not made.fits("eir")
    assert template_from("t", FULL).fits("eir")


def test_what_is_asked_for_again_is_no_answer_to_any_case() -> None:
    made = template_from("unlock", AGAIN)
    assert (made.kind, made.causes, made.fits("foi")) == (Kind.AGAIN, ("encrypted",), False)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({**FULL, "title": ""}, "title is missing"),
        ({**FULL, "kind": "other"}, "other"),
        ({"title": "T", "kind": "full"}, "outcome is missing"),
        ({**FULL, "kind": "holding"}, "only a full answer closes"),
        ({**FULL, "fill_in": {"reference": "r"}}, "reference is filled in by the mailroom"),
        ({**FULL, "teams": []}, "teams is not a key here"),
        ({**FULL, "causes": ["encrypted"]}, "only what is asked for again"),
        ({**AGAIN, "causes": []}, "needs causes"),
        ({**AGAIN, "causes": ["encrypted", "unsure"]}, "unsure is none of"),
        ({**AGAIN, "fill_in": {"document": "d", "why": "w"}}, "all that is filled in"),
    ],
)
def test_a_wrong_template_is_refused(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        template_from("t", table)


def test_a_wrong_reason_is_refused() -> None:
    assert return_reason_from("r", {"title": "T", "belongs_elsewhere": True}).belongs_elsewhere
    for table, sentence in [({}, "title is missing"), ({"title": "T", "team": 1}, "team is not a key")]:
        with pytest.raises(ValueError, match=sentence):
            return_reason_from("r", table)
