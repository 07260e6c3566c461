from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest

from mailroom.domain.errors import Misconfigured, NeedsPerson
from mailroom.ports import Message
from mailroom.replies.letter_reply import LetterReply

NO_FONT = Path("/nowhere/none.ttf")
BLOCK = ("Siân Ŵyn-Ŷstrad", "2 Stryd y Castell", "Harrowdale", "HD7 4QT")
TEXT = "Annwyl Siân,\n\nDiolch am eich llythyr. Byddwn yn ysgrifennu atoch\nerbyn dydd Llun.\n\nYn gywir\n"


def midnight() -> datetime:
    """Half an hour after midnight in London in summer, and still the day before in UTC."""
    return datetime(2026, 6, 30, 23, 30, tzinfo=UTC)


COUNCIL = "Harrowdale District Council"
ADDRESS = ("Civic Hall", "HD1 1AA")


def reply() -> LetterReply:
    return LetterReply(COUNCIL, ADDRESS, "01632 960100", midnight)


def message(*block: str, text: str = TEXT) -> Message:
    return Message("<id@example>", "\n".join(block or BLOCK), "Eich llythyr: HD-26-000001-L", text)


def words_of(content: bytes) -> str:
    return str(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range())


def test_a_welsh_letter_keeps_its_letters() -> None:
    words = words_of(reply().send(message()))
    for line in ("Siân Ŵyn-Ŷstrad", "2 Stryd y Castell", "Annwyl Siân", "Eich llythyr: HD-26-000001-L", "Civic Hall"):
        assert line in words


@pytest.mark.parametrize(("language", "day"), [("en", "Wednesday 1 July 2026"), ("cy", "1 Gorffennaf 2026")])
def test_the_letter_bears_the_date_in_london_in_its_own_language(language: str, day: str) -> None:
    assert f"{day}\r\n" in words_of(reply().send(replace(message(), language=language)))


def test_a_paragraph_flows_over_the_width_of_the_sheet() -> None:
    assert "ysgrifennu atoch erbyn dydd Llun" in words_of(reply().send(message()))


@pytest.mark.parametrize("lines", [1, 6])
def test_the_whole_address_lies_where_the_window_always_shows_it(lines: int) -> None:
    block = [f"Line {number} Zq" for number in range(lines)]
    page = pypdfium2.PdfDocument(reply().send(message(*block)))[0]
    text = page.get_textpage()
    height = page.get_height()
    for line in block:
        found = text.search(line).get_next()
        assert found is not None
        boxes = [text.get_charbox(index) for index in range(found[0], sum(found))]
        left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
        top, bottom = height - max(box[3] for box in boxes), height - min(box[1] for box in boxes)
        assert 57 <= millimetres(top) <= millimetres(bottom) <= 81
        assert 20 <= millimetres(left) <= millimetres(right) <= 110


@pytest.mark.parametrize("lines", [0, 7])
def test_an_address_that_the_window_does_not_show_needs_a_person(lines: int) -> None:
    with pytest.raises(NeedsPerson, match="window of the envelope"):
        reply().send(Message("<id@example>", "\n".join(["x"] * lines), "s", "t"))


def test_a_long_letter_goes_on_over_the_page() -> None:
    content = reply().send(message(text="\n\n".join(["A paragraph of the letter."] * 60)))
    assert len(pypdfium2.PdfDocument(content)) > 1


def test_the_same_letter_at_the_same_time_is_the_same_file() -> None:
    assert reply().send(message()) == reply().send(message())


def test_another_font_lends_what_the_first_one_lacks() -> None:
    assert "Ռուբեն" in words_of(reply().send(message("Ռուբեն", "1 High Street", "HD7 4QT")))


def test_without_a_font_the_message_says_what_to_install() -> None:
    with pytest.raises(Misconfigured, match="Install fonts-liberation"):
        LetterReply(COUNCIL, ADDRESS, "01632 960100", midnight, faces=[NO_FONT]).send(message())


def millimetres(points: float) -> float:
    return points / 72 * 25.4
