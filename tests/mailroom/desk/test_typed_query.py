"""Facts that are told by name narrow a search; what names nothing is refused with a sentence."""

from __future__ import annotations

from datetime import date

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.typed_query import days_in, wanted_by
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.ledger import Days
from mailroom.records.wanted import Wanted
from mailroom.services import Services


def test_every_fact_narrows_the_search(services: Services) -> None:
    line = 'bins team:Revenues type:foi state:exception channel:FAX name:"Mary Bell" postcode:HD72AB on:2026-02'
    assert wanted_by(line, services) == Wanted(
        "bins",
        Days(date(2026, 2, 1), date(2026, 2, 28)),
        Channel.FAX,
        "foi",
        "revenues",
        ItemState.EXCEPTION,
        "Mary Bell",
        "HD72AB",
    )


def test_days_are_a_span_of_days_and_months(services: Services) -> None:
    assert wanted_by("from:2026-10 to:2026-11-03", services).days == Days(date(2026, 10, 1), date(2026, 11, 3))
    assert wanted_by("to:2026-10", services).days == Days(None, date(2026, 10, 31))
    assert days_in("2026-11-20") == Days(date(2026, 11, 20), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("team:revenue", "There is no team 'revenue'.*Revenues"),
        ("type:xyzzy", "There is no case type 'xyzzy'"),
        ("channel:pigeon", "There is no channel 'pigeon'. There are: post, fax"),
        ("state:lost", "There is no state 'lost'. There are: waiting"),
        ("from:monday", "'monday' is no day. Write it as 2026-11-20"),
        ("on:9999-12-31", "in no year of ours"),
        ("on:0001-01", "in no year of ours"),
        ("to:2026-10 from:2026-11", "The last day comes before the first"),
    ],
)
def test_what_names_nothing_is_refused_with_what_there_is(line: str, sentence: str, services: Services) -> None:
    with pytest.raises(Refused, match=sentence):
        wanted_by(line, services)
