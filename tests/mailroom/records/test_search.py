"""Finding items by reference, digest, index data and words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Capture, Channel
from mailroom.domain.decision import IndexField, Sensitivity
from mailroom.records import search
from mailroom.records.documents import NewDocument, replace_documents, set_fields
from mailroom.records.items import add_item, new_id
from mailroom.records.session import Records
from mailroom.records.tables import Item, Original

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
POST_ROOM = Viewer("p", frozenset({Role.POST_ROOM}))
MANAGER = Viewer("m", frozenset({Role.MANAGER}), named_for_limited=True)
DIGEST = "ab" * 32
Put = Callable[..., str]


@pytest.fixture
def put(records: Records) -> Put:
    """Puts an item with these words into the index and returns its reference."""

    def act(body: str, sensitivity: Sensitivity | None = Sensitivity.NORMAL, **fields: str) -> str:
        with records.work() as session:
            capture = Capture(spooled=Path("gone"), channel=Channel.POST, source=new_id(), received_at=NOW)
            item = add_item(session, capture, prefix="HD", now=NOW, first_stage="unpack")
            item.sensitivity = sensitivity
            original = Original(id=new_id(), item_id=item.id, ordinal=1, sha256=DIGEST, size=1, key="k")
            original.file_name, original.stored_at = "x", NOW
            session.add(original)
            session.flush()
            (document,) = replace_documents(session, item, [NewDocument(original.id, "text/plain", 1)], NOW)
            set_fields(session, document.id, [IndexField(name, value, 1.0) for name, value in fields.items()])
            search.index_text(session, item.id, body)
            session.commit()
            return item.reference

    return act


def found(records: Records, query: str, viewer: Viewer = POST_ROOM) -> list[str]:
    with records.look() as session:
        hits = [item.reference for item in search.find(session, query, viewer)]
        assert search.count(session, query, viewer) == len(hits)
        return hits


def test_all_of_the_words_must_be_there(records: Records, put: Put) -> None:
    reference = put("My refuse bin was missed on Tuesday")
    assert found(records, "bin missed") == [reference]
    assert found(records, "BIN") == [reference]
    assert found(records, "bin Wednesday") == []


def test_an_item_is_found_by_reference_digest_and_index_data(records: Records, put: Put) -> None:
    reference = put("words", sender_name="Mary O'Bell", sender_postcode="HD2 3AB")
    put("other words", sender_name="Jo")
    for query in (reference, reference.lower(), "mary o'bell", "HD2  3AB"):
        assert found(records, query) == [reference]
    assert len(found(records, DIGEST)) == 2
    assert len(found(records, DIGEST.upper())) == 2


@pytest.mark.parametrize("query", ["HD2 3AB", "HD23AB", "hd23ab", " HD23AB ", "HD2   3AB"])
def test_a_postcode_is_found_with_its_space_and_without(records: Records, put: Put, query: str) -> None:
    indexed = put("words", sender_postcode="HD2 3AB")
    spaced, unspaced = put("The bin at HD2 3AB was missed"), put("The bin at hd23ab was missed")
    put("The bin at HD2 3AD was missed", sender_postcode="HD2 3AD")
    assert set(found(records, query)) == {indexed, spaced, unspaced}


@pytest.mark.parametrize("sensitivity", [Sensitivity.LIMITED, None])
def test_neither_hit_nor_count_gives_away_what_may_not_be_seen(
    records: Records, put: Put, sensitivity: Sensitivity | None
) -> None:
    reference = put("a child at risk", sensitivity, sender_name="Mary")
    for query in ("child", "Mary", reference, DIGEST):
        assert found(records, query) == []
    named = Viewer("n", frozenset({Role.POST_ROOM}), named_for_limited=True)
    assert found(records, "child", named) == [reference]
    assert found(records, "child", MANAGER) == []


@pytest.mark.parametrize(
    "query", ["", " ", '"', "'; DROP TABLE item; --", "a AND NOT", "NEAR(a b)", "*", "body:x", "(", "\x00", "%", "^x"]
)
def test_no_query_breaks_the_search(records: Records, put: Put, query: str) -> None:
    put("plain words")
    assert found(records, query) == []


def test_words_put_in_anew_replace_the_old_ones(records: Records, put: Put) -> None:
    reference = put("the old words")
    with records.work() as session:
        item = search.find(session, reference, POST_ROOM)[0]
        search.index_text(session, item.id, "the new words")
        session.commit()
    assert (found(records, "old"), found(records, "new")) == ([], [reference])


def test_words_that_were_withdrawn_are_found_no_more(records: Records, put: Put) -> None:
    reference = put("the words")
    with records.work() as session:
        item = search.find(session, reference, POST_ROOM)[0]
        search.withdraw_text(session, item.id)
        search.withdraw_text(session, item.id)
        session.commit()
    assert found(records, "words") == []
    assert found(records, reference) == [reference]
    with records.connection() as connection:
        connection.exec_driver_sql("INSERT INTO search_index(search_index) VALUES ('integrity-check')")


def test_the_newest_come_first_and_no_more_than_asked_for(records: Records, put: Put) -> None:
    for _ in range(5):
        put("the same words")
    with records.look() as session:
        hits = search.find(session, "same", POST_ROOM, most=3)
        assert len(hits) == 3
        assert all(isinstance(hit, Item) for hit in hits)
