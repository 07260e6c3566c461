"""What is very long is shown a stretch at a time, to its end: nothing is cut without a word."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from email.message import EmailMessage

from sample_letters import DISCOUNT
from visitors import SignIn

from mailroom.domain.access import Role
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.tables import Item

LINES = "".join(f"Line {number} of a long story about the lodger and the weather.\n" for number in range(33_000))
WHOLE = DISCOUNT.decode() + "\n" + LINES + "These are the very last words.\n"


def letter_of(page: str) -> str:
    return html.unescape(re.findall(r'<pre class="mr-letter"[^>]*>(.*?)</pre>', page, re.DOTALL)[0])


def test_an_officer_reads_a_text_of_two_megabytes_to_its_end(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(WHOLE.encode(), file_name="letter.txt").item_id)
    sam = signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))
    first = sam.get(f"/cases/{item.id}").text
    assert len(first) < 200_000
    assert "The text goes on" in first
    read, path = letter_of(first), re.findall(r'href="(/cases/[^"]+/pages/1/text\?start=\d+)"', first)[0]
    while path:
        page = sam.get(path).text
        assert len(page) < 500_000
        read += letter_of(page)
        path = next(iter(re.findall(r'href="(/cases/[^"]+/text\?start=\d+)" rel="next"', page)), "")
    assert read.split() == WHOLE.split()
    assert len(read.split()) > 300_000


def test_texts_beyond_those_that_are_shown_at_once_are_named_and_can_be_opened(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "jane@client.example", "Council tax"
    mail.set_content(DISCOUNT.decode())
    for number in range(24):
        mail.add_attachment(f"This is statement number {number}.", filename=f"{number}.txt")
    known = {"channel": Channel.EMAIL, "proven_sender": "jane@client.example", "file_name": "mail.eml"}
    item = travel(deliver(mail.as_bytes(), **known).item_id)
    kim = signed_in("kim", Role.POST_ROOM)
    page = kim.get(f"/cases/{item.id}").text
    for number in range(24):
        told, place = f"This is statement number {number}.", number + 2
        there = told in page
        link = f"/cases/{item.id}/pages/{place}/text"
        assert there != (link in page)
        assert there or told in letter_of(kim.get(link).text)
    assert "statement number 20." not in page


def test_a_text_is_only_for_those_who_may_see_its_item(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(DISCOUNT).item_id)
    pat = signed_in("pat", Role.BACK_OFFICE, teams=("housing",))
    assert pat.get(f"/cases/{item.id}/pages/1/text").status_code == 404
    sam = signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))
    assert sam.get(f"/cases/{item.id}/pages/1/text").status_code == 200
    assert sam.get(f"/cases/{item.id}/pages/2/text").status_code == 404
