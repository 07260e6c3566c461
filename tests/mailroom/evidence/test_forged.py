"""The verifier refuses whatever was changed in a bundle, and says what; it runs alone, as on a third party's machine.

Most forgers here have the council's own key and make every list and the seal anew: what finds them is what they
cannot make anew, the log under heads that were signed before.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from offices import Office, Verdict
from tampering import Taken, digest, end_of_files, make_whole, patched, rehash

from mailroom.bootstrap.signing import Ed25519Signer

STRANGER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
Check = Callable[..., Verdict]
Forge = Callable[[Taken], None]


@pytest.fixture(scope="module")
def good(office: Office) -> Path:
    """A bundle of items of several days: a letter, a mail with its attachment, a part of a batch, a limited one."""
    return office.bundle("letter", "mail", "part", "risk")


@pytest.fixture
def taken(good: Path, office: Office) -> Taken:
    return Taken.from_file(good, office.services.signer)


def test_taken_apart_and_made_again_it_is_good(
    taken: Taken, office: Office, third_party: Check, tmp_path: Path
) -> None:
    """What the forgeries below are held against: without a change the same steps give a bundle that is proved."""
    assert check(taken.zipped(), office, third_party, tmp_path).code == 0
    taken.list_again()
    assert check(taken.zipped(), office, third_party, tmp_path).code == 0


def check(archive: bytes, office: Office, third_party: Check, tmp_path: Path) -> Verdict:
    forged = tmp_path / "forged.zip"
    forged.write_bytes(archive)
    return third_party(forged, "--key", office.key, "--json")


# ---- files


def flip_a_bit(taken: Taken) -> None:
    content = bytearray(taken.files[taken.original()])
    content[len(content) // 2] ^= 1
    taken.files[taken.original()] = bytes(content)


def another_original(taken: Taken) -> None:
    """Exchange an original with everything that names it, but for the log."""
    old, new = taken.original(), b"I owe you all."
    sha256 = digest(new)
    del taken.files[old]
    name = f"originals/{taken.reference}-1-{sha256[:16]}.txt"
    taken.files[f"items/{taken.reference}/{name}"] = new
    index = f"items/{taken.reference}/index.json"
    taken.change(index, lambda data: data["originals"][0].update(file=name, sha256=sha256, size=len(new)))


def another_original_and_its_receipt(taken: Taken) -> None:
    another_original(taken)
    sha256 = taken.original().rpartition("-")[2].partition(".")[0]
    whole = digest(taken.files[taken.original()])
    assert whole.startswith(sha256)

    def receipt(events: list[Any]) -> None:
        rehash(events[0], original=whole)
        make_whole(events)

    taken.events(receipt)


def rename_the_original(taken: Taken) -> None:
    old = taken.original()
    taken.files[old.replace("-1-", "-2-")] = taken.files.pop(old)


def swap_originals(taken: Taken) -> None:
    first, second = (taken.original(one) for one in taken.json("manifest.json")["items"][:2])
    taken.files[first], taken.files[second] = taken.files[second], taken.files[first]


def lose_the_original(taken: Taken) -> None:
    del taken.files[taken.original()]
    taken.change(f"items/{taken.reference}/index.json", lambda data: data.update(originals=[]))


def lose_the_attachment(taken: Taken) -> None:
    mail = taken.json("manifest.json")["items"][1]
    del taken.files[max(name for name in taken.files if name.startswith(f"items/{mail}/originals/"))]
    taken.change(f"items/{mail}/index.json", lambda data: data["originals"].pop())


def change_index_data(taken: Taken) -> None:
    taken.change(f"items/{taken.reference}/index.json", lambda data: data.update(received_at="2026-01-01T00:00:00"))


def change_the_case(taken: Taken) -> None:
    name = next(name for name in taken.files if name.startswith("cases/"))
    taken.change(name, lambda data: data.update(outcome="refused"))


def change_a_picture(taken: Taken) -> None:
    name = next(name for name in taken.files if "/renditions/" in name)
    taken.files[name] += b"!"


def put_a_file_in(taken: Taken) -> None:
    taken.files["items/other.txt"] = b"Read me."


def put_an_item_s_file_in(taken: Taken) -> None:
    taken.files[f"items/{taken.reference}/originals/extra.txt"] = b"Read me."


def change_the_certificate(taken: Taken) -> None:
    taken.files["CERTIFICATE.pdf"] = taken.files["CERTIFICATE.pdf"] + b"%"


def lose_an_item(taken: Taken) -> None:
    gone = taken.reference
    for name in [name for name in taken.files if f"/{gone}" in name]:
        del taken.files[name]
    taken.change("manifest.json", lambda manifest: manifest["items"].remove(gone))


# ---- the chain of custody


def lose_an_event(taken: Taken) -> None:
    taken.events(lambda events: events.pop(3))


def lose_the_first_event(taken: Taken) -> None:
    taken.events(lambda events: events.pop(0))


def lose_the_last_events(taken: Taken) -> None:
    taken.events(lambda events: events.__delitem__(slice(-2, None)))


def lose_all_events(taken: Taken) -> None:
    taken.events(lambda events: events.clear())


def swap_events(taken: Taken) -> None:
    taken.events(lambda events: events.__setitem__(slice(2, 4), events[3:1:-1]))


def put_an_event_in(taken: Taken) -> None:
    taken.events(lambda events: events.insert(2, json.loads(json.dumps(events[1]))))


def put_an_event_in_and_make_whole(taken: Taken) -> None:
    put_an_event_in(taken)
    taken.events(make_whole)


def somebody_else_did_it(taken: Taken) -> None:
    taken.events(
        lambda events: events[1].update(hashed=events[1]["hashed"].replace("machine:unpack", "machine:nobody"))
    )


def somebody_else_did_it_and_its_hash(taken: Taken) -> None:
    taken.events(lambda events: rehash(events[1], actor="nobody"))


def somebody_else_did_it_and_make_whole(taken: Taken) -> None:
    def act(events: list[Any]) -> None:
        rehash(events[1], actor="nobody")
        make_whole(events)

    taken.events(act)


def at_another_time_and_make_whole(taken: Taken) -> None:
    def act(events: list[Any]) -> None:
        rehash(events[0], at="2026-01-01T10:00:00.000000+00:00")
        make_whole(events)

    taken.events(act)


def leave_an_event_out_and_make_whole(taken: Taken) -> None:
    lose_an_event(taken)
    taken.events(make_whole)


def change_details(taken: Taken) -> None:
    taken.events(lambda events: events[0].update(details=events[0]["details"].replace("false", "true")))


def change_details_and_make_whole(taken: Taken) -> None:
    def act(events: list[Any]) -> None:
        events[0]["details"] = events[0]["details"].replace("false", "true")
        rehash(events[0], details=digest(events[0]["details"].encode()))
        make_whole(events)

    taken.events(act)


def the_chain_of_another_item(taken: Taken) -> None:
    first, second = taken.json("manifest.json")["items"][:2]
    taken.files[f"items/{first}/custody.json"] = taken.files[f"items/{second}/custody.json"]


def no_batch(taken: Taken) -> None:
    part = taken.json("manifest.json")["items"][2]
    taken.change(f"items/{part}/custody.json", lambda chains: chains.__delitem__(slice(1, None)))


def a_chain_that_was_never_joined(taken: Taken) -> None:
    mail = taken.json(f"items/{taken.json('manifest.json')['items'][1]}/custody.json")[0]
    taken.change(f"items/{taken.reference}/custody.json", lambda chains: chains.append(mail | {"role": "joined"}))


# ---- proofs and heads


def the_proof_of_another_event(taken: Taken) -> None:
    taken.events(lambda events: events[2].update(proof=events[3]["proof"]))


def the_number_of_another_event(taken: Taken) -> None:
    taken.events(lambda events: events[2].update(number=events[3]["number"]))


def the_proof_for_another_size(taken: Taken) -> None:
    sizes = [int(name[-16:-4]) for name in taken.heads()]
    taken.events(lambda events: events[0]["proof"].update(size=sizes[-1]))


def a_size_without_a_head(taken: Taken) -> None:
    taken.events(lambda events: events[0]["proof"].update(size=7))


def a_shorter_proof(taken: Taken) -> None:
    taken.events(lambda events: events[0]["proof"]["path"].pop())


def a_longer_proof(taken: Taken) -> None:
    taken.events(lambda events: events[0]["proof"]["path"].append("0" * 64))


def no_proof(taken: Taken) -> None:
    taken.events(lambda events: events[0].update(proof=None))


def another_root(taken: Taken) -> None:
    root = taken.signer.public_key  # any 32 bytes

    def act(body: str) -> str:
        lines = body.split("\n")
        lines[2] = base64.b64encode(root).decode()
        return "\n".join(lines)

    taken.head(taken.heads()[0], act, sign=True)


def another_root_not_signed(taken: Taken) -> None:
    taken.head(
        taken.heads()[0], lambda body: body.replace("A", "B").replace("a", "b").replace("bt ", "at "), sign=False
    )


def another_time_of_a_head(taken: Taken) -> None:
    taken.head(taken.heads()[0], lambda body: body.replace("2026-11", "2026-10"), sign=False)


def another_size_of_a_head(taken: Taken) -> None:
    taken.head(taken.heads()[0], lambda body: body.replace("\n", "\n1", 1), sign=False)


def a_head_by_another_key(taken: Taken) -> None:
    taken.signer, own = STRANGER, taken.signer
    taken.head(taken.heads()[0], lambda body: body, sign=True)
    taken.signer = own


def lose_a_head(taken: Taken) -> None:
    del taken.files[taken.heads()[0]]


def lose_every_head(taken: Taken) -> None:
    for name in taken.heads():
        del taken.files[name]


def rename_a_head(taken: Taken) -> None:
    taken.files["log/heads/000000000001.txt"] = taken.files.pop(taken.heads()[0])


def no_consistency(taken: Taken) -> None:
    taken.files["log/consistency.json"] = b"[]"


def another_consistency(taken: Taken) -> None:
    taken.change("log/consistency.json", lambda steps: steps[0]["path"].reverse())


def the_key_of_a_stranger(taken: Taken) -> None:
    taken.files["log/public-key.txt"] = b"mailroom+00000000+AAAA\n"


# ---- what a reader could stumble over


def not_sealed(taken: Taken) -> None:
    taken.change("manifest.json", lambda manifest: manifest.update(sealed=False))


def a_form_of_tomorrow(taken: Taken) -> None:
    taken.change("manifest.json", lambda manifest: manifest.update(format="mailroom-evidence/2"))


def nested_too_deep(taken: Taken) -> None:
    taken.files[f"items/{taken.reference}/index.json"] = b"[" * 200_000


def a_key_twice(taken: Taken) -> None:
    name = f"items/{taken.reference}/index.json"
    taken.files[name] = taken.files[name].replace(b'"reference"', b'"reference": "HD-26-000001-L", "reference"', 1)


def no_json(taken: Taken) -> None:
    taken.files[f"items/{taken.reference}/custody.json"] = b"\xff\xfe"


def of_another_shape(taken: Taken) -> None:
    taken.files[f"items/{taken.reference}/custody.json"] = b'{"events": 7}'


def too_large(taken: Taken) -> None:
    taken.files[f"items/{taken.reference}/index.json"] = b" " * (1 << 26) + b"{}"


ALL_LISTED: dict[str, tuple[Forge, str]] = {
    "a flipped bit of an original, listed": (flip_a_bit, "is not the original that its name and the index data say"),
    "another original": (another_original, "the log never took in such bytes"),
    "another original with its receipt": (another_original_and_its_receipt, "did not stand in the log"),
    "a renamed original": (rename_the_original, "is not both in the index data and in the bundle"),
    "swapped originals": (swap_originals, "is not the original that its name and the index data say"),
    "an original gone": (lose_the_original, "which is not in the bundle"),
    "an attachment gone": (lose_the_attachment, "which is not in the bundle"),
    "changed index data": (change_index_data, "does not say that a bundle of these contents was made"),
    "a changed case": (change_the_case, "does not say that a bundle of these contents was made"),
    "a changed picture": (change_a_picture, "its renditions are not those that the index data name"),
    "a file put in": (put_a_file_in, "items/other.txt has no place in a bundle"),
    "an original put in": (put_an_item_s_file_in, "is not both in the index data and in the bundle"),
    "an item gone": (lose_an_item, "does not say that a bundle of these contents was made"),
    "an event gone": (lose_an_event, "does not follow on the one before"),
    "the first event gone": (lose_the_first_event, "does not follow on the one before"),
    "the last events gone": (lose_the_last_events, "events are missing from the end"),
    "all events gone": (lose_all_events, "has no event"),
    "swapped events": (swap_events, "does not follow on the one before"),
    "an event put in": (put_an_event_in, "does not follow on the one before"),
    "an event put in, made whole": (put_an_event_in_and_make_whole, "did not stand in the log"),
    "another actor": (somebody_else_did_it, "is not what was written"),
    "another actor with its hash": (somebody_else_did_it_and_its_hash, "does not follow on the one before"),
    "another actor, made whole": (somebody_else_did_it_and_make_whole, "did not stand in the log"),
    "another time, made whole": (at_another_time_and_make_whole, "did not stand in the log"),
    "an event gone, made whole": (leave_an_event_out_and_make_whole, "did not stand in the log"),
    "other details": (change_details, "has other details than were written"),
    "other details, made whole": (change_details_and_make_whole, "did not stand in the log"),
    "the chain of another item": (the_chain_of_another_item, "does not have the one chain of custody that is its own"),
    "the batch's chain gone": (no_batch, "nothing shows that the batch came in"),
    "a chain that was never joined": (a_chain_that_was_never_joined, "was never joined to it"),
    "the proof of another event": (the_proof_of_another_event, "did not stand in the log"),
    "the number of another event": (the_number_of_another_event, "did not stand in the log"),
    "the proof for another size": (the_proof_for_another_size, "did not stand in the log"),
    "a size without a head": (a_size_without_a_head, "by a head of 7 events, which is not in the bundle"),
    "a shorter proof": (a_shorter_proof, "did not stand in the log"),
    "a longer proof": (a_longer_proof, "did not stand in the log"),
    "no proof": (no_proof, "not written as a bundle writes it"),
    "another root, signed": (another_root, "only added to that of"),
    "another root": (another_root_not_signed, "its signature does not hold"),
    "another time of a head": (another_time_of_a_head, "its signature does not hold"),
    "another size of a head": (another_size_of_a_head, "its signature does not hold"),
    "a head by another key": (a_head_by_another_key, "was signed by another key"),
    "a head gone": (lose_a_head, "which is not in the bundle"),
    "every head gone": (lose_every_head, "There is no head of the log that the key signed"),
    "a renamed head": (rename_a_head, "which its name does not say"),
    "no proof that the log only grew": (no_consistency, "only added to that of"),
    "another proof that the log only grew": (another_consistency, "only added to that of"),
    "a stranger's key in it": (the_key_of_a_stranger, "is not the key that was given"),
    "said not to be sealed": (not_sealed, "no signed head and no seal"),
    "another form": (a_form_of_tomorrow, "this program knows mailroom-evidence/1 alone"),
    "JSON nested too deep": (nested_too_deep, "cannot be read"),
    "a key that stands twice": (a_key_twice, "a key stands in it twice"),
    "no text": (no_json, "is no text"),
    "another shape": (of_another_shape, "not written as a bundle writes it"),
    "huge index data": (too_large, "is larger than such a file can be"),
}
"""Forged by somebody with the council's key, every list and the seal made anew: what it is, and what finds it."""


@pytest.mark.parametrize(("forge", "found"), ALL_LISTED.values(), ids=ALL_LISTED.keys())
def test_an_insider_who_makes_every_list_anew_is_found(
    forge: Forge, found: str, taken: Taken, office: Office, third_party: Check, tmp_path: Path
) -> None:
    forge(taken)
    taken.list_again()
    verdict = check(taken.zipped(), office, third_party, tmp_path)
    assert found in verdict.faults
    assert (verdict.code, verdict.json["proved"], verdict.err) == (1, False, "")


BY_A_STRANGER: dict[str, Forge] = {
    "changed index data": change_index_data,
    "a changed certificate": change_the_certificate,
    "nothing but the seal": lambda _: None,
}


@pytest.mark.parametrize("forge", BY_A_STRANGER.values(), ids=BY_A_STRANGER.keys())
def test_a_stranger_who_makes_every_list_anew_has_not_the_key(
    forge: Forge, taken: Taken, office: Office, third_party: Check, tmp_path: Path
) -> None:
    forge(taken)
    taken.signer = STRANGER
    taken.list_again()
    verdict = check(taken.zipped(), office, third_party, tmp_path)
    assert "SEAL.txt was signed by another key than the one it is checked by." in verdict.faults
    assert verdict.code == 1


def lists_not_made_anew(taken: Taken) -> None:
    flip_a_bit(taken)


def sums_alone(taken: Taken) -> None:
    change_the_certificate(taken)
    new = digest(taken.files["CERTIFICATE.pdf"])
    taken.files["SHA256SUMS"] = b"".join(
        f"{new}  CERTIFICATE.pdf\n".encode() if line.endswith(b"CERTIFICATE.pdf\n") else line
        for line in taken.files["SHA256SUMS"].splitlines(keepends=True)
    )


def sealed_no_more(taken: Taken) -> None:
    taken.list_again()
    del taken.files["SEAL.txt"]


def the_seal_of_before(taken: Taken) -> None:
    seal = taken.files["SEAL.txt"]
    change_the_certificate(taken)
    taken.list_again()
    taken.files["SEAL.txt"] = seal


NOT_LISTED: dict[str, tuple[Forge, str]] = {
    "a flipped bit": (lists_not_made_anew, "is not the file that SHA256SUMS names"),
    "a file put in": (put_a_file_in, "does not stand in manifest.json: it was put in afterwards"),
    "a file gone": (lambda taken: taken.files.pop("README.txt"), "README.txt stands in manifest.json and is not in"),
    "sums of a changed file": (sums_alone, "is not the file that manifest.json names"),
    "no seal": (sealed_no_more, "SEAL.txt is missing"),
    "an older seal": (the_seal_of_before, "SEAL.txt is the seal of another bundle"),
    "no manifest": (lambda taken: taken.files.pop("manifest.json"), "manifest.json is missing"),
}


@pytest.mark.parametrize(("forge", "found"), NOT_LISTED.values(), ids=NOT_LISTED.keys())
def test_a_change_that_a_list_or_the_seal_does_not_know_is_found(
    forge: Forge, found: str, taken: Taken, office: Office, third_party: Check, tmp_path: Path
) -> None:
    forge(taken)
    verdict = check(taken.zipped(), office, third_party, tmp_path)
    assert found in verdict.faults
    assert verdict.code == 1


# ---- archives that mean harm


def twice(taken: Taken) -> bytes:
    taken.others.append(("README.txt", b"Something else."))
    with pytest.warns(UserWarning, match="Duplicate name"):
        return taken.zipped()


def named(name: str) -> Callable[[Taken], bytes]:
    def forge(taken: Taken) -> bytes:
        taken.others.append((name, b"x"))
        return taken.zipped()

    return forge


def cut_off(taken: Taken) -> bytes:
    return taken.zipped()[:-1000]


def cut_in_the_middle(taken: Taken) -> bytes:
    archive = taken.zipped()
    end = end_of_files(archive)
    return archive[: end - 400] + archive[end:]


def something_before(taken: Taken) -> bytes:
    return b"MZ another program" + taken.zipped()


def something_between(taken: Taken) -> bytes:
    archive = taken.zipped()
    end, hidden = end_of_files(archive), b"hidden from the lists"
    return archive[:end] + hidden + archive[end:-6] + struct.pack("<I", end + len(hidden)) + archive[-2:]


def a_link(taken: Taken) -> bytes:
    return patched(taken.zipped(), "README.txt", 38, struct.pack("<I", 0o120777 << 16))


def a_bomb(taken: Taken) -> bytes:
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", b"\0" * (1 << 26))
    return Path("bomb.zip").read_bytes()


def a_lie_about_the_size(taken: Taken) -> bytes:
    return patched(taken.zipped(), "README.txt", 24, struct.pack("<I", (1 << 32) - 2))


def locked(taken: Taken) -> bytes:
    return patched(taken.zipped(), "README.txt", 8, struct.pack("<H", 1))


def one_in_another(taken: Taken) -> bytes:
    """Let two entries of the list have the same bytes, as those bombs do that need no packing."""
    archive = taken.zipped()
    place = archive.rindex(b"PK\x01\x02")
    return archive[: place + 42] + bytes(4) + archive[place + 46 :]


def another_name_beside(taken: Taken) -> bytes:
    """Name two files crosswise in the field that programs for unpacking go by, and older Pythons do not."""
    names = sorted(taken.files)[:2]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in taken.files.items():
            entry = zipfile.ZipInfo(name)
            if name in names:
                other = names[1 - names.index(name)].encode()
                beside = struct.pack("<BI", 1, zlib.crc32(name.encode())) + other
                entry.extra = struct.pack("<HH", 0x7075, len(beside)) + beside
            archive.writestr(entry, content)
    return target.getvalue()


def head_of_a_file(at: int, value: bytes) -> Callable[[Taken], bytes]:
    """Change what stands before the first file, by which programs go that read an archive as it comes."""

    def forge(taken: Taken) -> bytes:
        archive = taken.zipped()
        return archive[:at] + value + archive[at + len(value) :]

    return forge


def said_of_the_archive(taken: Taken) -> bytes:
    return taken.zipped()[:-2] + struct.pack("<H", 9) + b"see there"


def something_behind(taken: Taken) -> bytes:
    return taken.zipped() + b"another archive"


def fewer_files(taken: Taken) -> bytes:
    archive = taken.zipped()
    return archive[:-14] + struct.pack("<2H", 1, 1) + archive[-10:]


def said_of_a_file(taken: Taken) -> bytes:
    archive, said = bytearray(taken.zipped()), b"see the other letter"
    place = archive.rindex(b"PK\1\2")
    name = struct.unpack("<H", archive[place + 28 : place + 30])[0]
    archive[place + 32 : place + 34] = struct.pack("<H", len(said))
    archive[place + 46 + name : place + 46 + name] = said
    archive[-10:-6] = struct.pack("<I", struct.unpack("<I", archive[-10:-6])[0] + len(said))
    return bytes(archive)


HARMFUL: dict[str, tuple[Callable[[Taken], bytes], str]] = {
    "a name twice": (twice, "'README.txt' twice"),
    "a way out": (named("../evil.txt"), "'../evil.txt', which no bundle gives"),
    "an absolute path": (named("/etc/cron.d/evil"), "which no bundle gives"),
    "a path of Windows": (named("items\\..\\evil.exe"), "which no bundle gives"),
    "a folder": (named("items/"), "which no bundle gives"),
    "a name of terminals": (named("a\x1b[2J.txt"), "which no bundle gives"),
    "a name that is another's but for its case": (named("readme.txt"), "put in afterwards"),
    "cut off": (cut_off, "no whole ZIP archive"),
    "cut in the middle": (cut_in_the_middle, "belongs to no file of the archive"),
    "nothing": (lambda _: b"", "no whole ZIP archive"),
    "no archive": (lambda _: b"%PDF-1.7 " * 1000, "no whole ZIP archive"),
    "something before it": (something_before, "belongs to no file of the archive"),
    "something between": (something_between, "belongs to no file"),
    "a link": (a_link, "is no plain file"),
    "a bomb": (a_bomb, "is encrypted or packed"),
    "a lie about a size": (a_lie_about_the_size, "is encrypted or packed"),
    "a locked file": (locked, "is encrypted or packed"),
    "another name beside the name": (another_name_beside, "by which another program may give it another name"),
    "another way of packing before a file": (head_of_a_file(8, b"\x08\0"), "is not what the list of the archive says"),
    "another sum before a file": (head_of_a_file(14, b"\1\2\3\4"), "is not what the list of the archive says"),
    "another size before a file": (head_of_a_file(18, b"\1\0\0\0"), "is not what the list of the archive says"),
    "words on a file": (said_of_a_file, "by which another program may give it another name"),
    "words on the archive": (said_of_the_archive, "Behind its list of files"),
    "something behind": (something_behind, "Behind its list of files"),
    "fewer files than there are": (fewer_files, "Behind its list of files"),
    "a file within another": (one_in_another, "belongs to no file of the archive"),
}


@pytest.mark.parametrize(("forge", "found"), HARMFUL.values(), ids=HARMFUL.keys())
def test_an_archive_that_means_harm_is_refused(
    forge: Callable[[Taken], bytes],
    found: str,
    taken: Taken,
    office: Office,
    third_party: Check,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    verdict = check(forge(taken), office, third_party, tmp_path)
    assert found in verdict.faults
    assert (verdict.code, verdict.err) == (1, "")


def test_nothing_is_written_where_the_verifier_runs(
    taken: Taken, office: Office, third_party: Check, tmp_path: Path
) -> None:
    check(taken.zipped(), office, third_party, tmp_path)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["verify_evidence.py"]


def test_what_stands_in_a_bundle_cannot_act_on_a_terminal(
    taken: Taken, office: Office, third_party: Check, tmp_path: Path
) -> None:
    taken.change(f"items/{taken.reference}/index.json", lambda data: data.update(received_at="\x1b[2J\u202e"))
    taken.list_again()
    forged = tmp_path / "forged.zip"
    forged.write_bytes(taken.zipped())
    said = third_party(forged, "--key", office.key).out
    assert "received ?[2J?" in said
    assert said.replace("\n", "").isprintable()


@pytest.fixture
def of_a_stranger(new_office: Callable[[], Office]) -> Iterator[Office]:
    """Another council's mailroom, or one that somebody set up to make evidence up."""
    return new_office()


def test_a_bundle_that_was_made_up_whole_has_another_key(
    of_a_stranger: Office, office: Office, third_party: Check
) -> None:
    of_a_stranger.deliver("letter", b"I owe you all.")
    made_up = of_a_stranger.bundle("letter")
    assert third_party(made_up, "--key", of_a_stranger.key).code == 0
    verdict = third_party(made_up, "--key", office.key, "--json")
    assert verdict.code == 1
    assert "SEAL.txt was signed by another key" in verdict.faults
