"""The post room asks a sender for what could not be opened; the item waits with its clock running, and an answer finds
back to it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from mailroom.desk.acting import Changed, Refused
from mailroom.desk.asking import ask_sender, take_question_back
from mailroom.desk.correcting import correct
from mailroom.desk.item_page import ItemPage, open_item
from mailroom.desk.post_room import mark_sensitive
from mailroom.desk.printing import print_letters
from mailroom.desk.queues import waiting
from mailroom.desk.timeline import timeline
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.items import ItemState
from mailroom.duties.send_replies import send_replies
from mailroom.records.tables import Item
from mailroom.services import Services

HELD = timedelta(minutes=10)
ANN = "ann@client.example"
Fresh = Callable[[str], Item]
Step = Callable[[timedelta], None]
Write = Callable[..., Item]
Server = Any


def locked_pdf() -> bytes:
    content = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(content, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return content.getvalue()


@pytest.fixture
def write(deliver: Callable[..., Receipt], travel: Callable[..., Item], fresh: Fresh, mailing: Services) -> Write:
    """Carries a mail through its journey."""

    def send(text: str = "My plans are attached.", attached: bytes | None = None, **head: str) -> Item:
        mail = EmailMessage()
        for name, value in {"From": ANN, "Subject": "Plans", **head}.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        if attached is not None:
            mail.add_attachment(attached, maintype="application", subtype="pdf", filename="plans.pdf")
        receipt = deliver(mail.as_bytes(), channel=Channel.EMAIL, proven_sender=mail["From"], file_name="mail.eml")
        return fresh(travel(receipt.item_id, using=mailing).id)

    return send


@pytest.fixture
def locked(write: Write) -> Item:
    """A mail with a PDF that is locked: it needs a person, and has a case and a clock."""
    item = write(attached=locked_pdf())
    assert (item.state, item.cause) == (ItemState.EXCEPTION, "attachments")
    return item


def asked_on_the_line(item: Item, clerk: Viewer, services: Services) -> str | None:
    (line,) = [line for line in waiting(clerk, services) if line["item"] == item.id]
    return line["sender_asked_at"]


def page_of(item: Item, clerk: Viewer, services: Services) -> ItemPage:
    return open_item(item.id, clerk, services)


def test_the_question_names_the_file_and_goes_out_by_mail_while_the_clock_runs_on(
    locked: Item,
    clerk: Viewer,
    mailing: Services,
    step: Step,
    mail_server: Server,
    fresh: Fresh,
    events: Callable[[str], list[str]],
) -> None:
    shown = page_of(locked, clerk, mailing)
    assert shown.question is not None
    assert shown.question.to == (ANN,)
    done = ask_sender(locked.id, clerk, mailing, expected_run=shown.run)
    assert "Its clock runs on" in done.sentence
    held = page_of(locked, clerk, mailing).question
    assert held is not None
    assert held.is_on_its_way
    assert asked_on_the_line(locked, clerk, mailing) is None
    assert send_replies(mailing) == 0
    step(HELD)
    assert send_replies(mailing) == 1
    (sent,) = mail_server.mails()
    assert asked_on_the_line(locked, clerk, mailing) == mailing.now().isoformat()
    assert locked.reference in sent["Subject"]
    text = sent.get_payload(decode=True).decode()
    words = " ".join(text.split())
    assert "plans.pdf It is locked or encrypted" in words
    assert "without a password" in words
    assert shown.question.filled.text.split() == text.split()
    waits = page_of(locked, clerk, mailing)
    assert waits.question is not None
    assert (waits.question.waits, waits.state, waits.due is not None) == (True, "exception", True)
    assert fresh(locked.id).due_at == locked.due_at
    assert events(locked.id)[-3:].count("question_sent") == 1
    assert "sender_asked" in events(locked.id)
    story = [entry.sentence for entry in timeline(locked.id, clerk, mailing)]
    assert "The sender was asked by mail for what could not be opened." in story


def test_an_answer_to_the_question_points_back_to_the_item(
    locked: Item, clerk: Viewer, mailing: Services, step: Step, mail_server: Server, write: Write
) -> None:
    ask_sender(locked.id, clerk, mailing)
    step(HELD)
    send_replies(mailing)
    (sent,) = mail_server.mails()
    by_id = write("Here they are without it.", In_Reply_To=sent["Message-ID"], Subject="Without it")
    by_number = write("Here they are without it.", Subject=f"Re: {sent['Subject']}")
    for answer in (by_id, by_number):
        assert (answer.state, answer.cause) == (ItemState.EXCEPTION, "which_case")
        assert f"{locked.reference}, which still waits to be settled. Settle that first" in (answer.problem or "")
        assert locked.reference in [one.reference for one in page_of(answer, clerk, mailing).cases]


def test_it_can_be_taken_back_until_it_goes_and_asked_anew(
    locked: Item, clerk: Viewer, mailing: Services, step: Step, mail_server: Server
) -> None:
    ask_sender(locked.id, clerk, mailing)
    with pytest.raises(Refused, match="on its way already"):
        ask_sender(locked.id, clerk, mailing)
    take_question_back(locked.id, clerk, mailing)
    with pytest.raises(Refused, match="No question"):
        take_question_back(locked.id, clerk, mailing)
    step(HELD)
    assert (send_replies(mailing), mail_server.mails()) == (0, [])
    assert ask_sender(locked.id, clerk, mailing).facts["number"] == 2


def test_what_became_limited_meanwhile_is_asked_for_no_more(
    locked: Item, clerk: Viewer, named: Viewer, mailing: Services, step: Step, mail_server: Server
) -> None:
    ask_sender(locked.id, clerk, mailing)
    mark_sensitive(locked.id, clerk, mailing, reason="a child may be at risk")
    step(HELD)
    send_replies(mailing)
    assert mail_server.mails() == []
    with pytest.raises(Refused, match="limited-access"):
        ask_sender(locked.id, named, mailing)


@pytest.mark.parametrize(
    "head", [{"Auto_Submitted": "auto-generated"}, {"List_Id": "<news.example>"}, {"From": "no-reply@client.example"}]
)
def test_a_machine_or_a_list_is_asked_for_nothing(
    head: dict[str, str], write: Write, clerk: Viewer, mailing: Services
) -> None:
    item = write(attached=locked_pdf(), **head)
    shown = page_of(item, clerk, mailing).question
    assert shown is not None
    assert (shown.to, shown.plan.reason) == (
        (),
        "It came from a machine or a list, which is never answered (RFC 3834).",
    )
    with pytest.raises(Refused, match="machine or a list"):
        ask_sender(item.id, clerk, mailing)


def test_what_is_held_back_is_asked_for_from_nobody(locked: Item, clerk: Viewer, mailing: Services) -> None:
    with mailing.records.work() as session:
        session.get_one(Item, locked.id).originals[0].quarantined = "Eicar-Test-Signature"
        session.commit()
    with pytest.raises(Refused, match="may do harm"):
        ask_sender(locked.id, clerk, mailing)


def test_who_has_seen_an_older_item_asks_nothing(locked: Item, clerk: Viewer, mailing: Services) -> None:
    correct(locked.id, "sender_name", "Ann Bell", clerk, mailing)
    with pytest.raises(Changed):
        ask_sender(locked.id, clerk, mailing, expected_run=locked.run)


def test_there_is_nothing_to_ask_about_what_was_opened(
    unclear: Item, settled: Item, clerk: Viewer, services: Services
) -> None:
    for item in (unclear, settled):
        assert page_of(item, clerk, services).question is None
        with pytest.raises(Refused, match="Nothing of"):
            ask_sender(item.id, clerk, services)


def test_a_letter_is_printed_where_there_is_no_mail_address_once_the_postal_one_is_known(
    deliver: Callable[..., Receipt], go_on: Fresh, clerk: Viewer, services: Services, step: Step, tmp_path: Path
) -> None:
    item = go_on(deliver(locked_pdf(), file_name="plans.pdf").item_id)
    assert (item.state, item.cause) == (ItemState.EXCEPTION, "encrypted")
    with pytest.raises(Refused, match="No address of the sender is known"):
        ask_sender(item.id, clerk, services)
    address = {"sender_name": "Ann Bell", "sender_address": "4 Quarry View, Harrowdale", "sender_postcode": "HD7 4QT"}
    for field, value in address.items():
        correct(item.id, field, value, clerk, services)
    go_on(item.id)
    assert "a letter, which waits to be printed" in ask_sender(item.id, clerk, services).sentence
    step(HELD)
    send_replies(services)
    (printed,) = print_letters([], clerk, tmp_path, services)
    with pypdfium2.PdfDocument(printed["file"]) as pdf:
        words = " ".join(page.get_textpage().get_text_range() for page in pdf)
    assert "plans.pdf" in words
    assert "Dear Ann Bell" in words
    shown = page_of(item, clerk, services).question
    assert shown is not None
    assert shown.waits


def test_who_writes_in_welsh_is_asked_in_welsh(write: Write, clerk: Viewer, mailing: Services) -> None:
    words = (
        "Annwyl Syr neu Fadam, yr wyf yn anfon fy nghynlluniau atoch chi gyda'r neges hon. Diolch yn fawr iawn i chi."
    )
    question = page_of(write(words, locked_pdf()), clerk, mailing).question
    assert question is not None
    assert question.filled.language == "cy"
    assert "heb gyfrinair nac amgryptio" in question.filled.text
