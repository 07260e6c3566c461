from __future__ import annotations

import pytest

from ocr.tsv import reading_from_tsv

HEADING = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


def row(level: int, block: int, paragraph: int, line: int, word: int, confidence: float, text: str) -> str:
    return (
        f"{level}\t1\t{block}\t{paragraph}\t{line}\t{word}\t{word * 100}\t{line * 50}\t80\t30\t{confidence}\t{text}\n"
    )


def test_words_become_lines_and_paragraphs() -> None:
    table = HEADING + row(2, 1, 0, 0, 0, -1, "") + row(5, 1, 1, 1, 1, 90, "Dear") + row(5, 1, 1, 1, 2, 70, "Sir")
    table += row(5, 1, 1, 2, 1, 80, "Thanks") + row(5, 1, 2, 1, 1, 80, "Yours") + row(5, 2, 1, 1, 1, 80, "PS")
    reading = reading_from_tsv(table)
    assert reading.text == "Dear Sir\nThanks\n\nYours\n\nPS"
    assert [word.line for word in reading.words] == [0, 0, 1, 2, 3]
    assert reading.confidence == pytest.approx(0.8)


def test_a_box_is_given_by_its_edges() -> None:
    (word,) = reading_from_tsv(row(5, 1, 1, 2, 3, 96.5, "rent")).words
    assert word.box == (300, 100, 380, 130)
    assert word.confidence == pytest.approx(0.965)


@pytest.mark.parametrize("text", ["", " ", "\u00a0"])
def test_a_word_without_ink_is_passed_over(text: str) -> None:
    assert reading_from_tsv(row(5, 1, 1, 1, 1, 95, text)).words == ()


def test_a_quotation_mark_or_tab_in_a_word_does_no_harm() -> None:
    assert [word.text for word in reading_from_tsv(row(5, 1, 1, 1, 1, 95, '"quo\tted')).words] == ['"quoted']


def test_an_empty_table_is_an_empty_reading() -> None:
    assert reading_from_tsv("").confidence == 0
