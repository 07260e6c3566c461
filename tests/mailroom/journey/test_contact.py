"""A message that belongs to an open case is a contact on it, and a stranger who quotes its number is not."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from sample_letters import AT_RISK, DISCOUNT, bounce_of
from sqlalchemy import select

from mailroom.domain.acknowledging import Way
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.domain.references import make_reference
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.cases import close
from mailroom.records.handoffs import last_handoff
from mailroom.records.tables import Case, CustodyEvent, Item
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
JANE = "jane@client.example"
THANKS = "Thank you. The lodger's name was Thomas Fry, and he left on the last day of October."


@pytest.fixture(autouse=True)
def sound(services: Services) -> object:
    yield
    assert verify(services)["faults"] == []
    assert (reconcile(services)["difference"], reconcile(services)["missing"]) == (0, [])


@pytest.fixture
def write(deliver: Deliver, travel: Travel, services: Services) -> Callable[..., Item]:
    """Carries a mail through its journey: `write(text, sender, subject=..., in_reply_to=...)`."""
    object.__setattr__(services.settings.acknowledge, "smtp_host", "localhost")
    count = iter(range(1, 100))

    def send(text: str, sender: str = JANE, **head: str) -> Item:
        made = EmailMessage()
        number = next(count)
        made["From"], made["Message-ID"] = sender or JANE, f"<{number}@client.example>"
        for name, value in {"subject": "Council tax", **head}.items():
            made[name.replace("_", "-")] = value
        made.set_content(text)
        return travel(deliver(made.as_bytes(), channel=Channel.EMAIL, proven_sender=sender).item_id)

    return send


@pytest.fixture
def opened(write: Callable[..., Item]) -> Item:
    """An open case of Jane's, with Revenues."""
    item = write(DISCOUNT.decode())
    assert item.case is not None
    assert (item.state, item.case.team) == (ItemState.CAPTURED, "revenues")
    return item


@pytest.fixture
def our_message(opened: Item, services: Services) -> str:
    """The name of the message that tells Jane that her mail came in."""
    with services.records.look() as session:
        told = acknowledgement_of(session, opened.id)
        assert told is not None
        assert told.way == Way.EMAIL
        return told.message_id


def test_an_answer_to_our_message_is_a_contact_on_its_case(
    write: Callable[..., Item], opened: Item, our_message: str, services: Services
) -> None:
    answer = write(THANKS, in_reply_to=our_message)
    assert answer.state is ItemState.CAPTURED
    assert answer.case_id == opened.case_id
    assert answer.captured_at is not None
    assert answer.case is not None
    assert answer.due_at == opened.due_at
    with services.records.look() as session:
        assert session.scalars(select(Case.opened_for)).all() == [opened.id]
        told, handoff = acknowledgement_of(session, answer.id), last_handoff(session, answer.id)
        kinds = session.scalars(select(CustodyEvent.kind).where(CustodyEvent.item_id == answer.id)).all()
    assert told is not None
    assert (told.way, told.state) == (Way.NONE, "withheld")
    assert handoff is not None
    assert (handoff.team, handoff.state, answer.desk) == ("revenues", "offered", "revenues")
    assert "contact_added" in kinds
    assert "case_opened" not in kinds


@pytest.mark.parametrize("where", ["subject", "text", "references"])
def test_the_case_is_found_by_what_the_sender_quotes(write: Callable[..., Item], opened: Item, where: str) -> None:
    head = {
        "subject": {"subject": f"Re: your reference {opened.reference.lower()}"},
        "text": {},
        "references": {"references": "<0@elsewhere.example> <1@client.example>"},
    }[where]
    text = f"{THANKS} Your reference: {opened.reference.replace('-', '')}" if where == "text" else THANKS
    assert write(text, **head).case_id == opened.case_id


def test_the_case_of_a_message_is_found_by_the_number_of_the_message(write: Callable[..., Item], opened: Item) -> None:
    second = write(THANKS, subject=opened.reference)
    assert write(THANKS, subject=second.reference).case_id == opened.case_id


@pytest.mark.parametrize("sign", ["in_reply_to", "subject", "text"])
def test_a_stranger_lands_in_nobodys_case(
    write: Callable[..., Item], opened: Item, our_message: str, services: Services, sign: str
) -> None:
    head = {"in_reply_to": our_message, "subject": opened.reference, "text": opened.reference}
    text = f"Please tell me all about {opened.reference}." if sign == "text" else "Please tell me all about it."
    item = write(text, "eve@elsewhere.example", **({} if sign == "text" else {sign: head[sign]}))
    assert (item.state, item.cause) == (ItemState.EXCEPTION, Cause.WHICH_CASE)
    assert opened.reference in (item.problem or "")
    assert item.case_id not in (None, opened.case_id)
    with services.records.look() as session:
        told = acknowledgement_of(session, item.id)
    assert told is None


def test_the_right_name_from_another_address_is_not_enough(write: Callable[..., Item], opened: Item) -> None:
    item = write(f"{DISCOUNT.decode()}\nYour reference {opened.reference}", "eve@elsewhere.example")
    assert (item.state, item.cause) == (ItemState.EXCEPTION, Cause.WHICH_CASE)


def test_a_letter_bears_no_address_and_its_name_and_postcode_are_enough(
    deliver: Deliver, travel: Travel, opened: Item
) -> None:
    letter = DISCOUNT.decode().replace("Dear Sir or Madam", f"Your ref {opened.reference}\n\nDear Sir or Madam")
    assert travel(deliver(letter.encode()).item_id).case_id == opened.case_id
    other = letter.replace("HD7 4QT", "HD7 4QX")
    assert travel(deliver(other.encode()).item_id).cause == Cause.WHICH_CASE


def test_what_is_written_about_a_closed_case_is_new_work(
    write: Callable[..., Item], opened: Item, our_message: str, services: Services
) -> None:
    with services.records.work() as session:
        close(session.get_one(Case, opened.case_id), "granted", services.now())
        session.commit()
    item = write(DISCOUNT.decode(), in_reply_to=our_message)
    assert item.case_id not in (None, opened.case_id)
    assert item.state is ItemState.CAPTURED


def test_a_request_under_the_act_in_an_answer_is_not_lost_in_it(
    write: Callable[..., Item], opened: Item, our_message: str
) -> None:
    text = "Under the Freedom of Information Act 2000 please send me the number of discounts granted in 2025."
    item = write(text, in_reply_to=our_message)
    assert (item.state, item.cause) == (ItemState.EXCEPTION, Cause.CONFLICT)
    assert opened.reference in (item.problem or "")
    assert item.case_id != opened.case_id


def test_an_absence_note_is_kept_with_the_case_and_lies_before_nobody(
    write: Callable[..., Item], opened: Item, our_message: str, services: Services
) -> None:
    note = write("I am away until Monday.", in_reply_to=our_message, auto_submitted="auto-replied")
    assert (note.state, note.case_id, note.desk) == (ItemState.CAPTURED, opened.case_id, None)
    with services.records.look() as session:
        told = acknowledgement_of(session, note.id)
        assert last_handoff(session, note.id) is None
    assert told is not None
    assert told.state == "withheld"


def test_an_absence_note_of_a_stranger_is_no_persons_work(write: Callable[..., Item], opened: Item) -> None:
    head = {"subject": f"Out of office: {opened.reference}", "auto_submitted": "auto-replied"}
    item = write("I am out of the office until Monday and will answer then.", "eve@elsewhere.example", **head)
    assert item.case_id != opened.case_id
    assert item.state is ItemState.CAPTURED


def test_a_second_case_of_the_same_sender_is_asked_about(write: Callable[..., Item], opened: Item) -> None:
    second = write(DISCOUNT.decode())
    text = f"About {opened.reference} and {second.reference}: thank you."
    item = write(text)
    assert item.cause == Cause.WHICH_CASE
    assert second.reference in (item.problem or "")
    answer = write(text, subject=f"Re: {second.reference}")
    assert answer.case_id == second.case_id


def test_an_answer_in_a_limited_case_is_limited_and_strangers_to_it_are_too(
    write: Callable[..., Item], opened: Item, our_message: str, services: Services
) -> None:
    with services.records.work() as session:
        session.get_one(Item, opened.id).sensitivity = Sensitivity.LIMITED
        session.commit()
    answer = write(THANKS, in_reply_to=our_message)
    assert (answer.case_id, answer.sensitivity) == (opened.case_id, Sensitivity.LIMITED)
    stranger = write("What is this about?", "eve@elsewhere.example", subject=opened.reference)
    assert (stranger.cause, stranger.sensitivity) == (Cause.WHICH_CASE, Sensitivity.LIMITED)


@pytest.mark.parametrize("closed", [False, True])
def test_a_bounce_finds_the_case_of_the_message_that_came_back_and_its_team(
    deliver: Deliver, travel: Travel, opened: Item, our_message: str, services: Services, closed: bool
) -> None:
    if closed:
        with services.records.work() as session:
            close(session.get_one(Case, opened.case_id), "granted", services.now())
            session.commit()
    report = bounce_of(our_message, JANE)
    item = travel(deliver(report, channel=Channel.EMAIL, proven_sender="").item_id)
    assert (item.state, item.case_id, item.desk) == (ItemState.CAPTURED, opened.case_id, "revenues")
    assert item.documents[0].headers["bounced"] == {
        "message_id": our_message,
        "recipient": JANE,
        "status": "5.1.1",
        "diagnostic": f"550 5.1.1 <{JANE}>: no such user",
    }
    with services.records.look() as session:
        told = acknowledgement_of(session, item.id)
    assert told is not None
    assert told.state == "withheld"


def test_a_bounce_of_a_mail_that_is_not_ours_is_in_nobodys_case(deliver: Deliver, travel: Travel, opened: Item) -> None:
    report = bounce_of("<made-up@council.example>", JANE)
    item = travel(deliver(report, channel=Channel.EMAIL, proven_sender="").item_id)
    assert item.case_id != opened.case_id


@pytest.mark.parametrize("mark", [{"precedence": "bulk"}, {"list_unsubscribe": "<mailto:off@client.example>"}])
def test_what_a_person_wrote_through_a_mailing_tool_is_seen(
    write: Callable[..., Item], opened: Item, our_message: str, mark: dict[str, str]
) -> None:
    item = write("Please stop the bailiffs. I am in hospital.", in_reply_to=our_message, **mark)
    assert (item.case_id, item.desk) == (opened.case_id, "revenues")


@pytest.mark.parametrize("mark", ["precedence", "auto_submitted"])
def test_a_machines_head_hides_nobody_at_risk(
    write: Callable[..., Item], opened: Item, our_message: str, mark: str
) -> None:
    head = {"precedence": "bulk", "auto_submitted": "auto-replied"}
    item = write(AT_RISK.decode(), in_reply_to=our_message, **{mark: head[mark]})
    assert (item.state, item.sensitivity) == (ItemState.EXCEPTION, Sensitivity.LIMITED)


def test_an_answer_by_itself_that_asks_something_is_seen(
    write: Callable[..., Item], opened: Item, our_message: str
) -> None:
    text = "Please refund my council tax. I have moved out and paid too much council tax."
    item = write(text, in_reply_to=our_message, auto_submitted="auto-replied")
    assert (item.case_id, item.desk) == (opened.case_id, "revenues")


def test_our_own_addresses_make_nobody_known(write: Callable[..., Item]) -> None:
    ours = "contact@harrowdale.example"
    first = write(DISCOUNT.decode(), ours)
    other = write("He is my lodger, too.\n\nRhys Treharne", ours, subject=f"Fw: {first.reference}")
    assert other.case_id != first.case_id
    assert other.cause == Cause.WHICH_CASE


def test_a_report_about_another_address_fails_no_message_of_ours(
    deliver: Deliver, travel: Travel, opened: Item, our_message: str, services: Services
) -> None:
    with services.records.work() as session:
        told = acknowledgement_of(session, opened.id)
        assert told is not None
        told.state = "sent"
        session.commit()
    elsewhere = bounce_of(our_message, "forwarded@elsewhere.example")
    item = travel(deliver(elsewhere, channel=Channel.EMAIL, proven_sender="").item_id)
    assert (item.case_id, item.desk) == (opened.case_id, "revenues")
    with services.records.look() as session:
        told = acknowledgement_of(session, opened.id)
    assert told is not None
    assert told.state == "sent"
    travel(deliver(bounce_of(our_message, JANE.upper()), channel=Channel.EMAIL, proven_sender="").item_id)
    with services.records.look() as session:
        told = acknowledgement_of(session, opened.id)
    assert told is not None
    assert (told.state, told.way) == ("to_print", "letter")
    assert "It came back" in (told.reason or "")


def test_thousands_of_references_cost_no_more_than_a_few(write: Callable[..., Item], opened: Item) -> None:
    text = " ".join(make_reference("HD", 26, number) for number in range(2, 5000))
    assert write(f"{text} {opened.reference}", "eve@elsewhere.example").case_id != opened.case_id
    answer = write(f"{text}", subject=opened.reference)
    assert answer.case_id == opened.case_id


def test_a_case_that_is_shielded_while_its_message_is_on_the_way_shields_it(
    deliver: Deliver, travel: Travel, opened: Item, services: Services
) -> None:
    mail = f"From: {JANE}\r\nSubject: {opened.reference}\r\n\r\n{THANKS}".encode()
    item = travel(deliver(mail, channel=Channel.EMAIL, proven_sender=JANE).item_id, until="open_case")
    assert (item.case_id, item.sensitivity) == (opened.case_id, Sensitivity.NORMAL)
    with services.records.work() as session:
        host = session.get_one(Item, opened.id)
        host.sensitivity = Sensitivity.LIMITED
        assert host.case is not None
        host.case.team = "housing"
        session.commit()
    item = travel(item.id)
    assert (item.sensitivity, item.team, item.desk) == (Sensitivity.LIMITED, "housing", "housing")
