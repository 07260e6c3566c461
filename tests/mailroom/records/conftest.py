"""What tests of the records stand on: databases of older versions, a house with its post, an archive to search in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.domain.capture import Capture, Channel
from mailroom.domain.decision import IndexField, Sensitivity
from mailroom.domain.items import ItemState
from mailroom.records.cases import put_case
from mailroom.records.documents import NewDocument, replace_documents, set_fields
from mailroom.records.items import add_item, new_id
from mailroom.records.search import index_text
from mailroom.records.session import Records
from mailroom.records.tables import Item, Original

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "web"))  # for the house, which has some of everything in it

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)
Put = Callable[..., str]


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(
    request: pytest.FixtureRequest, new_database: Callable[[Path, str], AbstractContextManager[str]], tmp_path: Path
) -> Iterator[Records]:
    """Empty records, once in each database, as the service has them."""
    with new_database(tmp_path, request.param) as url, closing(Records(url)) as opened:
        yield opened


@pytest.fixture
def put(archive: Records) -> Put:
    """Puts an item down, with case, words and index data, and returns its id."""

    def act(
        body: str = "words",
        *,
        received_at: datetime = MONDAY,
        channel: Channel = Channel.POST,
        case_type: str = "council_tax_refund",
        team: str = "revenues",
        sensitivity: Sensitivity | None = Sensitivity.NORMAL,
        state: ItemState = ItemState.CAPTURED,
        settled: bool = True,
        **fields: str,
    ) -> str:
        with archive.work() as session:
            capture = Capture(Path("gone"), channel, new_id(), received_at)
            item = add_item(session, capture, prefix="HD", now=MONDAY, first_stage="unpack")
            item.sensitivity, item.state, item.settled = sensitivity, state, settled
            item.team = team if settled else None
            original = Original(id=new_id(), item_id=item.id, ordinal=1, sha256="ab" * 32, size=1, key="k")
            original.file_name, original.stored_at = "x", MONDAY
            session.add(original)
            session.flush()
            (document,) = replace_documents(session, item, [NewDocument(original.id, "text/plain", 1)], MONDAY)
            set_fields(session, document.id, [IndexField(name, value, 1.0) for name, value in fields.items()])
            put_case(session, item, case_type, team, f"team:{team}", MONDAY)
            index_text(session, item, body)
            session.commit()
            return item.id

    return act


@pytest.fixture
def change(archive: Records) -> Callable[..., None]:
    """Changes what stands in an item's row, in a unit of work of its own."""

    def act(item_id: str, **values: object) -> None:
        with archive.work() as session:
            item = session.get_one(Item, item_id)
            for name, value in values.items():
                setattr(item, name, value)
            session.commit()

    return act


@pytest.fixture
def reference_of(archive: Records) -> Callable[[str], str]:
    """Says what people call an item."""

    def ask(item_id: str) -> str:
        with archive.look() as session:
            return session.get_one(Item, item_id).reference

    return ask
