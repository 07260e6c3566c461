"""Searches by several things at once say the same whichever way the database goes, and give nothing away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Capture, Channel
from mailroom.domain.decision import IndexField, Sensitivity
from mailroom.domain.items import ItemState
from mailroom.records import finding, search
from mailroom.records.cases import put_case
from mailroom.records.documents import NewDocument, replace_documents, set_fields
from mailroom.records.finding import Wanted, find_ids, lines_of
from mailroom.records.items import add_item, new_id
from mailroom.records.ledger import Days
from mailroom.records.session import Records
from mailroom.records.tables import Original

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)
AUDITOR = Viewer("ada", frozenset({Role.AUDITOR}))
NAMED = Viewer("ann", frozenset({Role.AUDITOR}), named_for_limited=True)
OFFICER = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
Put = Callable[..., str]


@pytest.fixture(params=["few matches", "many matches"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in which the database can go."""
    if request.param == "many matches":
        monkeypatch.setattr(search, "MANY", 0)
        monkeypatch.setattr(finding, "MANY", 0)


@pytest.fixture
def put(records: Records) -> Put:
    """Puts an item down, with case, words and index data, and returns its id."""

    def act(
        body: str = "words",
        *,
        received_at: datetime = MONDAY,
        channel: Channel = Channel.POST,
        case_type: str = "council_tax_refund",
        team: str = "revenues",
        sensitivity: Sensitivity = Sensitivity.NORMAL,
        state: ItemState = ItemState.CAPTURED,
        **fields: str,
    ) -> str:
        with records.work() as session:
            capture = Capture(Path("gone"), channel, new_id(), received_at)
            item = add_item(session, capture, prefix="HD", now=MONDAY, first_stage="unpack")
            item.sensitivity, item.state, item.settled, item.team = sensitivity, state, True, team
            original = Original(id=new_id(), item_id=item.id, ordinal=1, sha256="ab" * 32, size=1, key="k")
            original.file_name, original.stored_at = "x", MONDAY
            session.add(original)
            session.flush()
            (document,) = replace_documents(session, item, [NewDocument(original.id, "text/plain", 1)], MONDAY)
            set_fields(session, document.id, [IndexField(name, value, 1.0) for name, value in fields.items()])
            put_case(session, item, case_type, team, f"team:{team}", MONDAY)
            search.index_text(session, item.id, body)
            session.commit()
            return item.id

    return act


def found(records: Records, wanted: Wanted, viewer: Viewer = AUDITOR) -> list[str]:
    with records.look() as session:
        return list(find_ids(session, wanted, viewer))


@pytest.mark.usefixtures("way")
def test_each_thing_that_is_known_narrows_the_search(records: Records, put: Put) -> None:
    whole = {"channel": Channel.FAX, "case_type": "foi", "team": "governance", "state": ItemState.EXCEPTION}
    mine = put("the bins", received_at=MONDAY - timedelta(days=3), **whole)
    for name, other in (("channel", Channel.POST), ("case_type", "sar"), ("team", "revenues"), ("state", "captured")):
        put("the bins", received_at=MONDAY - timedelta(days=3), **{**whole, name: other})
    put("the bins", **whole)
    put("the roads", received_at=MONDAY - timedelta(days=3), **whole)
    friday = Days(date(2026, 11, 13), date(2026, 11, 13))
    assert found(records, Wanted("bins", friday, **whole)) == [mine]  # type: ignore[arg-type]  # as the fields are


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("words", ["Pemberton", "mary  o'bell", "HD72AB", "hd7 2ab", "71204455", "lodger MOVED"])
def test_one_is_found_by_name_postcode_number_and_words(records: Records, put: Put, words: str) -> None:
    put("nothing of it", sender_postcode="HD7 2AD")
    fields = {"sender_name": "Mary O'Bell", "sender_postcode": "HD7 2AB", "council_tax_account": "71204455"}
    mine = put("My lodger has moved out. J Pemberton", **fields)
    assert found(records, Wanted(words)) == [mine]


@pytest.mark.usefixtures("way")
def test_neither_hits_nor_their_number_give_away_what_may_not_be_seen(records: Records, put: Put) -> None:
    hidden = put("a child", sensitivity=Sensitivity.LIMITED)
    seen = put("a child")
    elsewhere = put("a child", team="housing")
    for wanted in (Wanted("child"), Wanted(), Wanted(channel=Channel.POST), Wanted(state=ItemState.CAPTURED)):
        assert set(found(records, wanted)) == {seen, elsewhere}
        assert set(found(records, wanted, NAMED)) == {seen, elsewhere, hidden}
        assert set(found(records, wanted, OFFICER)) == {seen}
    assert found(records, Wanted(team="housing"), OFFICER) == []


@pytest.mark.usefixtures("way")
def test_the_newest_come_first_and_of_one_moment_the_one_that_was_numbered_last(records: Records, put: Put) -> None:
    old = put(received_at=MONDAY - timedelta(days=1))
    first, second = put(), put()
    assert found(records, Wanted("words")) == [second, first, old]


@pytest.mark.usefixtures("way")
def test_counting_stops_one_beyond_what_anybody_reads(
    records: Records, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "COUNTED_TO", 2)
    for _ in range(5):
        put()
    assert len(found(records, Wanted("words"))) == 3


@pytest.mark.parametrize("words", ['"', "'; DROP TABLE item; --", "NEAR(a b)", "*", "(", "\x00", "%", "HD-26-000001-A"])
def test_no_words_break_the_search(records: Records, put: Put, words: str) -> None:
    put("plain")
    assert found(records, Wanted(words)) == []


def test_lines_have_their_case_in_the_order_asked_for(records: Records, put: Put) -> None:
    one, two = put(), put()
    with records.look() as session:
        rows = lines_of(session, [two, one])
    assert [(row["id"], row["case_type"], row["team"]) for row in rows] == [
        (two, "council_tax_refund", "revenues"),
        (one, "council_tax_refund", "revenues"),
    ]
