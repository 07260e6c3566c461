"""The place of a letter that matches, cut out as plain text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailroom.domain.query import terms_of
from mailroom.domain.snippets import snippet


def cut(text: str, words: str) -> str:
    """The pieces, those that are lit between brackets."""
    return "".join(f"[{piece.text}]" if piece.lit else piece.text for piece in snippet(text, terms_of(words)))


def test_the_words_that_match_are_told_apart() -> None:
    assert cut("My green bin was missed, the bin!", "BIN") == "My green [bin] was missed, the [bin]!"
    assert cut("My green bin was missed", '"green bin" miss*') == "My [green bin] was [missed]"
    assert cut("Yours, Mrs Pembert0n", "pemberton") == "Yours, Mrs [Pembert0n]"
    assert cut("Herr MÜLLER", "muller") == "Herr [MÜLLER]"
    assert cut("snake_bin, bins, cabin", "bin") == "snake_[bin], bins, cabin"


def test_words_are_lit_where_they_stand_however_long_their_letters_are_when_they_are_compared() -> None:
    assert cut("İİ the q̃uiet 한국 bin", "quiet") == "İİ the [q̃uiet] 한국 bin"
    assert cut("İİ the q̃uiet 한국 bin", "한국 bin") == "İİ the q̃uiet [한국] [bin]"
    assert cut("ΟΔΟΣ Έλλη", "οδος") == "[ΟΔΟΣ] Έλλη"
    assert cut(f"to {'x' * 90} there", "x" * 90) == f"to [{'x' * 90}] there"


def test_where_nothing_matches_there_is_no_place() -> None:
    assert cut("My green bin", "refund") == cut("My green bin", '"bin green"') == cut("My bin", "-bin") == ""


def test_a_long_text_is_cut_at_the_edges_of_words() -> None:
    place = cut("before " * 100 + "the bin " + "after " * 100, "bin")
    assert place.startswith("… before")
    assert "the [bin] after" in place
    assert place.endswith("after …")
    assert len(place) < 220


def test_markup_stays_text() -> None:
    assert cut("<script>alert('bin')</script>", "bin") == "<script>alert('[bin]')</script>"


@given(st.text(), st.text())
def test_any_text_is_cut(text: str, words: str) -> None:
    pieces = snippet(text, terms_of(words))
    assert sum(len(piece.text) for piece in pieces) <= len(text) + 220
    assert all(piece.text for piece in pieces if piece.lit)
