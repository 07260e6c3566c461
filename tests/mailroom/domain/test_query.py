"""What is typed into a search field, taken apart; whatever it is, it is no error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.domain.query import MOST_TERMS, Term, read_line, terms_of
from mailroom.domain.words import LONGEST, misread, plain, words_in, writable


def ways(words: str) -> list[tuple[str, ...]]:
    return [term.ways[0] for term in terms_of(words)]


def test_words_phrases_and_signs_are_told_apart() -> None:
    assert terms_of('bin "on Tuesday" -car ~tee ref*') == (
        Term((("bin",),)),
        Term((("on", "tuesday"),)),
        Term((("car",),), without=True),
        Term((("tee",),), like=True),
        Term((("ref",),), begins=True),
    )


def test_what_hangs_together_is_looked_for_in_its_order() -> None:
    assert ways("O'Bell and/or kim@example.org") == [("o", "bell"), ("and", "or"), ("kim", "example", "org")]


def test_a_postcode_is_looked_for_however_it_is_written() -> None:
    expected = (("hd7", "4ab"), ("hd74ab",))
    for typed in ("HD7 4AB", "hd74ab"):
        assert [term.ways for term in terms_of(f"bin {typed}")] == [expected, (("bin",),)]


def test_a_word_may_stand_with_a_digit_for_a_letter() -> None:
    assert misread("bell") == ["8ell", "be1l", "bel1", "8e11"]
    assert misread("bin") == misread("tax7") == misread("park") == []
    assert terms_of("bell")[0].ways == (("bell",), ("8ell",), ("be1l",), ("bel1",), ("8e11",))


def test_facts_are_told_by_name_and_the_rest_is_words() -> None:
    typed = read_line('bins team:revenues from:2026-10-01 name:"Mary Bell" re:bins http://a.b -type:foi team:')
    assert typed.facts == (("team", "revenues"), ("from", "2026-10-01"), ("name", "Mary Bell"))
    assert typed.words == "bins re:bins http://a.b -type:foi team:"


def test_words_are_the_same_however_they_are_spelt() -> None:
    assert words_in("Müller, CAFÉ cafe\u0301 ½_x") == ["muller", "cafe", "cafe", "½", "x"]
    assert plain("ÀÉ") == "ae"
    assert words_in("a" * 500) == ["a" * LONGEST]


def test_no_more_terms_than_anybody_writes_are_looked_for() -> None:
    assert len(terms_of(" ".join(f"w{number}" for number in range(500)))) == MOST_TERMS


@given(st.text())
def test_any_text_is_taken_apart(text: str) -> None:
    for term in terms_of(text):
        assert all(word and word == plain(word) for way in term.ways for word in way)
    read_line(text)
    assert "\x00" not in writable(text)
    writable(text).encode()


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", '"', "-", "~", "*", ":", "a:", '"" ""', "- -"])
def test_what_is_no_word_is_no_term_and_no_error(text: str) -> None:
    assert len(terms_of(text)) <= 2
