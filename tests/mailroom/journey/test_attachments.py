"""What is attached to a mail is read as post is; the mail stays as it came, and nothing in it is forgotten."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from office_files import package, word
from outlook_files import compound_file, outlook_message, winmail
from sample_letters import DISCOUNT
from sqlalchemy import select

from mailroom.domain.capture import Channel, Receipt
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.journey.travel import advance
from mailroom.records.documents import index_of
from mailroom.records.items import start_again
from mailroom.records.tables import CustodyEvent, Item
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
Scan = Callable[[str], bytes]
REFUND = "Please refund my council tax. I have moved out and paid too much council tax."


def mail(body: str = "See attached.", **head: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"From": "Ann Lee <ann@client.example>", "Subject": "Letter", **head}.items():
        made[name] = value
    made["Message-ID"] = "<1@client.example>"
    made.set_content(body)
    return made


def attach(message: EmailMessage, content: bytes, kind: str, name: str) -> None:
    maintype, _, subtype = kind.partition("/")
    message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)


def typed(letter: bytes) -> bytes:
    """A document of Word with the lines of a letter as its paragraphs."""
    return word("".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in letter.decode().splitlines()))


def zipped(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def read(deliver: Deliver, travel: Travel) -> Callable[[EmailMessage], Item]:
    """Carries a mail until its documents are read."""
    return lambda message: travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id, until="classify")


@pytest.fixture(autouse=True)
def sound(services: Services) -> object:
    yield
    assert verify(services)["faults"] == []
    assert (reconcile(services)["difference"], reconcile(services)["missing"]) == (0, [])


def test_scans_and_papers_are_documents_of_the_mail_in_their_order(
    read: Callable[[EmailMessage], Item], scan_of: Scan, pdf_of: Callable[..., bytes], services: Services
) -> None:
    message, scan, paper = mail(), scan_of("A typed letter"), pdf_of("one", "two")
    attach(message, scan, "application/octet-stream", "../../scan.png")
    attach(message, paper, "application/pdf", "plan.pdf")
    item = read(message)
    assert [(d.media_type, d.page_count) for d in item.documents] == [
        ("message/rfc822", 1),
        ("image/png", 1),
        ("application/pdf", 2),
    ]
    whole, *taken = item.originals
    assert [(o.file_name, o.extract_of, o.size) for o in taken] == [
        ("../../scan.png", whole.sha256, len(scan)),
        ("plan.pdf", whole.sha256, len(paper)),
    ]
    with services.vault.open(taken[0].sha256, key=taken[0].key) as stream:
        assert stream.read() == scan
    with services.records.look() as session:
        told = select(CustodyEvent.original).where(CustodyEvent.kind == "taken_out").order_by(CustodyEvent.position)
        assert list(session.scalars(told)) == [original.sha256 for original in taken]


def test_the_machine_decides_by_what_the_attachment_says(deliver: Deliver, travel: Travel) -> None:
    message = mail()
    attach(message, DISCOUNT, "text/plain", "letter.txt")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.case.case_type) == ("captured", "council_tax_single_person_discount")
    found = index_of(item)
    assert (found["sender_name"], found["sender_postcode"]) == ("Jane Pemberton", "HD7 4QT")
    assert (found["letter_date"], found["council_tax_account"]) == ("2026-11-12", "71204455")


def test_what_the_mail_says_goes_before_what_is_attached_and_each_field_knows_its_page(
    deliver: Deliver, travel: Travel, pdf_of: Callable[..., bytes]
) -> None:
    message = mail("Council tax: please see my letter. My council tax account number is 71204463.")
    attach(message, pdf_of("First page.", "Account number 71204455 or ring 01632 960123."), "application/pdf", "l.pdf")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    said, attached = ({field.name: field for field in document.fields} for document in item.documents)
    assert index_of(item)["council_tax_account"] == said["council_tax_account"].value == "71204463"
    assert "council_tax_account" not in attached
    assert attached["phone"].page == 2


def test_what_nobody_can_open_goes_to_a_person_with_all_that_could_be_read(deliver: Deliver, travel: Travel) -> None:
    message = mail(REFUND)
    attach(message, zipped(("plan.dwg", b"AC1032\0\0\x01\xff\xfe\0")), "application/zip", "plans.zip")
    attach(message, b"", "text/plain", "empty.txt")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.cause) == ("exception", "attachments")
    assert item.problem == (
        "2 attachments could not be opened: 'empty.txt' is empty; "
        "'plan.dwg' is a file of unknown kind, which the mailroom cannot read. "
        "Ask the sender to send again what is empty or damaged. "
        "Open the original, look at what is attached and settle the message with what it says."
    )
    assert [document.media_type for document in item.documents] == ["message/rfc822"]
    assert "refund my council tax" in (item.documents[0].text or "")
    assert [original.file_name for original in item.originals][1:] == ["plans.zip", "plan.dwg"]


def test_what_lies_in_an_archive_is_read_and_the_archive_kept(deliver: Deliver, travel: Travel) -> None:
    message = mail()
    inner = zipped(("letter.txt", DISCOUNT))
    attach(message, zipped(("../a/more.zip", inner), ("empty/", b"")), "application/x-zip-compressed", "post.zip")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.case.case_type) == ("captured", "council_tax_single_person_discount")
    assert [document.media_type for document in item.documents] == ["message/rfc822", "text/plain"]
    assert [original.file_name for original in item.originals][1:] == ["post.zip", "../a/more.zip", "letter.txt"]
    whole, outer, inside, letter = item.originals
    assert [outer.extract_of, inside.extract_of, letter.extract_of] == [whole.sha256, outer.sha256, inside.sha256]


def test_an_archive_that_unpacks_to_too_much_is_left_to_a_person_with_the_rest_read(
    deliver: Deliver, travel: Travel
) -> None:
    message = mail(REFUND)
    attach(message, zipped(("bomb", b"\0" * (30 << 20))), "application/zip", "bomb.zip")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.cause) == ("exception", "attachments")
    assert [original.file_name for original in item.originals][1:] == ["bomb.zip"]


def test_what_is_locked_is_named_with_what_to_ask_of_the_sender(deliver: Deliver, travel: Travel) -> None:
    message = mail(REFUND)
    attach(message, compound_file({"EncryptedPackage": b"x" * 5000}), "application/msword", "my \u202excod.docx")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.cause) == ("exception", "attachments")
    assert item.problem == (
        "The attachment 'my xcod.docx' is an Office document locked with a password. "
        "Ask the sender for it without a password, or by post."
    )


def test_what_is_locked_in_an_archive_is_named(deliver: Deliver, travel: Travel) -> None:
    message = mail(REFUND)
    content = bytearray(zipped(("open.txt", b"one"), ("shut.txt", b"two")))
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.rindex(signature) + flags] |= 1
    attach(message, bytes(content), "application/zip", "post.zip")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert "'shut.txt' is a file locked with a password" in (item.problem or "")


def test_office_documents_calendars_and_winmail_are_read_with_the_mail(deliver: Deliver, travel: Travel) -> None:
    message = mail("")
    packed = winmail({0x1000: "Please see my letter."}, [("letter.docx", typed(DISCOUNT))])
    attach(message, packed, "application/ms-tnef", "winmail.dat")
    event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Visit\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    attach(message, event.encode(), "text/calendar", "visit.ics")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.case.case_type) == ("captured", "council_tax_single_person_discount")
    assert [original.file_name for original in item.originals][1:] == ["winmail.dat", "letter.docx", "visit.ics"]
    said, attached, entry = item.documents
    assert (said.text, entry.text) == ("Please see my letter.", "Calendar entry\nWhat: Visit")
    assert index_of(item)["sender_name"] == "Jane Pemberton"
    assert attached.page_count == 1


def test_an_outlook_message_is_read_as_a_mail_also_when_it_comes_by_itself(
    deliver: Deliver, travel: Travel, pdf_of: Callable[..., bytes]
) -> None:
    content = outlook_message(
        {0x0037: "My letter", 0x0042: "Ann Lee", 0x5D02: "ann@client.example", 0x1000: DISCOUNT.decode()},
        [{0x3701: pdf_of("one"), 0x3707: "one.pdf"}],
    )
    item = travel(deliver(content).item_id)
    assert [document.media_type for document in item.documents] == ["application/vnd.ms-outlook", "application/pdf"]
    assert (item.documents[0].headers["subject"], item.documents[0].text) == ("My letter", DISCOUNT.decode().strip())
    assert item.originals[1].extract_of == item.originals[0].sha256
    assert (item.state, item.case.case_type) == ("captured", "council_tax_single_person_discount")


def test_a_word_document_that_comes_by_itself_is_read(deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(typed(DISCOUNT)).item_id)
    assert (item.state, item.case.case_type) == ("captured", "council_tax_single_person_discount")
    assert (item.documents[0].media_type, item.documents[0].text) == (
        item.originals[0].media_type,
        DISCOUNT.decode().strip(),
    )


def test_what_lies_in_a_document_is_read_with_it(
    deliver: Deliver, travel: Travel, scan_of: Scan, pdf_of: Callable[..., bytes]
) -> None:
    scan = scan_of("A typed letter") + bytes(60_000)
    members = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<d/>", "word/media/image1.png": scan}
    message = mail()
    attach(message, package({**members, "word/embeddings/plan.pdf": pdf_of("one")}), "application/msword", "scan.docx")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id, until="classify")
    assert [original.file_name for original in item.originals][1:] == ["scan.docx", "image1.png", "plan.pdf"]
    assert [bool((document.text or "").strip()) for document in item.documents] == [True, False, True, True]
    assert item.documents[0].headers["unopened"] == 0


@pytest.mark.parametrize("attached", [True, False])
def test_what_lies_in_a_document_and_stays_shut_is_named(deliver: Deliver, travel: Travel, attached: bool) -> None:
    members = {"[Content_Types].xml": "<Types/>", "word/document.xml": f"<d><p><t>{REFUND}</t></p></d>"}
    content = package({**members, "word/embeddings/oleObject1.bin": compound_file({"CONTENTS": b"x"})})
    message = mail()
    attach(message, content, "application/msword", "letter.docx")
    channel = Channel.EMAIL if attached else Channel.POST
    item = travel(deliver(message.as_bytes() if attached else content, channel=channel).item_id)
    assert (item.state, item.cause) == ("exception", "attachments")
    assert "'oleObject1.bin' is an old Office document" in (item.problem or "")
    assert REFUND in " ".join(document.text or "" for document in item.documents)


def test_archives_in_archives_share_one_room(deliver: Deliver, travel: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailroom.journey.attachments._MOST_FILES", 4)
    message = mail(REFUND)
    two = zipped(("a.txt", b"a"), ("b.txt", b"b"))
    attach(message, zipped(("1.zip", two), ("2.zip", two)), "application/zip", "outer.zip")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.cause) == ("exception", "attachments")
    assert [original.file_name for original in item.originals][2:] == ["1.zip", "a.txt", "b.txt", "2.zip"]


def test_an_archive_that_comes_by_itself_goes_to_a_person(deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(zipped(("letter.txt", DISCOUNT))).item_id)
    assert (item.state, item.cause) == ("exception", "unknown_format")


def test_what_only_dresses_a_mail_stays_folded_in_it(read: Callable[[EmailMessage], Item], scan_of: Scan) -> None:
    message = mail()
    message.add_alternative('<p>Hello</p><img src="cid:logo"><img src="cid:hole">', subtype="html")
    html = message.get_payload()[1]
    html.add_related(scan_of("x")[:900], "image", "png", cid="<logo>")
    hole = scan_of("the pothole in Bridge Street") + b"\0" * 30_000
    html.add_related(hole, "image", "png", cid="<hole>", filename="hole.png")
    attach(message, b"BEGIN:VCARD\r\nEND:VCARD\r\n", "text/vcard", "me.vcf")
    item = read(message)
    assert [original.file_name for original in item.originals[1:]] == ["hole.png"]
    assert item.documents[0].headers["unopened"] == 0


def test_a_mail_within_a_mail_is_opened_with_what_is_attached_to_it(
    read: Callable[[EmailMessage], Item], pdf_of: Callable[..., bytes]
) -> None:
    inner = mail("The letter that I forward.", Subject="Inner")
    attach(inner, pdf_of("one"), "application/pdf", "inner.pdf")
    outer = mail()
    outer.add_attachment(inner)
    item = read(outer)
    assert [document.media_type for document in item.documents] == [
        "message/rfc822",
        "message/rfc822",
        "application/pdf",
    ]
    assert item.documents[1].headers["subject"] == "Inner"
    assert item.originals[2].extract_of == item.originals[1].sha256


def test_mails_within_mails_are_opened_so_deep_and_no_deeper(deliver: Deliver, travel: Travel) -> None:
    message = mail("The innermost.")
    for _ in range(8):
        outer = mail("One more.")
        outer.add_attachment(message)
        message = outer
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id)
    assert len(item.documents) == 6
    assert (item.state, item.cause) == ("exception", "attachments")


def test_opened_again_it_has_the_same_papers(
    deliver: Deliver, travel: Travel, services: Services, pdf_of: Callable[..., bytes]
) -> None:
    message = mail()
    attach(message, pdf_of("a"), "application/pdf", "a.pdf")
    for _ in range(2):
        attach(message, zipped(("b.pdf", pdf_of("b"))), "application/zip", "b.zip")
    item = travel(deliver(message.as_bytes(), channel=Channel.EMAIL).item_id, until="classify")
    before = [(original.id, original.ordinal, original.file_name) for original in item.originals]
    with services.records.work() as session:
        run = start_again(session.get_one(Item, item.id), "unpack", services.now())
        session.commit()
    advance(item.id, run, services)
    with services.records.look() as session:
        again = session.get_one(Item, item.id)
        assert [(original.id, original.ordinal, original.file_name) for original in again.originals] == before
        assert (len(again.originals), len(again.documents)) == (6, 4)


def test_a_mail_that_an_item_has_twice_keeps_its_papers_twice(
    deliver: Deliver, travel: Travel, services: Services, pdf_of: Callable[..., bytes]
) -> None:
    inner = mail("The same again.")
    attach(inner, pdf_of("one"), "application/pdf", "one.pdf")
    outer = mail()
    for _ in range(2):
        outer.add_attachment(inner)
    item = travel(deliver(outer.as_bytes(), channel=Channel.EMAIL).item_id, until="classify")
    assert len(item.documents) == 5
    with services.records.work() as session:
        run = start_again(session.get_one(Item, item.id), "unpack", services.now())
        session.commit()
    advance(item.id, run, services)
    with services.records.look() as session:
        again = session.get_one(Item, item.id)
        assert (len(again.originals), len(again.documents)) == (5, 5)
        assert len({document.original_id for document in again.documents}) == 5
