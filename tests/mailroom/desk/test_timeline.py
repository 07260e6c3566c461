"""A case's story as sentences, and what belongs to it, for those who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from mailroom.desk.audit import NotThere
from mailroom.desk.back_office import accept, close_case
from mailroom.desk.correcting import correct
from mailroom.desk.minding import bring_forward, write_note
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.desk.related import related
from mailroom.desk.returning import return_item
from mailroom.desk.timeline import timeline
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

GoOn = Callable[[str], Item]
Step = Callable[[timedelta], None]
SPD = "council_tax_single_person_discount"
ANOTHER = b"""Jane Pemberton
4 Quarry View
Harrowdale
HD7 4QT

12 November 2026

Dear Sir or Madam

Council tax refund

Please refund what I paid too much of my council tax. My council tax account number is 71204455.

Yours faithfully

Jane Pemberton
"""


def test_the_story_is_told_in_the_order_of_time(
    settled: Item, sam: Viewer, clerk: Viewer, services: Services, step: Step, go_on: GoOn
) -> None:
    step(timedelta(hours=1))
    return_item(settled.id, "pages_missing", sam, services)
    step(timedelta(hours=1))
    settle(settled.id, SPD, clerk, services)
    go_on(settled.id)
    step(timedelta(hours=1))
    accept(settled.id, sam, services, officer="sam")
    write_note(settled.id, "Rang her.", sam, services)
    step(timedelta(hours=1))
    bring_forward(settled.id, date(2026, 11, 18), "the lease", sam, services)
    found = timeline(settled.id, sam, services)
    assert [entry.at for entry in found] == sorted(entry.at for entry in found)
    told = [(entry.sentence, entry.who) for entry in found if not entry.kind.startswith("clock")]
    assert told == [
        ("Received.", None),
        ("Captured as “Council tax: single person discount” for Revenues.", None),
        ("Handed over to Revenues.", None),
        ("Returned to the post room by Revenues.", "sam"),
        ("Settled by a person as “Council tax: single person discount”.", "kim"),
        ("Handed over to Revenues.", None),
        ("Accepted by Revenues; sam has it.", "sam"),
        ("Note.", "sam"),
        ("Note.", "sam"),
    ]
    texts = [entry.text for entry in found if entry.text]
    assert texts == [
        "Pages are missing or cannot be read",
        "Rang her.",
        "Brought forward to 18 November 2026: the lease",
    ]
    clocks = {entry.sentence: entry.kind for entry in found if entry.kind.startswith("clock")}
    assert clocks["Done: Scanned, indexed and in a case."] == "clock_met"
    assert clocks["Due: Answered in full."] == "clock_running"
    assert found[-1].kind == "clock_running"


def test_a_clock_that_ran_out_is_told_as_overdue_and_a_late_answer_as_late(
    settled: Item, sam: Viewer, services: Services, step: Step
) -> None:
    step(timedelta(days=30))
    assert "Overdue: Answered in full." in [entry.sentence for entry in timeline(settled.id, sam, services)]
    close_case(settled.id, "done", services.now(), sam, services)
    sentences = [entry.sentence for entry in timeline(settled.id, sam, services)]
    assert "Done (late): Answered in full." in sentences
    assert "Closed." in sentences


def test_the_story_is_for_those_who_may_see_the_item(settled: Item, pat: Viewer, services: Services) -> None:
    for ask in (timeline, related):
        with pytest.raises(NotThere):
            ask(settled.id, pat, services)


def test_the_same_name_and_postcode_and_the_same_account_belong_together(
    settled: Item, deliver: Callable[..., Receipt], go_on: GoOn, sam: Viewer, services: Services
) -> None:
    other = go_on(deliver(ANOTHER).item_id)
    found = related(settled.id, sam, services)
    assert [line["reference"] for line in found["sender"]] == [other.reference]
    assert [(group["name"], group["value"]) for group in found["references"]] == [("council_tax_account", "71204455")]
    assert found["references"][0]["items"][0]["what"] == "Council tax: refund"
    assert found["case"] == []


def test_a_name_alone_is_nobody_in_particular(
    settled: Item, deliver: Callable[..., Receipt], go_on: GoOn, sam: Viewer, clerk: Viewer, services: Services
) -> None:
    other = go_on(deliver(ANOTHER.replace(b"HD7 4QT", b"HD2 9ZZ").replace(b"71204455", b"71204466")).item_id)
    assert related(settled.id, sam, services) == {
        "reference": settled.reference,
        "case": [],
        "sender": [],
        "references": [],
    }
    correct(other.id, "sender_postcode", "HD7 4QT", clerk, services)
    correct(other.id, "sender_name", "JANE PEMBERTON", clerk, services)
    assert len(related(settled.id, sam, services)["sender"]) == 1


def test_the_same_proven_address_belongs_together(
    deliver: Callable[..., Receipt], go_on: GoOn, sam: Viewer, services: Services
) -> None:
    words = [
        b"Council tax refund\n\nPlease refund my council tax.",
        b"Council tax refund\n\nWhere is my council tax refund?",
    ]
    one, two = (go_on(deliver(text, proven_sender="jo@example.org").item_id) for text in words)
    assert [line["item"] for line in related(one.id, sam, services)["sender"]] == [two.id]


def test_what_is_not_the_viewer_s_to_see_is_not_told_and_not_counted(
    settled: Item, deliver: Callable[..., Receipt], go_on: GoOn, sam: Viewer, clerk: Viewer, services: Services
) -> None:
    other = go_on(deliver(ANOTHER).item_id)
    mark_sensitive(other.id, clerk, services, reason="r")
    go_on(other.id)
    found = related(settled.id, sam, services)
    assert (found["sender"], found["references"]) == ([], [])
    named = Viewer("jo", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}), named_for_limited=True)
    assert len(related(settled.id, named, services)["sender"]) == 1


def test_a_letter_that_quotes_our_reference_is_shown_with_it(
    settled: Item, deliver: Callable[..., Receipt], go_on: GoOn, sam: Viewer, clerk: Viewer, services: Services
) -> None:
    text = f"Council tax refund\n\nPlease refund my council tax. Your reference is {settled.reference}.\n"
    other = go_on(deliver(text.encode()).item_id)
    settle(other.id, "council_tax_refund", clerk, services)
    go_on(other.id)
    (group,) = related(settled.id, sam, services)["references"]
    assert (group["name"], group["value"], group["items"][0]["item"]) == (
        "item_reference",
        settled.reference,
        other.id,
    )
    assert related(other.id, sam, services)["references"][0]["items"][0]["item"] == settled.id
