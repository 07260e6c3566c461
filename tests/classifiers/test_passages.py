"""The parts of a letter."""

import pytest

from classifiers.passages import Part, passages_of

LETTER = "Mrs J Bell\nHD3 2LP\n\nDear Sir\n\nRe: my bin\n\nIt was left again on Monday, and nobody came.\n"


def part_of(text: str, words: str) -> Part:
    position = text.index(words)
    return next(one.part for one in passages_of(text) if one.start <= position < one.end)


@pytest.mark.parametrize(
    ("words", "part"), [("Mrs J Bell", Part.HEADING), ("Re: my bin", Part.TITLE), ("It was left", Part.BODY)]
)
def test_a_letter_has_a_heading_a_title_and_a_body(words: str, part: Part) -> None:
    assert part_of(LETTER, words) is part


def test_a_form_without_greeting_begins_with_its_title() -> None:
    assert part_of("Application for a permit\nName: Jo Bell lives here, at last.", "Application") is Part.TITLE


@pytest.mark.parametrize(
    "mark",
    ["> It was left", "On Mon, 2 Nov 2026 at 10:00, Jo Bell wrote:\nIt was left", "--- Original Message\nIt was left"],
)
def test_an_earlier_message_is_quoted(mark: str) -> None:
    text = f"Thank you, that will do very well.\n{mark}\n"
    assert part_of(text, "It was left") is Part.QUOTED


def test_a_second_page_is_the_same_letter_unless_it_greets_somebody() -> None:
    assert part_of(f"{LETTER}\fand so it goes on.", "and so it goes on") is Part.BODY
    assert part_of(f"{LETTER}\fDear Mrs Bell\n\nThank you for yours.", "Thank you for yours") is Part.ENCLOSED


@pytest.mark.parametrize("text", [LETTER, "", "\f\f", "Dear", "> all of it is quoted", f"{LETTER}\fDear Jo\fmore"])
def test_the_parts_cover_the_text_without_gap_or_overlap(text: str) -> None:
    passages = passages_of(text)
    assert "".join(text[one.start : one.end] for one in passages) == text
