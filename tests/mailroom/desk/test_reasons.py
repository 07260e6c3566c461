from mailroom.desk.reasons import Reason, marked, placed
from mailroom.journey.boxes import SearchedPage

WORDS = [
    ["Council", 0.9, 10, 10, 60, 20, 1],
    ["tax:", 0.9, 65, 10, 90, 20, 1],
    ["single", 0.9, 10, 30, 50, 40, 2],
    ["person.", 0.9, 55, 30, 99, 40, 2],
]


def test_a_reason_has_a_box_for_each_line_it_stands_on() -> None:
    [reason] = placed(["council tax single"], {3: SearchedPage(WORDS)})
    assert reason == Reason("council tax single", 3, ((10, 10, 90, 20), (10, 30, 50, 40)))


def test_a_reason_that_stands_nowhere_has_no_place() -> None:
    assert placed(["folder of the team", ""], {1: SearchedPage(WORDS)}) == (Reason("folder of the team"), Reason(""))


def test_the_first_page_on_which_it_stands_counts() -> None:
    pages = {1: SearchedPage(WORDS[:2]), 2: SearchedPage(WORDS)}
    assert [reason.place for reason in placed(["single person", "council tax"], pages)] == [2, 1]


def test_a_text_is_cut_where_reasons_begin_and_end_and_nothing_of_it_is_lost() -> None:
    text = "My council\ntax (a+b)? bill, my COUNCIL TAX."
    pieces = marked(text, {1: ["council tax"], 2: ["tax (a+b)? bill"]})
    assert "".join(piece for piece, _ in pieces) == text
    assert {piece: numbers for piece, numbers in pieces if numbers} == {
        "council\n": (1,),
        "tax": (1, 2),
        " (a+b)? bill": (2,),
        "COUNCIL TAX": (1,),
    }
    assert marked("", {1: ["x"]}) == []
