"""A bundle holds originals untouched and what proves them, a third party finds it good, and who asked is on record."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from forging import unguarded
from offices import ADA, MAIL, NOOR, Office, Verdict, paper
from sample_letters import AT_RISK, DISCOUNT
from sqlalchemy import select, text, update

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, PurposeNeeded
from mailroom.desk.joining import join
from mailroom.desk.legal_hold import place_hold
from mailroom.desk.proof import prove, state_purpose
from mailroom.desk.redacting import Hidden, redact
from mailroom.domain.access import Role, Viewer
from mailroom.domain.errors import CustodyBreach, Misconfigured, NeedsPerson
from mailroom.domain.tree_head import signed_text
from mailroom.duties.heads import heads_signed
from mailroom.evidence import verify_evidence
from mailroom.evidence.asked import Asked
from mailroom.evidence.bundle import open_bundle
from mailroom.plugins import deferred
from mailroom.records.tables import CustodyDetail, CustodyEvent, Item, Original

Check = Callable[..., Verdict]
ADA_NOT_NAMED = Viewer("ada", frozenset({Role.AUDITOR}))


def read(bundle: Path, name: str) -> Any:  # noqa: ANN401  # whatever JSON can hold
    with zipfile.ZipFile(bundle) as archive:
        return json.loads(archive.read(name))


def names(bundle: Path) -> list[str]:
    with zipfile.ZipFile(bundle) as archive:
        return archive.namelist()


def events(office: Office, name: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, actor and details of an item's events."""
    with office.services.records.look() as session:
        query = select(CustodyEvent.kind, CustodyEvent.actor, CustodyDetail.details).join(CustodyDetail)
        query = query.join(Item, Item.id == CustodyEvent.item_id).where(Item.reference == office.items[name])
        return [tuple(row) for row in session.execute(query.order_by(CustodyEvent.position))]


KINDS = {
    "an item": (("letter",), {}),
    "a mail with an attachment": (("mail",), {}),
    "a part of a batch": (("part",), {}),
    "a batch that was split": (("batch",), {}),
    "an item with one joined to it": (("whole",), {}),
    "a case of two items": (("letter",), {"whole_cases": True}),
    "a message in a case": (("answer",), {}),
    "a part with the whole that it was cut out of": (("part", "batch"), {}),
    "a limited item": (("risk",), {}),
    "one that nobody could open": (("damaged",), {}),
    "one that was refused at the door": (("refused",), {}),
    "many items, one of them twice": (("letter", "mail", "part", "whole", "risk", "letter"), {}),
}


@pytest.mark.parametrize(("asked", "how"), KINDS.values(), ids=KINDS.keys())
def test_a_third_party_finds_it_good(
    asked: tuple[str, ...], how: dict[str, Any], office: Office, third_party: Check
) -> None:
    verdict = third_party(office.bundle(*asked, **how), "--key", office.key, "--json")
    assert (verdict.code, verdict.json["faults"], verdict.json["notes"]) == (0, [], [])


def test_it_is_good_of_an_item_under_hold_of_which_a_redacted_copy_was_made(office: Office, third_party: Check) -> None:
    reference = office.deliver("copied", paper("Council tax refund\n\nPlease refund it."), file_name="scan.pdf")
    place_hold(reference, ADA, office.services, reason="court order")
    copy = office.folder / "copy.pdf"
    redact(reference, Hidden([1], ["0,0,600,400"], reason="for the applicant"), copy, ADA, office.services)
    bundle = office.bundle("copied")
    verdict = third_party(bundle, "--key", office.key, "--json")
    assert (verdict.code, verdict.json["faults"], verdict.json["notes"]) == (0, [], [])
    assert [kind for kind, _, _ in events(office, "copied")][-3:] == ["legal_hold_placed", "redacted", "evidence_made"]
    (file,) = (name for name in names(bundle) if "-redacted-" in name)
    with zipfile.ZipFile(bundle) as archive:
        assert archive.read(file) == copy.read_bytes()


def test_it_is_good_of_what_was_joined_to_one_that_was_joined_itself(office: Office, third_party: Check) -> None:
    for name in ("first", "middle", "last"):
        office.deliver(name, DISCOUNT + name.encode())
    done = join(office.items["last"], office.items["middle"], NOOR, office.services)
    office.carry(done.item)
    join(office.items["middle"], office.items["first"], NOOR, office.services)
    verdict = third_party(office.bundle("first"), "--key", office.key, "--json")
    assert (verdict.code, verdict.json["faults"], verdict.json["notes"]) == (0, [], [])
    assert len(verdict.json["items"][0]["originals"]) == 3


def test_what_was_refused_has_no_original_and_says_so(office: Office) -> None:
    bundle = office.bundle("refused")
    assert not [name for name in names(bundle) if "/originals/" in name]
    assert "Nothing of it was kept: it was refused when it was offered." in words_of(bundle)


def test_it_is_as_good_where_its_files_are_as_large_as_the_old_form_of_a_zip_cannot_tell(
    office: Office, third_party: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.evidence.archive._LARGE", 1)
    assert third_party(office.bundle("mail"), "--key", office.key).code == 0


def test_its_lists_are_as_sha256sum_reads_them_and_the_verifier_lies_in_it(office: Office, tmp_path: Path) -> None:
    with zipfile.ZipFile(office.bundle("mail", "part")) as archive:
        archive.extractall(tmp_path)
    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=True
    )
    there = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    listed = [line.removesuffix(": OK") for line in checked.stdout.decode().splitlines()]
    assert sorted([*listed, "SEAL.txt", "SHA256SUMS"]) == there
    assert (tmp_path / "verify_evidence.py").read_bytes() == Path(verify_evidence.__file__).read_bytes()


def test_a_bundle_that_is_not_there_is_not_said_to_be_forged(
    office: Office, third_party: Check, tmp_path: Path
) -> None:
    for nothing in (tmp_path / "gone.zip", tmp_path):
        verdict = third_party(nothing, "--key", office.key, "--json")
        assert (verdict.code, verdict.out) == (2, "")
        assert verdict.err.startswith(f"{nothing} cannot be read: ")
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(b"PK")
    assert third_party(damaged, "--key", office.key).code == 1


def test_without_the_key_of_its_maker_nothing_is_proved(office: Office, third_party: Check) -> None:
    verdict = third_party(office.bundle("letter"))
    assert verdict.code == 1
    assert "The key that lies in the bundle proves nothing by itself" in verdict.out
    assert verdict.out.endswith("NOT PROVED.\n")


def test_the_key_can_be_a_file_and_a_key_that_is_none_is_named(
    office: Office, third_party: Check, tmp_path: Path
) -> None:
    bundle, file = office.bundle("letter"), tmp_path / "key.txt"
    file.write_text(f"{office.key}\n")
    assert third_party(bundle, "--key", str(file)).code == 0
    mistyped = third_party(bundle, "--key", office.key[:-3] + "A==")
    assert (mistyped.code, "is no public key" in mistyped.out) == (1, True)
    assert third_party(bundle, "--key", str(tmp_path / "nothing")).code == 2


def test_originals_lie_in_it_byte_for_byte_under_names_of_ours(office: Office) -> None:
    bundle = office.bundle("mail")
    reference, digest = office.items["mail"], hashlib.sha256(MAIL).hexdigest()
    with zipfile.ZipFile(bundle) as archive:
        assert archive.read(f"items/{reference}/originals/{reference}-1-{digest[:16]}.eml") == MAIL
    index = read(bundle, f"items/{reference}/index.json")
    assert [one["given_name"] for one in index["originals"]] == ["mail.eml", "proof.txt"]
    assert index["originals"][1]["extract_of"] == digest


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x1bb\u202efdp.exe", "CON", "a" * 300, ""])
def test_a_hostile_name_of_a_file_is_data_and_no_path(name: str, office: Office, third_party: Check) -> None:
    office.deliver(f"hostile {name}", DISCOUNT + name.encode(), file_name=name)
    bundle = office.bundle(f"hostile {name}")
    reference = office.items[f"hostile {name}"]
    assert read(bundle, f"items/{reference}/index.json")["originals"][0]["given_name"] == name
    assert all(part.isascii() and part.replace("_", "").replace("-", "").replace(".", "").isalnum()
               for one in names(bundle) for part in one.split("/"))  # fmt: skip
    assert third_party(bundle, "--key", office.key).code == 0


def test_what_is_on_record_stands_in_it(office: Office) -> None:
    index = read(office.bundle("letter"), f"items/{office.items['letter']}/index.json")
    assert index["channel"] == "post"
    (decision,) = index["decisions"]
    assert decision["reasons"]
    assert index["documents"][0]["index"]
    assert index["messages"][0]["subject"]
    case = read(office.bundle("letter"), f"cases/{office.items['letter']}.json")
    assert {clock["name"] for clock in case["clocks"]} >= {"capture_one_working_day"}
    assert case["items"] == sorted((office.items["letter"], office.items["answer"]))


def test_a_part_of_a_batch_has_its_extract_and_the_custody_of_the_batch(office: Office) -> None:
    bundle = office.bundle("part")
    own, batch = read(bundle, f"items/{office.items['part']}/custody.json")
    assert (own["role"], batch["role"], batch["reference"]) == ("item", "batch", office.items["batch"])
    made = json.loads(own["events"][0]["hashed"])
    received = json.loads(batch["events"][0]["hashed"])
    assert (made["kind"], received["kind"]) == ("made_by_split", "received")
    assert json.loads(own["events"][0]["details"])["details"]["extract_of"] == received["original"]
    assert not any(received["original"][:16] in name for name in names(bundle))


def test_details_that_name_what_its_maker_may_not_see_stay_out_and_the_chain_holds(
    office: Office, third_party: Check
) -> None:
    bundle = office.bundle("part", viewer=ADA_NOT_NAMED)
    own, batch = read(bundle, f"items/{office.items['part']}/custody.json")
    assert (own["events"][0]["details"], batch["reference"]) == (None, None)
    with zipfile.ZipFile(bundle) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist() if name.startswith("items/"))
    assert office.items["batch"].encode() not in inside
    verdict = third_party(bundle, "--key", office.key, "--json")
    assert (verdict.code, verdict.json["faults"]) == (0, [])
    assert "are not told; their digests stand in the chain" in verdict.json["notes"][0]
    assert any("the log does not tell when it was received" in note for note in verdict.json["notes"])


def test_the_making_is_on_record_with_who_why_and_what(office: Office) -> None:
    bundle = office.bundle("letter", "mail")
    for name in ("letter", "mail"):
        kind, actor, details = events(office, name)[-1]
        contents = read(bundle, "manifest.json")["contents"]
        assert (kind, actor, details) == (
            "evidence_made",
            "ada",
            {"purpose": "court", "contents": contents, "items": 2},
        )


def test_whoever_made_it_has_seen_it(office: Office) -> None:
    office.bundle("risk")
    state_purpose(office.items["risk"], "audit", ADA, office.services)
    proof = prove(office.items["risk"], ADA, office.services)
    assert next(seen for seen in proof.seen_by if seen.who == "ada").looked >= 1
    assert any("made an evidence bundle with it" in line.sentence for line in proof.history)


def test_equal_contents_are_written_equally(office: Office) -> None:
    first, second = office.bundle("risk"), office.bundle("risk")
    of_the_contents = {name for name in names(first) if name.startswith(("items/", "cases/"))}
    assert [name for name in names(first) if name in of_the_contents] == [
        name for name in names(second) if name in of_the_contents
    ]
    assert read(first, "manifest.json")["contents"] == read(second, "manifest.json")["contents"]


def test_each_event_is_proved_by_the_first_head_that_was_signed_after_it(office: Office) -> None:
    bundle = office.bundle("letter")
    heads = sorted(int(name[-16:-4]) for name in names(bundle) if name.startswith("log/heads/"))
    (chain,) = read(bundle, f"items/{office.items['letter']}/custody.json")
    for event in chain["events"]:
        assert event["proof"]["size"] == next(size for size in heads if size >= event["number"])
    assert len(heads) >= 2


def test_heads_of_another_name_or_key_prove_nothing_and_stand_in_no_one_s_way(
    new_office: Callable[[], Office], third_party: Check
) -> None:
    office = new_office()
    office.deliver("letter", DISCOUNT)
    office.next_day()
    custody = office.services.settings.custody.model_copy(update={"origin": "post.harrowdale.example"})
    settings = office.services.settings.model_copy(update={"custody": custody})
    office.services = replace(office.services, settings=settings)
    bundle = office.bundle("letter")
    assert len([name for name in names(bundle) if name.startswith("log/heads/")]) == 1
    assert office.key.startswith("post.harrowdale.example+")
    assert third_party(bundle, "--key", office.key).code == 0


@pytest.fixture
def mailed(office: Office) -> str:
    """The head of the first day, as somebody outside has it from then."""
    return str(heads_signed(office.services)["heads"][0]["text"])


def test_a_head_that_somebody_holds_is_led_to_where_it_was_asked_for(
    office: Office, third_party: Check, mailed: str, tmp_path: Path
) -> None:
    size, file = int(mailed.split("\n")[1]), tmp_path / "head.txt"
    file.write_text(mailed)
    options = ("--key", office.key, "--head", str(file))
    office.deliver("late", DISCOUNT + b"late")
    assert third_party(office.bundle("late", heads=(size,)), *options).code == 0
    without = third_party(office.bundle("late"), *options, "--json")
    assert (without.code, f"`mailroom evidence --head {size}`" in without.faults) == (1, True)
    with pytest.raises(Refused, match="no signed head of 7 events"):
        office.bundle("late", heads=(7,))


def test_a_head_that_somebody_holds_is_not_of_a_log_that_was_written_anew(
    office: Office, third_party: Check, mailed: str, tmp_path: Path
) -> None:
    origin, size, root, at = mailed.split("\n")[:4]
    other = base64.b64encode(hashlib.sha256(root.encode()).digest()).decode()
    signer, body = office.services.signer, f"{origin}\n{size}\n{other}\n{at}\n"
    file = tmp_path / "head.txt"
    file.write_text(signed_text(body, origin, signer.public_key, signer.sign(body.encode())))
    bundle = office.bundle("letter", heads=(int(size),))
    verdict = third_party(bundle, "--key", office.key, "--head", str(file), "--json")
    assert (verdict.code, "are not of one log" in verdict.faults) == (1, True)
    file.write_text(mailed.replace("at 2026", "at 2025"))
    verdict = third_party(bundle, "--key", office.key, "--head", str(file), "--json")
    assert "The head that you hold is not what was signed" in verdict.faults
    assert third_party(bundle, "--key", office.key, "--head", "nowhere").code == 2


# ---- who may


def test_an_auditor_must_have_said_what_for(office: Office) -> None:
    office.deliver("unasked", DISCOUNT + b"unasked")
    before = events(office, "unasked")
    with pytest.raises(PurposeNeeded):
        office.bundle("unasked", purpose=None)
    assert events(office, "unasked") == before
    state_purpose(office.items["unasked"], "foi", ADA, office.services)
    assert read(office.bundle("unasked", purpose=None), "manifest.json")["purpose"] == "Freedom of information request"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_evidence_is_for_auditors(role: Role, office: Office) -> None:
    with pytest.raises(Refused, match="auditor"):
        office.bundle(
            "letter", viewer=Viewer("kim", frozenset({role}), frozenset({"revenues"}), named_for_limited=True)
        )


def test_what_is_not_theirs_is_not_there(office: Office) -> None:
    before = events(office, "risk")
    with pytest.raises(NotThere):
        office.bundle("letter", "risk", viewer=ADA_NOT_NAMED)
    assert events(office, "risk") == before


def test_a_case_of_which_part_is_not_theirs_is_refused_as_a_whole(office: Office) -> None:
    office.deliver("open", DISCOUNT + b"open")
    office.deliver("closed", AT_RISK + b"closed")
    with office.services.records.work() as session:
        opened = session.scalars(select(Item).where(Item.reference == office.items["open"])).one()
        session.execute(update(Item).where(Item.reference == office.items["closed"]).values(case_id=opened.case_id))
        session.commit()
    with pytest.raises(Refused, match="not yours to give out as a whole"):
        office.bundle("open", viewer=ADA_NOT_NAMED, whole_cases=True)
    assert office.bundle("open", viewer=ADA_NOT_NAMED).is_file()


def test_more_than_a_verifier_reads_is_refused_before_anything_is_read(office: Office) -> None:
    with pytest.raises(Refused, match="at most 20000 items"):
        office.bundle(*(["letter"] * 20_001))


def test_an_item_that_was_joined_is_given_with_the_one_that_has_its_original(office: Office) -> None:
    with pytest.raises(Refused, match=f"was joined to {office.items['whole']}"):
        office.bundle("behind")


def test_what_may_do_harm_is_given_only_to_who_says_so(office: Office, third_party: Check) -> None:
    office.deliver("harm", DISCOUNT + b"harm", file_name="letter.exe")
    with office.services.records.work() as session:
        item = session.scalars(select(Item).where(Item.reference == office.items["harm"])).one()
        session.execute(update(Original).where(Original.item_id == item.id).values(quarantined="Eicar"))
        session.commit()
    with pytest.raises(NeedsPerson, match="may do harm"):
        office.bundle("harm")
    bundle = office.bundle("harm", held_back=True)
    assert events(office, "harm")[-1][2]["held_back"] is True
    (original,) = [name for name in names(bundle) if "/originals/" in name]
    assert original.endswith(".bin")
    assert third_party(bundle, "--key", office.key).code == 0
    assert "held back by the malware scanner (Eicar)" in words_of(bundle)


# ---- what goes wrong


def test_nothing_is_given_out_where_an_original_is_not_what_was_received(office: Office) -> None:
    office.deliver("spoilt", DISCOUNT + b"spoilt")
    digest = hashlib.sha256(DISCOUNT + b"spoilt").hexdigest()
    kept = office.services.settings.data / "vault" / "originals" / digest[:2] / digest
    kept.chmod(0o600)
    kept.write_bytes(b"spoilt")
    there = set(office.folder.iterdir())
    with pytest.raises(CustodyBreach, match="do not rely on a copy"):
        office.bundle("spoilt")
    assert set(office.folder.iterdir()) == there


def test_nothing_is_given_out_where_the_log_was_changed(new_office: Callable[[], Office]) -> None:
    office = new_office()
    office.deliver("letter", DISCOUNT)
    with unguarded(office.services.records) as connection:
        connection.execute(text("UPDATE custody_event SET actor = 'nobody' WHERE position = 2"))
    with pytest.raises(CustodyBreach, match=r"it would not stand: .* is not what was written"):
        office.bundle("letter")
    assert list(office.folder.iterdir()) == []


def test_more_files_than_a_verifier_reads_are_refused_before_any_is_copied(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.evidence.asked.MOST_FILES", 2)
    before = events(office, "letter")
    with pytest.raises(Refused, match=r"That makes \d files, and 2 are the most. Name fewer items."):
        office.bundle("letter", "mail")
    assert events(office, "letter") == before


def test_no_certificate_says_a_date_of_receipt_that_the_log_does_not(new_office: Callable[[], Office]) -> None:
    office = new_office()
    office.deliver("letter", DISCOUNT)
    later = office.services.now() - timedelta(days=30)
    with unguarded(office.services.records) as connection:
        connection.execute(update(Item).values(received_at=later))
    with pytest.raises(CustodyBreach, match=r"by the log it was received at 2026-11-16.*at another time"):
        office.bundle("letter")
    assert list(office.folder.iterdir()) == []


def test_without_a_key_it_says_everywhere_that_it_is_not_signed(
    new_office: Callable[[], Office], third_party: Check
) -> None:
    def no_key() -> Any:  # noqa: ANN401
        raise Misconfigured("custody.key_file: there is none")

    office = new_office()
    office.services = replace(office.services, signer=deferred(no_key))
    office.deliver("letter", DISCOUNT)
    bundle = office.bundle("letter")
    verdict = third_party(bundle, "--json")
    assert verdict.code == 1
    assert verdict.json["faults"] == [next(fault for fault in verdict.json["faults"] if "no signed head" in fault)]
    with zipfile.ZipFile(bundle) as archive:
        assert "THIS BUNDLE IS NOT SIGNED" in archive.read("README.txt").decode()
    assert "NOT SIGNED" in words_of(bundle)
    assert not [name for name in names(bundle) if name.startswith(("log/", "SEAL"))]


def test_a_large_original_is_never_held_in_memory(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    largest = 0

    class Watched(zipfile.ZipFile):
        def open(self, *words: Any, **how: Any) -> Any:  # noqa: ANN401
            file = super().open(*words, **how)
            if words[1:2] == ("w",):
                written = file.write

                def write(content: bytes) -> int:
                    nonlocal largest
                    largest = max(largest, len(content))
                    return int(written(content))

                monkeypatch.setattr(file, "write", write)
            return file

    office.deliver("large", b"%PDF-1.4\n" + bytes(3 << 20), file_name="large.pdf")
    monkeypatch.setattr("mailroom.evidence.archive.zipfile.ZipFile", Watched)
    office.bundle("large")
    assert 0 < largest <= 1 << 18


def test_the_pages_get_it_as_a_stream_that_is_gone_afterwards(office: Office) -> None:
    before = set(office.services.scratch.iterdir())
    file, made = open_bundle(Asked([office.items["letter"]], purpose="court"), ADA, office.services)
    with file:
        assert hashlib.sha256(file.read()).hexdigest() == made.sha256
    assert set(office.services.scratch.iterdir()) == before


# ---- the certificate


def words_of(bundle: Path) -> str:
    with zipfile.ZipFile(bundle) as archive:
        document = pypdfium2.PdfDocument(archive.read("CERTIFICATE.pdf"))
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())


def test_an_officer_certifies_records_and_claims_no_standard(office: Office) -> None:
    bundle = office.bundle("mail", "part")
    words = words_of(bundle)
    assert "Certificate under section 9 of the Civil Evidence Act 1995" in words
    assert "form part of the records of Harrowdale District Council" in words
    assert "claims no certification to any standard, BS 10008 among them" in words
    assert "Received on Tuesday 17 November 2026 by e-mail" in words
    for told in (hashlib.sha256(MAIL).hexdigest(), office.items["part"], "page 2 of a batch", office.key, "noor (once"):
        assert told.replace(" ", "") in words.replace(" ", "")


def test_one_document_is_certified_as_one_and_each_sheet_says_what_it_belongs_to(office: Office) -> None:
    bundle = office.bundle("part")
    words = words_of(bundle)
    assert "that the document listed in the schedule below forms part of the records" in words
    contents = json.loads(zipfile.ZipFile(bundle).read("manifest.json"))["contents"]
    assert words.count(f"contents {contents[:16]}... Page") == 2


def test_letters_of_every_kind_stand_on_the_certificate(office: Office) -> None:
    office.deliver("welsh", DISCOUNT + b"welsh", file_name="Llythyr Ŵyn \u202e\u4e2d.txt")
    assert "Llythyr Ŵyn" in words_of(office.bundle("welsh"))
