"""What the address or folder that an item came by hints at, shown to whoever must sort it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mailroom.desk.hinted import Hinted
from mailroom.desk.item_page import open_item
from mailroom.domain import ways
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Hints, Receipt
from mailroom.records.tables import Item
from mailroom.services import Services
from mailroom.settings import ImapMailbox

LICENSING = "licensing@harrowdale.example"
VAGUE = b"Subject: A call\r\n\r\nHello, could somebody ring me tomorrow morning please.\r\n"


@pytest.fixture
def services(services: Services) -> Services:
    """With a mailbox that is emptied by IMAP."""
    box = ImapMailbox(host="imap.harrowdale.example", user="licensing", password_file="x", address=LICENSING)
    imap = services.settings.imap.model_copy(update={"mailboxes": {"permits": box}})
    return replace(services, settings=services.settings.model_copy(update={"imap": imap}))


@pytest.mark.parametrize(
    ("way", "address"),
    [
        (ways.address(LICENSING), LICENSING),
        (ways.mailbox("permits"), LICENSING),
        (ways.mailbox("gone"), ""),
        (ways.folder("post"), ""),
        ("", ""),
    ],
)
def test_where_words_point_nowhere_the_team_that_it_was_written_to_is_told(
    deliver: Callable[..., Receipt],
    go_on: Callable[[str], Item],
    clerk: Viewer,
    services: Services,
    way: str,
    address: str,
) -> None:
    item = go_on(deliver(VAGUE, channel=Channel.EMAIL, hints=Hints(team="licensing"), way=way).item_id)
    page = open_item(item.id, clerk, services)
    assert page.suggestions == ()
    assert page.hinted == Hinted(address, "Licensing")
    assert page.problem == (
        "Nothing in it points to any service, but it came by an address or folder of Licensing. Read it and choose."
    )


def test_a_case_type_that_is_hinted_at_goes_by_its_title(
    deliver: Callable[..., Receipt], go_on: Callable[[str], Item], clerk: Viewer, services: Services
) -> None:
    item = go_on(deliver(VAGUE, hints=Hints("licensing", "premises_licence"), way=ways.folder("post")).item_id)
    title = services.catalogue.services["premises_licence"].title
    assert open_item(item.id, clerk, services).hinted == Hinted("", f"Licensing, {title}")


@pytest.mark.parametrize("hints", [Hints(), Hints("nobody", "nothing")])
def test_what_is_hinted_at_by_nothing_or_is_no_more_says_nothing(
    deliver: Callable[..., Receipt], go_on: Callable[[str], Item], clerk: Viewer, services: Services, hints: Hints
) -> None:
    item = go_on(deliver(VAGUE, hints=hints, way=ways.address(LICENSING)).item_id)
    page = open_item(item.id, clerk, services)
    assert page.hinted is None
    assert page.problem == "Nothing in it points to any service. Read it and choose."
