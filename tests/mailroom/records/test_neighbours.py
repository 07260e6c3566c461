"""What is offered to be joined: what came in beside an item, and nothing that is not the viewer's to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sample_letters import pdf_of

from mailroom.desk.item_page import open_item
from mailroom.desk.post_room import mark_sensitive
from mailroom.desk.splitting import split
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

KIM = Viewer("kim", frozenset({Role.POST_ROOM}))
NOOR = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
Come = Callable[..., Item]
PAGES = ("Dear Council\n\nMy bin was missed.", "Dear Council\n\nMy boiler is broken.", "Dear Council\n\nRats!")


@pytest.fixture
def come(deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services) -> Come:
    """Lets a letter come in, so many minutes after ten, out of a folder where one is named."""

    def hand_in(words: str, minute: int = 0, folder: str = "", channel: Channel = Channel.POST) -> Item:
        received_at = services.now() - timedelta(hours=1) + timedelta(minutes=minute)
        place = {"source": f"{folder}/{words}.txt|1|1|a"} if folder else {}
        content = f"Dear Sir or Madam\n\nI enclose the papers {words}.".encode()
        return travel(deliver(content, received_at=received_at, channel=channel, **place).item_id)

    return hand_in


def offered(item: Item, viewer: Viewer, services: Services) -> list[tuple[str, str]]:
    return [(one.reference, one.where) for one in open_item(item.id, viewer, services).neighbours]


def test_the_one_just_before_by_the_same_channel_is_offered_with_its_first_words(
    come: Come, services: Services
) -> None:
    come("first")
    before, _, item = come("before", 1), come("by fax", 2, channel=Channel.FAX), come("mine", 3)
    come("later", 4)
    assert offered(item, KIM, services) == [(before.reference, "before")]
    [one] = open_item(item.id, KIM, services).neighbours
    assert one.words == "Dear Sir or Madam I enclose the papers before."


def test_what_lay_beside_it_in_the_same_folder_is_offered_and_no_other_folder_s(come: Come, services: Services) -> None:
    one, other = come("a", folder="/in/monday"), come("b", folder="/in/tuesday")
    item, behind = come("c", folder="/in/monday"), come("d", folder="/in/monday")
    assert offered(item, KIM, services) == [
        (other.reference, "before"),
        (one.reference, "folder"),
        (behind.reference, "folder"),
    ]


def test_what_the_viewer_may_not_see_is_not_offered(come: Come, services: Services) -> None:
    first, second, item = come("first"), come("second", 1), come("third", 2)
    mark_sensitive(second.id, NOOR, services, reason="a refuge")
    for viewer in (KIM, NOOR):  # whoever may see it could not join the two either: their sensitivity differs
        assert offered(item, viewer, services) == [(first.reference, "before")]


def test_the_parts_of_a_batch_are_offered_to_each_other(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services
) -> None:
    whole = travel(deliver(pdf_of(*PAGES), file_name="batch.pdf").item_id)
    references = split(whole.id, [2, 3], KIM, services).facts["parts"]
    first, second, third = (travel(open_item(reference, NOOR, services).item) for reference in references)
    assert offered(second, NOOR, services) == [(first.reference, "before"), (third.reference, "batch")]
    assert all(one.picture for one in open_item(second.id, NOOR, services).neighbours)
