from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import tifftools
from PIL import Image
from sample_letters import pdf_of
from sqlalchemy import select

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, fetch_original, show_item
from mailroom.desk.back_office import accept
from mailroom.desk.post_room import settle
from mailroom.desk.searching import find_items
from mailroom.desk.splitting import ranges_of, split
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import NeedsPerson
from mailroom.duties.reconcile import reconcile
from mailroom.records.tables import Item
from mailroom.services import Services

Fresh = Callable[[str], Item]
Kinds = Callable[[str], list[str]]

LETTERS = (
    "Housing repairs\n\nMy boiler is broken and there is no heating. Please send somebody to repair it.",
    "Council tax refund\n\nPlease refund the council tax that I have paid twice.",
    "Council tax refund\n\nPage two: my bank is the Harrowdale Bank.",
)


def tiff_of(pages: int) -> bytes:
    sheets = [Image.new("L", (400, 300), 250 - number) for number in range(pages)]
    content = BytesIO()
    sheets[0].save(content, "TIFF", save_all=True, append_images=sheets[1:], dpi=(100, 100))
    return content.getvalue()


@pytest.fixture
def batch(deliver: Callable[..., Receipt], go_on: Fresh) -> Item:
    """Three pages of two letters in one file; what the machine makes of the whole does not matter here."""
    return go_on(deliver(pdf_of(*LETTERS), file_name="batch.pdf").item_id)


@pytest.fixture
def parts_of(services: Services) -> Callable[[Item], list[Item]]:
    def parts(whole: Item) -> list[Item]:
        with services.records.look() as session:
            query = select(Item).where(Item.parent_id == whole.id).order_by(Item.reference)
            return list(session.scalars(query))

    return parts


def test_the_parts_take_the_place_of_the_whole_in_one_commit(
    batch: Item, named: Viewer, services: Services, fresh: Fresh, parts_of: Callable[[Item], list[Item]], events: Kinds
) -> None:
    before = reconcile(services)["channels"]["post"]["received"]
    done = split(batch.reference, [2], named, services)
    parts = parts_of(batch)
    assert done.facts["parts"] == [part.reference for part in parts]
    assert [(part.state, part.next_stage, part.received_at) for part in parts] == [
        ("waiting", "unpack", batch.received_at)
    ] * 2
    whole = fresh(batch.id)
    assert (whole.state, whole.next_stage, whole.run) == ("split", None, batch.run + 1)
    assert reconcile(services)["channels"]["post"]["received"] == before + 1
    assert events(batch.id)[-1] == "split"
    assert events(parts[0].id) == ["made_by_split"]
    assert services.queue.alive([(part.id, 1) for part in parts]) == {(part.id, 1) for part in parts}


def test_each_part_is_read_and_sorted_by_itself(
    batch: Item, named: Viewer, services: Services, go_on: Fresh, parts_of: Callable[[Item], list[Item]]
) -> None:
    split(batch.id, [2], named, services)
    first, second = (go_on(part.id) for part in parts_of(batch))
    assert [part.documents[0].page_count for part in (first, second)] == [1, 2]
    assert "boiler" in (first.documents[0].text or "")
    assert "boiler" not in (second.documents[0].text or "")
    assert second.case is not None
    assert second.case.reference == second.reference


def test_anyone_gets_the_extract_as_the_original_of_a_part(
    batch: Item,
    named: Viewer,
    services: Services,
    go_on: Fresh,
    parts_of: Callable[[Item], list[Item]],
    tmp_path: Path,
) -> None:
    split(batch.id, [2], named, services)
    part = go_on(parts_of(batch)[1].id)
    original = part.originals[0]
    assert (original.extract_of, original.first_page, original.last_page) == (batch.originals[0].sha256, 2, 3)
    fetch_original(part.reference, tmp_path / "extract.pdf", named, "proof", services)
    with pikepdf.open(tmp_path / "extract.pdf") as extract:
        assert len(extract.pages) == 2
    shown = show_item(part.reference, named, "proof", services)
    assert shown["part_of"] == batch.reference
    assert shown["originals"][0]["pages"] == [2, 3]


def test_the_file_of_the_whole_opens_only_to_those_who_see_everything(
    batch: Item, named: Viewer, clerk: Viewer, services: Services, tmp_path: Path
) -> None:
    assert find_items("boiler", named, services)
    split(batch.id, [2], named, services)
    with pytest.raises(NotThere):
        fetch_original(batch.reference, tmp_path / "whole.pdf", clerk, "curious", services)
    assert fetch_original(batch.reference, tmp_path / "whole.pdf", named, "proof", services)
    assert find_items("boiler", named, services) == []


def test_the_case_of_the_whole_is_closed_as_split_and_meets_no_clock_by_it(
    batch: Item, named: Viewer, services: Services, fresh: Fresh
) -> None:
    split(batch.id, [2, 3], named, services)
    case = fresh(batch.id).case
    assert case is not None
    assert case.outcome == "split"
    replies = [clock for clock in case.clocks if clock.name == "full_reply_10wd"]
    assert [(clock.met_at, clock.replaced_at) for clock in replies] == [(None, services.now())]


def test_a_tiff_is_split_as_well(
    deliver: Callable[..., Receipt],
    go_on: Fresh,
    named: Viewer,
    services: Services,
    parts_of: Callable[[Item], list[Item]],
    tmp_path: Path,
) -> None:
    fax = go_on(deliver(tiff_of(3), file_name="fax.tif").item_id)
    split(fax.id, [3], named, services)
    part = go_on(parts_of(fax)[0].id)
    fetch_original(part.id, tmp_path / "extract.tif", named, "proof", services)
    assert len(tifftools.read_tiff(tmp_path / "extract.tif")["ifds"]) == 2


def test_a_second_split_of_the_same_item_by_somebody_else_or_elsewhere_is_refused(
    batch: Item, named: Viewer, services: Services
) -> None:
    split(batch.id, [2], named, services)
    with pytest.raises(Refused, match="was split into its parts"):
        split(batch.id, [3], named, services)
    with pytest.raises(Refused, match="was split into its parts"):
        split(batch.id, [2], replace(named, name="ola"), services)


def test_splitting_twice_at_the_same_pages_is_answered_with_the_same_parts(
    batch: Item, clerk: Viewer, services: Services, parts_of: Callable[[Item], list[Item]]
) -> None:
    first = split(batch.id, [2], clerk, services, expected_run=batch.run)
    again = split(batch.id, [1, 2], clerk, services, expected_run=batch.run)
    assert again.facts["parts"] == first.facts["parts"] == [part.reference for part in parts_of(batch)]
    with pytest.raises(NotThere):
        split(batch.id, [2], replace(clerk, name="lee"), services)


def test_a_part_can_be_split_again(
    batch: Item, named: Viewer, services: Services, go_on: Fresh, parts_of: Callable[[Item], list[Item]]
) -> None:
    split(batch.id, [2], named, services)
    part = go_on(parts_of(batch)[1].id)
    split(part.id, [2], named, services)
    leaf = parts_of(part)[1]
    with services.records.look() as session:
        original = session.get_one(Item, leaf.id).originals[0]
        assert (original.extract_of, original.first_page) == (part.originals[0].sha256, 2)


def test_what_changes_while_the_pages_are_cut_is_not_split(
    batch: Item, named: Viewer, services: Services, fresh: Fresh, parts_of: Callable[[Item], list[Item]]
) -> None:
    class Slow:
        def ready(self) -> bool:
            return True

        def run(self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path) -> dict[str, Any]:
            with services.records.work() as session:
                session.get_one(Item, batch.id).run += 1
                session.commit()
            return services.sandbox.run(task, arguments, source=source, scratch=scratch)

    with pytest.raises(Refused, match="has changed since"):
        split(batch.id, [2], named, replace(services, sandbox=Slow()))
    assert fresh(batch.id).state != "split"
    assert parts_of(batch) == []


def test_a_text_cannot_be_cut(settled: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="only an item of one PDF or TIFF"):
        split(settled.id, [2], clerk, services)


def test_what_a_team_has_accepted_is_returned_before_it_is_split(
    batch: Item, named: Viewer, services: Services, go_on: Fresh
) -> None:
    if batch.state == "exception":
        settle(batch.id, "council_tax_refund", named, services)
        go_on(batch.id)
    accept(batch.id, named, services)
    with pytest.raises(Refused, match="Ask them to return it first"):
        split(batch.id, [2], named, services)


def test_a_file_that_cannot_be_cut_is_left_as_it_is(
    batch: Item, named: Viewer, services: Services, fresh: Fresh
) -> None:
    class Refusing:
        def ready(self) -> bool:
            return True

        def run(self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path) -> dict[str, Any]:
            source.write_bytes(b"%PDF-1.4 no more of it")
            return services.sandbox.run(task, arguments, source=source, scratch=scratch)

    with pytest.raises(NeedsPerson, match="damaged"):
        split(batch.id, [2], named, replace(services, sandbox=Refusing()))
    assert fresh(batch.id).run == batch.run


@pytest.mark.parametrize(
    ("first_pages", "ranges"),
    [
        ([2], ((1, 1), (2, 5))),
        ([1, 2], ((1, 1), (2, 5))),
        ([4, 2, 4], ((1, 1), (2, 3), (4, 5))),
        ([5], ((1, 4), (5, 5))),
    ],
)
def test_parts_are_whole_and_do_not_overlap(first_pages: list[int], ranges: tuple[tuple[int, int], ...]) -> None:
    assert ranges_of(first_pages, 5) == ranges


@pytest.mark.parametrize("first_pages", [[], [1], [0], [6], [-1, 3]])
def test_pages_that_split_nothing_or_are_not_there_are_refused(first_pages: list[int]) -> None:
    with pytest.raises(Refused):
        ranges_of(first_pages, 5)
