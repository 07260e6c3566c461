"""How a letter greets its reader."""

from __future__ import annotations

import pytest

from mailroom.domain.salutation import SURE_OF_A_NAME, salutation


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Mrs Joan Pemberton", "Dear Mrs Pemberton"),
        ("Mrs. J Pemberton", "Dear Mrs Pemberton"),
        ("Tracey Boothroyd (Ms)", "Dear Ms Boothroyd"),
        ("Dr A. de Souza", "Dear Dr de Souza"),
        ("Sir Kenneth Marlowe", "Dear Sir Kenneth"),
        ("Lady Marlowe", "Dear Lady Marlowe"),
        ("Miss Carys ap Rhys", "Dear Miss ap Rhys"),
        ("Mr O'Brien-Hall", "Dear Mr O'Brien-Hall"),
        ("Joan Pemberton", "Dear Joan Pemberton"),
        ("N. Greenhalgh", "Dear N. Greenhalgh"),
        ("Drew Missen", "Dear Drew Missen"),
    ],
)
def test_a_sender_is_greeted_by_title_and_surname_or_by_the_whole_name(name: str, greeting: str) -> None:
    assert salutation(name, 0.9, "en") == greeting


@pytest.mark.parametrize(("name", "confidence"), [(None, 0.0), ("", 1.0), ("  ", 1.0), ("Mrs Bell", 0.6)])
def test_a_name_that_is_not_sure_is_none(name: str | None, confidence: float) -> None:
    assert salutation(name, confidence, "en") == "Dear Sir or Madam"
    assert salutation(name, confidence, "cy") == "Annwyl Syr neu Fadam"


def test_the_greeting_is_in_the_language_of_the_letter() -> None:
    assert salutation("Mrs Mair Prydderch", SURE_OF_A_NAME, "cy") == "Annwyl Mrs Prydderch"
