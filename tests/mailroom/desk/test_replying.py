"""A team answers: what is missing is shown, the reply is kept before it goes, and the case follows once it is out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sample_letters import bounce_of
from sqlalchemy import select

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.back_office import close_case
from mailroom.desk.correcting import correct
from mailroom.desk.drafting import Answer, draft_reply, templates_for
from mailroom.desk.letters import letters_to_print
from mailroom.desk.post_room import mark_sensitive
from mailroom.desk.printing import print_letters
from mailroom.desk.replying import send_reply, take_back_reply
from mailroom.desk.returning import return_item
from mailroom.desk.team_queue import queue_page
from mailroom.desk.timeline import timeline
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.duties.send_replies import send_replies
from mailroom.ports import Message
from mailroom.records.tables import Clock, Item, Rendition, Reply
from mailroom.records.team_lines import Show
from mailroom.replies.email_reply import EmailReply
from mailroom.services import Services

GoOn = Callable[[str], Item]
Kinds = Callable[[str], list[str]]
Step = Callable[[timedelta], None]
Server = Any
HELD = timedelta(minutes=10)
GRANTED = Answer(
    "discount_granted", {"council_tax_account": "71204455", "from": "1 November 2026", "new_bill": "£1,204.50"}
)
MORE_TIME = Answer("more_time", {"why": "The landlord has not answered yet."}, promised_for=date(2026, 12, 11))
IN_WELSH = """Annwyl Syr neu Fadam

Council tax: single person discount

Yr wyf yn byw ar fy mhen fy hun ers y cyntaf o Dachwedd, ac felly hoffwn gael y gostyngiad person sengl ar fy nhreth
gyngor. Diolch yn fawr iawn i chi am eich help gyda hyn. Single person discount, council tax.

Yr eiddoch yn gywir

Sian Parry
"""


@pytest.fixture
def mail(mailing: Services, deliver: Callable[..., Receipt], travel: Callable[..., Item], fresh: GoOn) -> Item:
    """A message about the single person discount from an address that its channel proves."""
    words = b"Council tax: single person discount\n\nMy lodger has moved out; I am the only adult living here. "
    words += b"Please give me the single person discount on my council tax.\n\nYours faithfully\n\nJane Pemberton\n"
    known = {"channel": Channel.EFORM, "proven_sender": "jane@example.org"}
    return fresh(travel(deliver(words, **known).item_id, using=mailing).id)


@pytest.fixture
def addressed(settled: Item, clerk: Viewer, services: Services, go_on: GoOn) -> Item:
    """A letter with a complete address."""
    correct(settled.id, "sender_address", "4 Quarry View, Harrowdale", clerk, services)
    return go_on(settled.id)


def row(services: Services) -> Reply:
    with services.records.look() as session:
        return session.scalars(select(Reply).order_by(Reply.number.desc())).first() or pytest.fail("no reply")


def running(item: Item) -> dict[str, Clock]:
    assert item.case is not None
    return {clock.name: clock for clock in item.case.clocks if clock.replaced_at is None}


def test_the_templates_of_the_case_s_own_type_come_first(services: Services) -> None:
    keys = [template.key for template in templates_for("council_tax_single_person_discount", services)]
    assert keys[:2] == ["discount_granted", "discount_refused"]
    assert "answer" in keys
    assert "refund_made" not in keys


def test_a_draft_shows_what_is_missing_in_its_place(addressed: Item, sam: Viewer, services: Services) -> None:
    draft = draft_reply(addressed.id, Answer("discount_granted"), sam, services)
    assert draft.missing == {
        "from": "from which date",
        "new_bill": "the new amount to pay for the year, for instance £1,204.50",
    }
    assert "council tax from [from which date]." in " ".join(draft.filled.text.split())
    assert (draft.plan.way, draft.to) == ("letter", ("Jane Pemberton", "4 Quarry View", "Harrowdale", "HD7 4QT"))
    assert "Dear Jane Pemberton" in draft.filled.text
    assert draft.filled.subject == f"Your single person discount: {addressed.reference}"
    with pytest.raises(Refused, match=r"not complete. Fill in: from .*new_bill"):
        send_reply(addressed.id, Answer("discount_granted", {"council_tax_account": "7"}), sam, services)


def test_a_draft_holds_nothing_of_the_letter_but_name_and_address(
    addressed: Item, sam: Viewer, services: Services
) -> None:
    text = draft_reply(addressed.id, GRANTED, sam, services).filled.text
    assert "lodger" not in text
    assert "Please give me" not in text


def test_a_reply_to_welsh_is_in_welsh(
    deliver: Callable[..., Receipt], go_on: GoOn, clerk: Viewer, services: Services
) -> None:
    item = go_on(deliver(IN_WELSH.encode()).item_id)
    draft = draft_reply(item.id, Answer("answer"), clerk, services)
    assert draft.filled.language == "cy"
    assert draft.filled.subject.startswith("Ein hateb i chi")
    assert draft_reply(item.id, Answer("answer", language="en"), clerk, services).filled.language == "en"


def test_what_the_text_has_no_place_for_is_refused(addressed: Item, sam: Viewer, services: Services) -> None:
    for answer, sentence in [
        (Answer("discount_granted", {"amount": "1"}), "no place for amount"),
        (Answer("refund_made"), "no template 'refund_made'"),
        (Answer("answer", {"answer": "x" * 20_001}), "at most 20000"),
        (Answer("answer", language="../x"), "Write en for English"),
    ]:
        with pytest.raises(Refused, match=sentence):
            draft_reply(addressed.id, answer, sam, services)


def test_a_reply_by_mail_goes_to_the_proven_address_once_and_closes_the_case_as_it_goes(
    mailing: Services, mail: Item, sam: Viewer, step: Step, mail_server: Server, fresh: GoOn, events: Kinds
) -> None:
    done = send_reply(mail.id, GRANTED, sam, mailing)
    until = (mailing.now() + timedelta(minutes=mailing.settings.acknowledge.undo_minutes)).strftime("%H:%M")
    assert done.sentence == (
        f"The reply to {mail.reference} goes by mail to jane@example.org. Until {until}, it can be taken back on the "
        "page of its case, which stands under Going out."
    )
    assert (row(mailing).state, row(mailing).author) == ("held", "sam")
    case = fresh(mail.id).case
    assert case is not None
    assert (case.owner, case.closed_at) == ("sam", None)
    step(HELD)
    went_out = mailing.now()
    assert send_replies(mailing) == 1
    step(timedelta(days=1))
    assert send_replies(mailing) == 0
    (sent,) = mail_server.mails()
    assert sent["To"] == "jane@example.org"
    assert sent["Reply-To"] == "revenues@harrowdale.example"
    assert sent["Message-ID"] == f"<{mail.id}.reply.1@harrowdale.example>"
    assert (sent["Auto-Submitted"], mail_server.taken[0].mail_from) == ("auto-replied", "<>")
    assert "£1,204.50" in sent.get_payload(decode=True).decode()
    item = fresh(mail.id)
    assert item.case is not None
    assert (item.case.closed_at, item.case.outcome) == (went_out, "discount granted")
    assert running(item)["full_reply_10wd"].met_at == went_out
    assert events(mail.id)[-2:] == ["replied", "closed"]


def test_a_reply_that_is_going_out_leaves_the_day_s_work_and_comes_back_when_it_is_taken_back(
    mailing: Services, mail: Item, sam: Viewer, step: Step, mail_server: Server
) -> None:
    send_reply(mail.id, GRANTED, sam, mailing)
    assert queue_page("revenues", sam, mailing).lines == []
    (line,) = queue_page("revenues", sam, mailing, Show.GOING_OUT).lines
    assert line["reply"] == "held"
    take_back_reply(mail.id, sam, mailing)
    assert len(queue_page("revenues", sam, mailing).lines) == 1
    with pytest.raises(Refused, match="waits to go out"):
        take_back_reply(mail.id, sam, mailing)
    step(HELD)
    send_replies(mailing)
    assert mail_server.mails() == []
    assert row(mailing).reason == "Taken back by sam."


def test_a_second_click_sends_no_second_reply(mailing: Services, mail: Item, sam: Viewer) -> None:
    send_reply(mail.id, GRANTED, sam, mailing, expected_number=1)
    with pytest.raises(Refused, match="Somebody has answered"):
        send_reply(mail.id, GRANTED, sam, mailing, expected_number=1)
    with pytest.raises(Refused, match="on its way already"):
        send_reply(mail.id, GRANTED, sam, mailing)


class _Dying:
    """A worker that dies once the mail server has the reply."""

    def __init__(self, real: EmailReply) -> None:
        self._real = real

    def send(self, message: Message) -> None:
        self._real.send(message)
        raise KeyboardInterrupt


def test_after_a_crash_a_reply_is_sent_once_more_at_the_most_and_is_marked(
    mailing: Services, mail: Item, sam: Viewer, step: Step, mail_server: Server, fresh: GoOn
) -> None:
    send_reply(mail.id, GRANTED, sam, mailing)
    real: Any = mailing.replies["email"]
    dying = replace(mailing, replies={"email": _Dying(real)})
    for _ in range(2):
        step(HELD)
        with pytest.raises(KeyboardInterrupt):
            send_replies(dying)
        assert row(mailing).state == "sending"
    for _ in range(3):
        step(HELD)
        send_replies(mailing)
    assert len({sent["Message-ID"] for sent in mail_server.mails()}) == 1
    assert len(mail_server.taken) == 2
    assert (row(mailing).state, row(mailing).maybe_twice) == ("to_print", True)
    case = fresh(mail.id).case
    assert case is not None
    assert case.closed_at is None


def test_a_refusal_for_good_leaves_the_case_open_and_says_so(
    mailing: Services, mail: Item, sam: Viewer, step: Step, mail_server: Server, fresh: GoOn
) -> None:
    mail_server.says["RCPT"] = "550 no such user"
    send_reply(mail.id, GRANTED, sam, mailing)
    step(HELD)
    send_replies(mailing)
    (line,) = queue_page("revenues", sam, mailing).lines
    assert line["reply"] == "failed"
    assert "Write by post" in (row(mailing).reason or "")


def test_a_letter_goes_among_those_to_be_printed_and_closes_the_case_when_it_is(
    addressed: Item, sam: Viewer, clerk: Viewer, services: Services, step: Step, tmp_path: Path, fresh: GoOn
) -> None:
    send_reply(addressed.id, GRANTED, sam, services)
    step(HELD)
    send_acknowledgements(services)
    send_replies(services)
    assert [line["reply"] for line in letters_to_print(clerk, services)] == [None, 1]
    step(timedelta(days=1))
    printed = print_letters([], clerk, tmp_path, services)
    names = [Path(line["file"]).name for line in printed]
    assert names == [f"{addressed.reference}.pdf", f"{addressed.reference}-reply-1.pdf"]
    words = pypdfium2.PdfDocument(printed[1]["file"])[0].get_textpage().get_text_range()
    assert "25 per cent" in words
    case = fresh(addressed.id).case
    assert case is not None
    assert (case.closed_at, case.outcome) == (services.now(), "discount granted")
    with services.records.look() as session:
        kinds = set(session.scalars(select(Rendition.kind).where(Rendition.item_id == addressed.id)))
    assert {"letter", "letter-1"} <= kinds
    assert letters_to_print(clerk, services) == []
    (again,) = print_letters([addressed.reference], clerk, tmp_path, services)
    assert again["sha256"] == printed[1]["sha256"]


def test_one_letter_of_an_item_is_printed_alone(
    addressed: Item, sam: Viewer, clerk: Viewer, services: Services, step: Step, tmp_path: Path
) -> None:
    send_reply(addressed.id, GRANTED, sam, services)
    step(HELD)
    send_acknowledgements(services)
    send_replies(services)
    (printed,) = print_letters([f"{addressed.id}/letter-1"], clerk, tmp_path, services)
    assert Path(printed["file"]).name == f"{addressed.reference}-reply-1.pdf"
    assert [line["reply"] for line in letters_to_print(clerk, services)] == [None]
    (refused,) = print_letters([f"{addressed.id}/letter-1"], clerk, tmp_path, services)
    assert "No letter" in refused["problem"]


def test_a_holding_reply_promises_when_it_goes_out(
    mailing: Services, mail: Item, sam: Viewer, step: Step, fresh: GoOn, events: Kinds
) -> None:
    send_reply(mail.id, MORE_TIME, sam, mailing)
    assert "promised_reply" not in running(fresh(mail.id))
    step(HELD)
    send_replies(mailing)
    clocks = running(fresh(mail.id))
    assert clocks["holding_reply_10wd"].met_at == mailing.now()
    assert clocks["promised_reply"].due_at == datetime(2026, 12, 11, 17, 0, tzinfo=UTC)
    assert clocks["full_reply_10wd"].met_at is None
    assert events(mail.id)[-2:] == ["replied", "holding_reply_sent"]


def test_a_holding_reply_needs_a_day_that_lies_ahead(mailing: Services, mail: Item, sam: Viewer) -> None:
    with pytest.raises(Refused, match="promised"):
        send_reply(mail.id, replace(MORE_TIME, promised_for=None), sam, mailing)
    with pytest.raises(Refused, match="Promise a day after today"):
        send_reply(mail.id, replace(MORE_TIME, promised_for=date(2026, 11, 16)), sam, mailing)


def test_a_full_answer_may_leave_the_case_open_and_another_may_follow(
    mailing: Services, mail: Item, sam: Viewer, step: Step, fresh: GoOn
) -> None:
    send_reply(mail.id, replace(GRANTED, closes=False), sam, mailing)
    step(HELD)
    send_replies(mailing)
    case = fresh(mail.id).case
    assert case is not None
    assert case.closed_at is None
    done = send_reply(mail.id, replace(GRANTED, outcome="granted on appeal"), sam, mailing)
    assert done.facts["number"] == 2
    assert row(mailing).outcome == "granted on appeal"


def test_a_return_and_a_limit_take_back_what_has_not_gone_out(
    mailing: Services, mail: Item, sam: Viewer, clerk: Viewer, step: Step, mail_server: Server
) -> None:
    send_reply(mail.id, GRANTED, sam, mailing)
    return_item(mail.id, "not_ours", sam, mailing)
    step(HELD)
    assert send_replies(mailing) == 0
    assert row(mailing).state == "undone"
    assert mail_server.mails() == []


def test_nothing_goes_out_for_an_item_that_was_shielded(
    mailing: Services, mail: Item, sam: Viewer, clerk: Viewer, named: Viewer, step: Step, travel: Callable[..., Item]
) -> None:
    mark_sensitive(mail.id, clerk, mailing, reason="r")
    travel(mail.id, using=mailing)
    draft = draft_reply(mail.id, GRANTED, named, mailing)
    assert (draft.plan.way, draft.problem) == ("none", "Nothing is sent by itself for a limited-access item.")
    with pytest.raises(Refused, match="limited-access"):
        send_reply(mail.id, GRANTED, named, mailing)


def test_a_letter_without_a_street_says_what_is_missing_before_it_is_sent(
    settled: Item, sam: Viewer, services: Services
) -> None:
    assert draft_reply(settled.id, GRANTED, sam, services).address_read
    correct(settled.id, "sender_address", "", sam, services)
    assert "sender_address" in (draft_reply(settled.id, GRANTED, sam, services).problem or "")
    with pytest.raises(Refused, match="sender_address"):
        send_reply(settled.id, GRANTED, sam, services)


def test_only_the_team_answers_and_only_an_open_case(
    addressed: Item, sam: Viewer, pat: Viewer, auditor: Viewer, services: Services
) -> None:
    with pytest.raises(NotThere):
        send_reply(addressed.id, GRANTED, pat, services)
    with pytest.raises(Refused, match="Only the back office or the post room"):
        send_reply(addressed.id, GRANTED, auditor, services)
    close_case(addressed.id, "done", services.now(), sam, services)
    with pytest.raises(Refused, match="is closed, as 'done'"):
        send_reply(addressed.id, GRANTED, sam, services)


def test_an_unsettled_item_is_not_answered(unclear: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="must settle it first"):
        send_reply(unclear.id, Answer("answer", {"answer": "a"}), clerk, services)


def test_a_reply_that_came_back_has_answered_nobody(
    mailing: Services,
    mail: Item,
    sam: Viewer,
    step: Step,
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    fresh: GoOn,
) -> None:
    send_reply(mail.id, GRANTED, sam, mailing)
    due = mail.due_at
    step(HELD)
    assert send_replies(mailing) == 1
    assert fresh(mail.id).desk is None
    report = bounce_of(row(mailing).message_id, "jane@example.org")
    came_back = deliver(report, channel=Channel.EMAIL, proven_sender="").item_id
    assert travel(came_back, using=mailing).case_id == mail.case_id
    reply, item = row(mailing), fresh(mail.id)
    assert (reply.state, item.desk, item.due_at) == ("failed", "revenues", due)
    assert "550 5.1.1" in (reply.reason or "")
    assert item.case is not None
    assert (item.case.closed_at, item.case.owner) == (None, "sam")
    told = {entry.sentence for entry in timeline(mail.id, sam, mailing)}
    assert told >= {"Reply 1 could not be sent.", "A mail server reports that our message was not delivered."}


def test_a_reply_from_a_message_that_came_back_brings_its_case_back_to_the_team(
    mailing: Services,
    mail: Item,
    sam: Viewer,
    step: Step,
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    fresh: GoOn,
) -> None:
    words = f"From: jane@example.org\r\nSubject: {mail.reference}\r\n\r\nHe left in October.".encode()
    message = travel(deliver(words, channel=Channel.EMAIL, proven_sender="jane@example.org").item_id, using=mailing)
    assert message.case_id == mail.case_id
    send_reply(message.id, GRANTED, sam, mailing)
    with pytest.raises(Refused, match="on its way already"):
        send_reply(mail.id, GRANTED, sam, mailing)
    step(HELD)
    assert send_replies(mailing) == 1
    assert fresh(mail.id).desk is None
    report = bounce_of(row(mailing).message_id, "jane@example.org")
    travel(deliver(report, channel=Channel.EMAIL, proven_sender="").item_id, using=mailing)
    item = fresh(mail.id)
    assert item.case is not None
    assert (item.desk, item.case.closed_at) == ("revenues", None)
