from collections.abc import Callable
from datetime import timedelta

import pytest
from sample_letters import pdf_of
from sqlalchemy import Engine, event, insert, update

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.correcting import correct
from mailroom.desk.item_page import ItemPage, open_item
from mailroom.desk.page_content import picture_of_page, words_of_page
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import CustodyBreach
from mailroom.records.tables import Item, Page, Rendition
from mailroom.services import Services

LETTER = """Peter Fenwick
17 Mill Lane
Harrowdale
HD4 2QJ

12 November 2026

Dear Council

I should like a refund of my council tax, and a discount or exemption for the flat.

Yours faithfully

Peter Fenwick"""

Events = Callable[[str], list[str]]


@pytest.fixture
def paper(deliver: Callable[..., Receipt], go_on: Callable[[str], Item]) -> Item:
    """A letter of two pages that points two ways; the second page is empty but for a word."""
    item = go_on(deliver(pdf_of(LETTER, "Enclosed"), file_name="letter.pdf").item_id)
    assert item.state == "exception"
    return item


@pytest.fixture
def page(paper: Item, clerk: Viewer, services: Services) -> ItemPage:
    return open_item(paper.reference, clerk, services)


def test_the_page_says_what_it_is_why_it_is_here_and_how_long_there_is(page: ItemPage, paper: Item) -> None:
    assert (page.reference, page.channel, page.state, page.run) == (paper.reference, "post", "exception", paper.run)
    assert page.why == "not sure what it is"
    assert page.problem is not None
    assert page.problem.startswith("It may be 'Council tax: refund'")
    assert page.due is not None
    assert page.due.left.endswith("left")
    assert page.taken_by == "kim"
    assert page.decided is not None
    assert (page.decided.settled, page.decided.by) == (False, "the mailroom")


def test_suggestions_are_numbered_and_say_where_the_letter_says_so(
    page: ItemPage, paper: Item, clerk: Viewer, services: Services
) -> None:
    assert [one.number for one in page.suggestions] == list(range(1, len(page.suggestions) + 1))
    refund = next(one for one in page.suggestions if one.case_type == "council_tax_refund")
    assert refund.team_name == services.catalogue.teams["revenues"].name
    reason = next(reason for reason in refund.reasons if "refund" in reason.words)
    assert reason.place == 1
    [(left, top, right, bottom)] = reason.boxes
    words = words_of_page(paper.id, 1, clerk, services).words
    inside = [
        text for text, box, _ in words if left <= box[0] and box[2] <= right and top <= box[1] and box[3] <= bottom
    ]
    assert " ".join(inside).strip(".,").startswith(reason.words)


def test_fields_come_with_page_box_and_confidence_and_missing_ones_are_there_empty(
    page: ItemPage, paper: Item, clerk: Viewer, services: Services
) -> None:
    fields = {field.name: field for field in page.fields}
    assert list(fields)[:4] == ["sender_name", "sender_address", "sender_postcode", "letter_date"]
    postcode = fields["sender_postcode"]
    assert (postcode.value, postcode.place) == ("HD4 2QJ", 1)
    assert postcode.box is not None
    correct(paper.id, "sender_postcode", "", clerk, services)
    after = {field.name: field for field in open_item(paper.id, clerk, services).fields}
    assert (after["sender_postcode"].value, after["sender_postcode"].confidence) == ("", None)


def test_pages_are_listed_with_their_pictures_and_each_gives_its_words(
    page: ItemPage, paper: Item, clerk: Viewer, services: Services
) -> None:
    assert [(one.place, one.number, one.picture is not None) for one in page.pages] == [(1, 1, True), (2, 2, True)]
    second = words_of_page(paper.id, 2, clerk, services)
    assert [text for text, _, _ in second.words] == ["Enclosed"]
    assert (second.width, second.height) == (page.pages[1].width, page.pages[1].height)
    with picture_of_page(paper.id, 2, clerk, services) as picture:
        assert picture.read(2) == b"\xff\xd8"
    for place in (0, 3, -1):
        with pytest.raises(NotThere):
            words_of_page(paper.id, place, clerk, services)


def test_typed_text_comes_in_stretches_that_make_up_the_whole(
    deliver: Callable[..., Receipt], go_on: Callable[[str], Item], clerk: Viewer, services: Services
) -> None:
    item = go_on(deliver(b"Dear Council\n" + b"A line of what I want to say.\n" * 1500).item_id)
    assert open_item(item.id, clerk, services).pages[0].picture is None
    first = words_of_page(item.id, 1, clerk, services)
    rest = words_of_page(item.id, 1, clerk, services, start=len(first.text))
    rest_of_it = words_of_page(item.id, 1, clerk, services, start=len(first.text) + len(rest.text))
    whole = first.text + rest.text + rest_of_it.text
    assert len(whole) == first.length
    assert whole.startswith("Dear Council")
    with pytest.raises(NotThere, match="has no picture"):
        picture_of_page(item.id, 1, clerk, services)


def test_a_look_is_logged_once_for_an_opening_and_again_when_that_is_over(
    paper: Item, clerk: Viewer, services: Services, events: Events, step: Callable[[timedelta], None]
) -> None:
    for _ in range(2):
        open_item(paper.id, clerk, services)
        words_of_page(paper.id, 1, clerk, services)
        picture_of_page(paper.id, 1, clerk, services).close()
    assert events(paper.id).count("viewed") == 1
    step(timedelta(minutes=11))
    picture_of_page(paper.id, 1, clerk, services).close()
    assert events(paper.id).count("viewed") == 2


def test_a_picture_whose_address_was_kept_is_a_look_too(
    paper: Item, named: Viewer, services: Services, events: Events
) -> None:
    picture_of_page(paper.id, 1, named, services).close()
    assert events(paper.id).count("viewed") == 1


def test_an_item_that_becomes_limited_while_it_is_open_gives_no_picture_and_no_word_any_more(
    paper: Item, page: ItemPage, clerk: Viewer, named: Viewer, services: Services
) -> None:
    mark_sensitive(paper.id, named, services, reason="names a refuge")
    for look in (picture_of_page, words_of_page):
        with pytest.raises(NotThere):
            look(paper.id, 1, clerk, services)
    with pytest.raises(NotThere):
        open_item(page.item, clerk, services)


def test_whose_work_is_figures_opens_no_item(paper: Item, services: Services) -> None:
    with pytest.raises(Refused):
        open_item(paper.id, Viewer("max", frozenset({Role.MANAGER})), services)


def test_a_picture_that_is_not_what_was_made_is_not_shown(paper: Item, clerk: Viewer, services: Services) -> None:
    with services.records.work() as session:
        session.execute(update(Rendition).where(Rendition.item_id == paper.id).values(sha256="0" * 64))
        session.commit()
    with pytest.raises(CustodyBreach, match="Tell the administrator"):
        picture_of_page(paper.id, 1, clerk, services)


def test_what_was_suggested_stays_in_sight_after_a_person_decided(
    paper: Item, page: ItemPage, clerk: Viewer, services: Services
) -> None:
    settle(paper.id, "housing_repairs", clerk, services)
    after = open_item(paper.id, clerk, services)
    assert after.suggestions == page.suggestions
    assert after.decided is not None
    assert (after.decided.case_type, after.decided.by) == ("housing_repairs", "kim")
    assert after.taken_by is None


def test_five_hundred_pages_are_listed_and_only_those_before_one_s_eyes_are_read_word_by_word(
    paper: Item, clerk: Viewer, services: Services
) -> None:
    with services.records.work() as session:
        row = session.get_one(Item, paper.id)
        last = row.documents[0].pages[-1]
        columns = {name: getattr(last, name) for name in _COPIED}
        words = [["word", 0.9, 10, 10, 50, 20, 1]] * 400
        pages = [{**columns, "number": number, "words": words} for number in range(3, 501)]
        session.execute(insert(Page), pages)
        session.commit()
    read_by_word: list[object] = []

    def note(
        _c: object, _cursor: object, statement: str, parameters: tuple[object, ...], _x: object, _many: bool
    ) -> None:
        read_by_word.extend(parameters if "page.words" in statement else ())

    event.listen(Engine, "before_cursor_execute", note)
    page = open_item(paper.id, clerk, services)
    event.remove(Engine, "before_cursor_execute", note)
    assert len(page.pages) == 500
    assert 0 < len(read_by_word) <= 2


_COPIED = (
    "document_id",
    "width",
    "height",
    "dpi",
    "rotation",
    "blank",
    "damaged",
    "text",
    "confidence",
    "unread",
    "made_by",
)
