from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.correcting import correct
from mailroom.desk.letters import address_block, letters_to_print, undo_acknowledgement
from mailroom.desk.post_room import mark_sensitive
from mailroom.desk.printing import print_letters
from mailroom.domain.access import Viewer
from mailroom.domain.errors import MailroomError
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.records.after_restore import take_precautions
from mailroom.records.backups import Restored
from mailroom.records.tables import Acknowledgement, Item, Rendition
from mailroom.services import Services

Fresh = Callable[[str], Item]
Kinds = Callable[[str], list[str]]
Step = Callable[[timedelta], None]


@pytest.fixture
def message(services: Services) -> Callable[[Item], Acknowledgement]:
    def row(item: Item) -> Acknowledgement:
        with services.records.look() as session:
            return session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == item.id)).one()

    return row


@pytest.fixture
def letter(settled: Item, clerk: Viewer, services: Services, go_on: Fresh, step: Step) -> Item:
    """A letter that waits for a person's word, with a complete address."""
    correct(settled.id, "sender_address", "4 Quarry View, Harrowdale", clerk, services)
    item = go_on(settled.id)
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    return item


def test_a_message_is_taken_back_within_the_minutes_of_grace(
    settled: Item, clerk: Viewer, services: Services, step: Step, message: Callable[[Item], Any], events: Kinds
) -> None:
    undo_acknowledgement(settled.id, clerk, services)
    assert "before" in undo_acknowledgement(settled.id, clerk, services).sentence
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    assert message(settled).state == "undone"
    assert events(settled.id).count("acknowledgement_undone") == 1


def test_what_has_gone_out_is_not_taken_back(letter: Item, clerk: Viewer, services: Services, tmp_path: Path) -> None:
    print_letters([], clerk, tmp_path, services)
    with pytest.raises(Refused, match="has gone"):
        undo_acknowledgement(letter.id, clerk, services)


def test_where_no_message_goes_there_is_none_to_take_back(unclear: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="No message goes out"):
        undo_acknowledgement(unclear.id, clerk, services)


def test_a_printed_letter_is_kept_and_the_sender_counts_as_told(
    letter: Item,
    clerk: Viewer,
    services: Services,
    tmp_path: Path,
    message: Callable[[Item], Any],
    events: Kinds,
    fresh: Fresh,
) -> None:
    assert [line["problem"] for line in letters_to_print(clerk, services)] == [None]
    (printed,) = print_letters([], clerk, tmp_path / "out", services)
    words = pypdfium2.PdfDocument(printed["file"])[0].get_textpage().get_text_range()
    for line in ("Harrowdale District Council", "Jane Pemberton", "4 Quarry View", "HD7 4QT", letter.reference):
        assert line in words
    assert "lodger" not in words
    assert message(letter).state == "printed"
    with services.records.look() as session:
        kept = session.scalars(select(Rendition).where(Rendition.kind == "letter")).one()
        assert (kept.item_id, kept.sha256) == (letter.id, printed["sha256"])
    case = fresh(letter.id).case
    assert case is not None
    met = {clock.name: clock.met_at for clock in case.clocks}
    assert met["acknowledge_one_working_day"] == services.now()
    assert events(letter.id)[-1] == "acknowledged"
    assert letters_to_print(clerk, services) == []


def test_a_letter_comes_out_once_unless_it_is_asked_for_by_name(
    letter: Item, clerk: Viewer, services: Services, tmp_path: Path, message: Callable[[Item], Any], events: Kinds
) -> None:
    (first,) = print_letters([], clerk, tmp_path, services)
    assert print_letters([], clerk, tmp_path, services) == []
    Path(first["file"]).unlink()
    (again,) = print_letters([letter.reference], clerk, tmp_path, services)
    assert again == first
    assert Path(again["file"]).is_file()
    assert message(letter).maybe_twice is True
    assert events(letter.id).count("acknowledged") == 1


def test_a_letter_that_may_have_gone_out_before_says_so_and_waits_to_be_named(
    letter: Item, clerk: Viewer, services: Services, tmp_path: Path, message: Callable[[Item], Any]
) -> None:
    assert [line["maybe_gone"] for line in letters_to_print(clerk, services)] == [False]
    restored = Restored(at=services.now(), taken_at=services.now() - timedelta(days=1), log_size=0)
    with services.records.work() as session:
        assert take_precautions(session, restored, "ann").letters == 1
        session.commit()
    assert [line["maybe_gone"] for line in letters_to_print(clerk, services)] == [True]
    (refused,) = print_letters([], clerk, tmp_path, services)
    assert "may have reached its sender before" in refused["problem"]
    assert message(letter).state == "to_print"
    (printed,) = print_letters([letter.reference], clerk, tmp_path, services)
    assert "file" in printed


def test_a_letter_to_an_address_that_was_read_shows_it_and_waits_to_be_named(
    settled: Item, clerk: Viewer, services: Services, step: Step, tmp_path: Path, message: Callable[[Item], Any]
) -> None:
    step(timedelta(hours=50))
    send_acknowledgements(services)
    (line,) = letters_to_print(clerk, services)
    assert line["address"] == ["Jane Pemberton", "4 Quarry View", "Harrowdale", "HD7 4QT"]
    assert list(line["read_from_page"]) == ["sender_name", "sender_address", "sender_postcode"]
    assert all(0.5 < sure < 1 for sure in line["read_from_page"].values())
    (refused,) = print_letters([], clerk, tmp_path, services)
    assert "read from its page" in refused["problem"]
    assert (message(settled).state, list(tmp_path.glob("*.pdf"))) == ("to_print", [])
    (printed,) = print_letters([settled.reference], clerk, tmp_path, services)
    words = pypdfium2.PdfDocument(printed["file"])[0].get_textpage().get_text_range()
    assert ("4 Quarry View" in words, "Dear Jane Pemberton" in words) == (True, True)


def test_an_address_that_was_read_and_is_typed_again_is_a_persons_word(
    settled: Item, clerk: Viewer, services: Services, step: Step, tmp_path: Path, events: Kinds
) -> None:
    done = correct(settled.id, "sender_address", "4 Quarry View, Harrowdale", clerk, services)
    assert "confirmed" in done.sentence
    assert "already" in correct(settled.id, "sender_address", "4 Quarry View, Harrowdale", clerk, services).sentence
    assert events(settled.id).count("confirmed") == 1
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    (line,) = letters_to_print(clerk, services)
    assert "sender_address" not in line["read_from_page"]
    assert "file" in print_letters([], clerk, tmp_path, services)[0]


def test_a_corrected_name_is_greeted_in_a_letter_that_waits(
    letter: Item, clerk: Viewer, services: Services, go_on: Fresh, message: Callable[[Item], Any]
) -> None:
    assert message(letter).text.startswith("Dear Jane Pemberton\n")
    correct(letter.id, "sender_name", "Mrs Jane Hall", clerk, services)
    go_on(letter.id)
    assert message(letter).text.startswith("Dear Mrs Hall\n")


def test_a_letter_without_a_street_waits_and_says_what_is_missing(
    settled: Item,
    clerk: Viewer,
    services: Services,
    step: Step,
    go_on: Fresh,
    tmp_path: Path,
    message: Callable[[Item], Any],
) -> None:
    correct(settled.id, "sender_address", "", clerk, services)
    go_on(settled.id)
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    (line,) = letters_to_print(clerk, services)
    assert "sender_address" in line["problem"]
    (refused,) = print_letters([], clerk, tmp_path, services)
    assert "sender_address" in refused["problem"]
    assert message(settled).state == "to_print"
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_correction_of_the_address_leaves_the_letter_waiting(
    settled: Item, clerk: Viewer, services: Services, step: Step, go_on: Fresh, tmp_path: Path
) -> None:
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    correct(settled.id, "sender_address", "4 Quarry View, Harrowdale", clerk, services)
    go_on(settled.id)
    assert [line["reference"] for line in print_letters([], clerk, tmp_path, services)] == [settled.reference]


def test_no_letter_goes_out_for_an_item_that_was_shielded(
    letter: Item, clerk: Viewer, named: Viewer, services: Services, tmp_path: Path, go_on: Fresh
) -> None:
    mark_sensitive(letter.id, clerk, services, reason="r")
    go_on(letter.id)
    assert letters_to_print(named, services) == []
    (refused,) = print_letters([letter.reference], named, tmp_path, services)
    assert "No letter" in refused["problem"]


def test_a_letter_that_others_may_see_is_not_printed_by_name_for_a_stranger(
    letter: Item, sam: Viewer, auditor: Viewer, services: Services, tmp_path: Path
) -> None:
    for viewer in (sam, auditor):
        with pytest.raises(Refused, match="Only the post room"):
            letters_to_print(viewer, services)
        (refused,) = print_letters([letter.reference], viewer, tmp_path, services)
        assert "Only the post room" in refused["problem"]


def test_one_letter_that_cannot_be_printed_keeps_none_of_the_others(
    letter: Item, unclear: Item, clerk: Viewer, services: Services, tmp_path: Path
) -> None:
    printed = print_letters([unclear.reference, "HD-26-999999-X", letter.reference], clerk, tmp_path, services)
    assert [("file" in line) for line in printed] == [False, False, True]


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_done(
    letter: Item, clerk: Viewer, services: Services, tmp_path: Path, message: Callable[[Item], Any]
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MailroomError, match="Name another folder"):
        print_letters([], clerk, tmp_path / "file", services)
    assert message(letter).state == "to_print"


def test_a_limited_item_has_no_message_for_those_who_may_not_see_it(
    at_risk: Item, clerk: Viewer, services: Services
) -> None:
    with pytest.raises(NotThere):
        undo_acknowledgement(at_risk.id, clerk, services)


@pytest.mark.parametrize(
    ("index", "block"),
    [
        (
            {"sender_name": "J Bell", "sender_address": "Flat 2, 1 High St, Harrowdale", "sender_postcode": "HD1 1AA"},
            ("J Bell", "Flat 2", "1 High St", "Harrowdale", "HD1 1AA"),
        ),
        (
            {
                "sender_name": "J Bell",
                "sender_address": "Flat 2, Kiln Ho, Mill, 1 A St, B",
                "sender_postcode": "HD1 1AA",
            },
            ("J Bell", "Flat 2, Kiln Ho", "Mill", "1 A St", "B", "HD1 1AA"),
        ),
        (
            {"sender_name": "J Bell", "sender_address": "1 A St, HD1 1AA", "sender_postcode": "HD1 1AA"},
            ("J Bell", "1 A St", "HD1 1AA"),
        ),
        (
            {"sender_name": "J Bell", "sender_address": "1 A St, B, HD2 3AB", "sender_postcode": "HD1 1AA"},
            ("J Bell", "1 A St", "B", "HD2 3AB"),
        ),
        ({"sender_name": "J Bell", "sender_address": "HD1 1AA", "sender_postcode": "HD1 1AA"}, ()),
        ({"sender_name": "J Bell", "sender_postcode": "HD1 1AA"}, ()),
        ({}, ()),
    ],
)
def test_an_address_is_whole_or_there_is_none(index: dict[str, str], block: tuple[str, ...]) -> None:
    assert address_block(index) == block
