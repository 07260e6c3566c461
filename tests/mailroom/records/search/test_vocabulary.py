"""Misspelt words and short beginnings are found by way of the words that texts open to all have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailroom.domain.access import Role, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.records.finding import Found, find
from mailroom.records.search import likeness, vocabulary
from mailroom.records.session import Records
from mailroom.records.wanted import Wanted
from mailroom.records.word_counts import count_new_texts

CLERK = Viewer("kim", frozenset({Role.POST_ROOM}))
Put = Callable[..., str]


def found(archive: Records, words: str, viewer: Viewer = CLERK) -> Found:
    count_new_texts(archive, lambda _: None)
    with archive.look() as session:
        return find(session, Wanted(words), viewer)


def test_a_misspelt_word_finds_what_looks_like_it_and_says_so(archive: Records, put: Put) -> None:
    for _ in range(2):
        put("Mrs Pemberton of Chapel Fold")
    put("Mrs Pumperton of nowhere")
    hits = found(archive, "Pembertom chapel")
    assert (hits.number, hits.widened) == (2, True)
    assert (found(archive, "Pemberton chapel").number, found(archive, "Pemberton chapel").widened) == (2, False)
    assert (found(archive, "Pxxberxxm").number, found(archive, "Pxxberxxm").widened) == (0, False)


def test_words_that_stand_somewhere_are_not_taken_for_misspelt(archive: Records, put: Put) -> None:
    for _ in range(2):
        put("a refund")
        put("a refuse bin")
    hits = found(archive, "refund bin")
    assert (hits.number, hits.widened) == (0, False)


def test_what_is_found_does_not_tell_whether_another_team_has_the_word(archive: Records, put: Put) -> None:
    for _ in range(2):
        put("Mrs Pemberton", team="revenues")
    sam = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
    nobody_has_it = found(archive, "Pembertan", sam)
    put("Mrs Pembertan", team="planning")
    theirs = found(archive, "Pembertan", sam)
    assert [(hits.number, hits.widened) for hits in (nobody_has_it, theirs)] == [(2, True), (2, True)]
    assert found(archive, "Pembertan").number == 1


def test_whoever_asks_for_words_like_one_gets_them_too(archive: Records, put: Put) -> None:
    for word in ("Pemberton", "Pembertan", "Pembertan", "Permberton", "Permberton"):
        put(word)
    assert found(archive, "Pemberton").number == 1
    assert found(archive, "~Pemberton").number == 5


def test_a_short_beginning_stands_for_the_commonest_words_that_begin_so(
    archive: Records, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "COMPLETIONS", 2)
    for word in ("council", "council", "count", "count", "counter", "cat"):
        put(word)
    assert found(archive, "cou*").number == 4
    assert found(archive, "counc*").number == 2
    assert found(archive, "xyz*").number == 0


def test_no_word_of_what_is_limited_is_ever_counted(archive: Records, put: Put) -> None:
    for _ in range(2):
        put("Mrs Winterbottom", sensitivity=Sensitivity.LIMITED)
    ways = {word for way in found(archive, "~Winterbotom").terms[0].ways for word in way}
    assert "w1nterbotom" in ways
    assert "winterbottom" not in ways


def test_a_word_of_what_became_limited_later_is_not_found_by_what_looks_like_it(
    archive: Records, put: Put, change: Callable[..., None]
) -> None:
    items = [put("Mrs Winterbottom") for _ in range(2)]
    assert found(archive, "Winterbotom").number == 2
    for item in items:
        change(item, sensitivity=Sensitivity.LIMITED)
    hits = found(archive, "Winterbotom")
    assert (hits.number, hits.widened) == (0, False)


def test_each_text_is_counted_once(archive: Records, put: Put) -> None:
    put()
    put(sensitivity=Sensitivity.LIMITED)
    assert count_new_texts(archive, lambda _: None) == 1
    assert count_new_texts(archive, lambda _: None) == 0


def test_a_word_that_was_misread_once_is_found_by_the_right_one(archive: Records, put: Put) -> None:
    put("Mrs Pembcrton of Chapel Fold")
    hits = found(archive, "Pemberton")
    assert (hits.number, hits.widened) == (1, True)


def test_words_of_several_texts_come_before_those_of_one_where_not_all_are_kept(
    archive: Records, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "_MOST_KEPT", 1)
    for word in ("Pembcrton", "Pemberten", "Pemberten"):
        put(word)
    assert found(archive, "Pemberton").number == 2
