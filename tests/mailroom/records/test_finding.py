"""Searches by several things at once say the same on both databases, whichever way these go, and give nothing away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.domain.query import MOST_TERMS
from mailroom.records import finding, matching
from mailroom.records.facets import facets_of
from mailroom.records.finding import find, lines_of
from mailroom.records.ledger import Days
from mailroom.records.session import Records
from mailroom.records.tables import Item
from mailroom.records.wanted import Order, Wanted

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)
FRIDAY = Days(date(2026, 11, 13), date(2026, 11, 13))
DIGEST = "ab" * 32
AUDITOR = Viewer("ada", frozenset({Role.AUDITOR}))
NAMED = Viewer("ann", frozenset({Role.AUDITOR}), named_for_limited=True)
OFFICER = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
MANAGER = Viewer("mo", frozenset({Role.MANAGER}), named_for_limited=True)
Put = Callable[..., str]


@pytest.fixture(params=["few matches", "many matches"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in which the database can go."""
    if request.param == "many matches":
        monkeypatch.setattr(matching, "MANY", 0)


def found(archive: Records, wanted: Wanted | str, viewer: Viewer = AUDITOR, order: Order = Order.NEWEST) -> list[str]:
    """The ids of what is found; what is counted and how it is divided agrees with them."""
    wanted = Wanted(wanted) if isinstance(wanted, str) else wanted
    with archive.look() as session:
        hits = find(session, wanted, viewer, order)
        ids = [line["id"] for line in lines_of(session, hits, hits.keys)]
        facets = facets_of(session, hits, viewer)
    assert hits.number == len(ids) == sum(number for _, number in facets.channels)
    return ids


@pytest.mark.usefixtures("way")
def test_each_thing_that_is_known_narrows_the_search(archive: Records, put: Put) -> None:
    whole = {"channel": Channel.FAX, "case_type": "foi", "team": "governance", "state": ItemState.EXCEPTION}
    mine = put("the bins", received_at=MONDAY - timedelta(days=3), **whole)
    for name, other in (("channel", Channel.POST), ("case_type", "sar"), ("team", "revenues"), ("state", "captured")):
        put("the bins", received_at=MONDAY - timedelta(days=3), **{**whole, name: other})
    put("the bins", **whole)
    put("the roads", received_at=MONDAY - timedelta(days=3), **whole)
    assert found(archive, Wanted("bins", FRIDAY, **whole)) == [mine]  # type: ignore[arg-type]  # as the fields are


@pytest.mark.parametrize("words", ["Pemberton", "mary  o'bell", "HD72AB", "hd7 2ab", "71204455", "lodger MOVED"])
def test_one_is_found_by_name_postcode_number_and_words(archive: Records, put: Put, words: str) -> None:
    put("nothing of it", sender_postcode="HD7 2AD")
    fields = {"sender_name": "Mary O'Bell", "sender_postcode": "HD7 2AB", "council_tax_account": "71204455"}
    mine = put("My lodger has moved out. J Pemberton", **fields)
    assert found(archive, words) == [mine]


@pytest.mark.parametrize("query", ["HD2 3AB", "HD23AB", "hd23ab", " HD23AB ", "HD2   3AB"])
def test_a_postcode_is_found_with_its_space_and_without(archive: Records, put: Put, query: str) -> None:
    indexed = put("words", sender_postcode="HD2 3AB")
    spaced, unspaced = put("The bin at HD2 3AB was missed"), put("The bin at hd23ab was missed")
    put("The bin at HD2 3AD was missed", sender_postcode="HD2 3AD")
    assert set(found(archive, query)) == {indexed, spaced, unspaced}
    assert set(found(archive, f"bin {query}")) == {spaced, unspaced}


def test_name_and_postcode_of_the_sender_are_told_by_name(archive: Records, put: Put) -> None:
    mine = put("a bin", sender_name="Mary O'Bell", sender_postcode="HD2 3AB")
    put("Mary O'Bell of HD2 3AB", sender_name="Jo Hill", sender_postcode="HD2 3AD")
    for wanted in (Wanted(name="mary  o'bell"), Wanted(postcode="hd23ab"), Wanted("bin", name="Mary O'Bell")):
        assert found(archive, wanted) == [mine]


def test_the_index_of_words_knows_phrases_beginnings_and_what_is_to_be_left_out(archive: Records, put: Put) -> None:
    missed, other = put("The green bin was missed on Tuesday"), put("A bin is green, said Müller-Lüdenscheidt")
    assert found(archive, '"green bin"') == [missed]
    assert set(found(archive, "green bin")) == {missed, other}
    assert found(archive, "tue*") == found(archive, '"bin was" tuesd*') == [missed]
    assert found(archive, "green -missed") == found(archive, 'bin -"was missed"') == [other]
    assert found(archive, "-missed") == []
    assert found(archive, "MULLER-LUDENSCHEIDT") == found(archive, "ludenscheidt") == [other]


def test_a_word_is_found_where_a_machine_read_a_digit_for_a_letter(archive: Records, put: Put) -> None:
    misread = put("Yours, Mrs Pembert0n")
    put("Yours, Mrs Pembertan")
    assert found(archive, "Pemberton") == [misread]


def test_of_a_reference_with_a_slip_the_one_that_is_meant_is_found(archive: Records, put: Put) -> None:
    mine, other = put(), put()
    limited = put(sensitivity=Sensitivity.LIMITED)
    with archive.look() as session:
        reference, hidden = (session.get_one(Item, item).reference for item in (mine, limited))
    assert found(archive, reference) == found(archive, reference.lower().replace("-", "")) == [mine]
    slipped = f"{reference[:6]}9{reference[7:]}"
    assert mine in found(archive, slipped)
    assert other not in found(archive, slipped)
    assert found(archive, f"{hidden[:6]}9{hidden[7:]}") == []
    assert len(found(archive, DIGEST)) == len(found(archive, DIGEST.upper())) == 2


@pytest.mark.usefixtures("way")
def test_neither_hits_nor_their_number_give_away_what_may_not_be_seen(archive: Records, put: Put) -> None:
    hidden, unread = put("a child", sensitivity=Sensitivity.LIMITED), put("a child", sensitivity=None)
    seen = put("a child")
    elsewhere, unsettled = put("a child", team="housing"), put("a child", settled=False)
    for wanted in (Wanted("child"), Wanted(), Wanted(channel=Channel.POST), Wanted("child", state=ItemState.CAPTURED)):
        assert set(found(archive, wanted)) == {seen, elsewhere, unsettled}
        assert set(found(archive, wanted, NAMED)) == {seen, elsewhere, unsettled, hidden, unread}
        assert set(found(archive, wanted, OFFICER)) == {seen}
        assert found(archive, wanted, MANAGER) == []
    assert found(archive, Wanted("child", team="housing"), OFFICER) == []


def test_the_newest_come_first_and_of_one_moment_the_one_that_was_numbered_last(archive: Records, put: Put) -> None:
    old = put(received_at=MONDAY - timedelta(days=1))
    first, second = put(), put()
    assert found(archive, "words") == found(archive, Wanted()) == [second, first, old]


def test_what_matches_best_comes_first_where_that_is_asked_for(archive: Records, put: Put) -> None:
    often, once = put("bin, bin, bin and again the bin"), put("of many other things and of one bin that stands here")
    assert found(archive, "bin") == [once, often]
    assert found(archive, "bin", order=Order.RELEVANCE) == [often, once]
    assert set(found(archive, "bin", NAMED, Order.RELEVANCE)) == {often, once}


def test_what_is_due_first_comes_first_where_that_is_asked_for(archive: Records, put: Put, change: Put) -> None:
    items = [put() for _ in range(3)]
    for item, days in zip(items, (2, 1, 3), strict=True):
        change(item, due_at=MONDAY + timedelta(days=days))
    for wanted in (Wanted("words"), Wanted()):
        assert found(archive, wanted, order=Order.CLOCK) == [items[1], items[0], items[2]]


def test_relevance_is_among_the_newest_only(archive: Records, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "RANKED", 2)
    put("bin, bin, bin")
    two = {put("one bin"), put("another bin")}
    with archive.look() as session:
        hits = find(session, Wanted("bin"), AUDITOR, Order.RELEVANCE)
        assert {line["id"] for line in lines_of(session, hits, hits.keys)} == two
        assert hits.number == 3


def test_counting_stops_where_nobody_reads_on(archive: Records, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "COUNTED_TO", 2)
    for _ in range(5):
        put()
    with archive.look() as session:
        for wanted in (Wanted("words"), Wanted()):
            hits = find(session, wanted, AUDITOR)
            assert (len(hits.keys), hits.number, hits.more) == (2, 2, True)


def test_what_was_found_is_divided_by_channel_team_and_state(archive: Records, put: Put) -> None:
    put(channel=Channel.FAX, team="housing", state=ItemState.EXCEPTION)
    put()
    put()
    put(sensitivity=Sensitivity.LIMITED)
    with archive.look() as session:
        for wanted in (Wanted("words"), Wanted()):
            facets = facets_of(session, find(session, wanted, AUDITOR), AUDITOR)
            assert facets.channels == (("post", 2), ("fax", 1))
            assert facets.teams == (("revenues", 2), ("housing", 1))
            assert facets.states == (("captured", 2), ("exception", 1))


HOSTILE = (
    *('"', "'; DROP TABLE item; --", "a AND NOT", "NEAR(a b)", "*", "body:x", "(", "\x00", "%", "^x", "a\x00b"),
    *("\ud800", "\\", "'", "a' | b", "!x", "x:*", "#520", "'#520'", "<->", "a <-> b", "HD-26-999999-A", "~", "-"),
    *('"""', '"a" "b', "~~a", "-\x00", "(a OR b)", "a" * 5000, "a " * 5000, "é\u0301" * 300, "🂡", "<a@b>", "@"),
    *("{a b}: c", "a + b", "' '", "to:", "team:", ":a", "- -", "-- x", "q*q*", "\u202e\u2066x", "0x", "1e309"),
    " & ".join(f"w{number}*" for number in range(MOST_TERMS * 2)),
    " ".join(f'"a b{number}"' for number in range(MOST_TERMS * 2)),
)


def test_no_words_break_the_search(archive: Records, put: Put) -> None:
    put("plain")
    for words in HOSTILE:
        for order in Order:
            assert found(archive, words, order=order) == [], words


def test_lines_have_their_case_in_the_order_asked_for(archive: Records, put: Put) -> None:
    one, two = put(), put()
    with archive.look() as session:
        hits = find(session, Wanted("words"), AUDITOR)
        rows = lines_of(session, hits, hits.keys)
    assert [(row["id"], row["case_type"], row["team"]) for row in rows] == [
        (two, "council_tax_refund", "revenues"),
        (one, "council_tax_refund", "revenues"),
    ]


def test_what_came_from_another_mailroom_is_found_by_its_old_reference_beside_ours(
    archive: Records, put: Put, reference_of: Callable[[str], str]
) -> None:
    ours = put()
    reference = reference_of(ours)
    old = put(old_reference=reference, team="planning")
    quotes_it = put(account_reference=reference)
    assert set(found(archive, reference)) == {ours, old}
    assert quotes_it not in found(archive, reference.lower())
    assert found(archive, reference, OFFICER) == [ours]


def test_a_text_of_very_many_very_long_words_is_found_by_those_at_its_beginning(archive: Records, put: Put) -> None:
    digests = [sha256(b"%d" % number).hexdigest() for number in range(20_000)]
    item = put(" ".join(("Manifest", *digests)))
    assert found(archive, "manifest") == found(archive, f"Manifest {digests[9]}") == [item]
