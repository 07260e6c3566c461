"""How cues are written and found, also in a text that was badly read."""

import pytest

from classifiers.cues import Cue, CueIndex
from classifiers.words import fold


def found(cue: str, text: str, *, mend: bool = False, never: tuple[str, ...] = ()) -> list[str]:
    index = CueIndex([Cue.parse(cue)], never)
    return [text[one.start : one.end] for one in index.find(text, 0, len(text), mend=mend)]


@pytest.mark.parametrize(
    ("cue", "text", "words"),
    [
        ("council tax", "my Council\nTax bill", ["Council\nTax"]),
        ("council tax", "the tax of the council", []),
        ("overpa*", "an overpayment and overpaid", ["overpayment", "overpaid"]),
        ("bin|bins|caddy", "two bins, a caddy", ["bins", "caddy"]),
        ("please .. figures", "please send me the figures", ["please send me the figures"]),
        ("please .. figures", "please a b c d e f g figures", []),
        ("please ... figures", "please a b c d e f g figures", ["please a b c d e f g figures"]),
        ("fly tip*", "fly-tipping", ["fly-tipping"]),
        ("neighbour", "my neighbour's", ["neighbour's"]),
        ("llyfrgell", "y LLYFRGELL", ["LLYFRGELL"]),
        (r"/claim no\.? \d+/", "see Claim No. 17", ["Claim No. 17"]),
    ],
)
def test_a_cue_is_found_as_written(cue: str, text: str, words: list[str]) -> None:
    assert found(cue, text) == words


@pytest.mark.parametrize(
    ("cue", "misread"),
    [
        ("housing benefit", "Hous1ng Benef|t"),
        ("council tax", "C0uncil Tax"),
        ("office", "o\ufb03ce"),
        ("return", "retum"),
    ],
)
def test_look_alike_characters_and_ligatures_make_no_difference(cue: str, misread: str) -> None:
    assert found(cue, misread) == [misread]


def test_a_word_divided_at_the_end_of_a_line_is_whole() -> None:
    assert found("discount", "the dis-\ncount") == ["dis-\ncount"]


def test_mending_leaves_the_first_letter_and_protected_words_alone() -> None:
    assert found("parking", "the barking dog", mend=True) == []
    assert found("planning", "planting", mend=True) == ["planting"]
    assert found("planning", "planting", mend=True, never=("planting",)) == []


@pytest.mark.parametrize("written", ["", "   ", ".. bin", "bin ..", "ab*", "%", "bin|", "/[/", "a|b&c"])
def test_a_cue_that_can_never_be_found_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"cue|word"):
        Cue.parse(written)


def test_a_number_keeps_its_digits() -> None:
    assert fold("21") == "21"
