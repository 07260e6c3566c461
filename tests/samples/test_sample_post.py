"""The sample post arrives as its manifest says, the same every time, and its texts give away nobody."""

from __future__ import annotations

import email
import email.policy
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
ITEMS: list[dict[str, Any]] = tomllib.loads((SAMPLES / "manifest.toml").read_text(encoding="utf-8"))["item"]
CATALOGUE = tomllib.loads((ROOT / "config/services.toml").read_text(encoding="utf-8"))["services"]
LETTERS = {path.stem: path.read_text(encoding="utf-8") for path in (SAMPLES / "letters").glob("*.txt")}

every_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["file"])


def run_render(target: Path) -> str:
    command = [sys.executable, str(SAMPLES / "render.py"), str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return str(done.stdout)


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def the_one(letter: str | None = None, **wanted: object) -> dict[str, Any]:
    found = [i for i in ITEMS if i.get("letter") == letter and all(i.get(key) == wanted[key] for key in wanted)]
    assert len(found) == 1
    return found[0]


def whole_moment(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time(12), tzinfo=UTC)


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sample-post")
    run_render(target)
    return target


@pytest.fixture
def rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SAMPLES))


def sides_in(path: Path) -> int:
    if path.suffix == ".pdf":
        with pikepdf.open(path) as document:
            return len(document.pages)
    if path.suffix == ".eml":
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        return len(list(message.iter_attachments())) if message.is_multipart() else 0
    if path.suffix == ".txt":
        return 0
    with Image.open(path) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            picture.load()
        return getattr(picture, "n_frames", 1)


@every_item
def test_an_item_opens_and_has_the_sides_it_claims(post: Path, item: dict[str, Any]) -> None:
    if "fault" in item:
        assert item["sides"] == 0
    else:
        assert sides_in(post / item["file"]) == item["sides"]


@every_item
def test_a_file_bears_the_time_of_receipt(post: Path, item: dict[str, Any]) -> None:
    assert (post / item["file"]).stat().st_mtime == whole_moment(item["received"]).timestamp()


@pytest.mark.parametrize("item", [i for i in ITEMS if i["file"].startswith("post/")], ids=lambda item: item["file"])
def test_post_lies_in_the_folder_of_its_day_of_delivery(item: dict[str, Any]) -> None:
    assert item["file"].split("/")[1] == item["received"].isoformat()


@every_item
def test_what_is_expected_of_an_item_agrees_with_the_catalogue(item: dict[str, Any]) -> None:
    expected = item["expected"]
    first = CATALOGUE[expected["case_type"][0]]
    assert set(expected["case_type"]) <= set(CATALOGUE)
    assert expected["outcome"] in {"captured", "exception", "either"}
    assert expected.get("sensitivity", "normal") == first["sensitivity"]
    assert expected.get("statutory") == first.get("statutory")


@every_item
def test_the_index_data_to_be_found_stand_in_the_item(item: dict[str, Any]) -> None:
    text = LETTERS.get(item.get("letter", ""), "") + item.get("mail", {}).get("sender", "")
    assert [value for value in item["expected"].get("index", {}).values() if value not in text] == []


def test_every_text_is_used() -> None:
    attached = {item["mail"].get("attachment") for item in ITEMS if "mail" in item}
    assert {item.get("letter") for item in ITEMS} | attached >= set(LETTERS)


def test_the_readme_lists_every_letter() -> None:
    rows = re.findall(r"^\| ([a-z-]+|\(none\)) \|", (SAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(row for row in rows if row != "---") == sorted(item.get("letter", "(none)") for item in ITEMS)


def test_there_are_enough_items_of_enough_types() -> None:
    assert len(ITEMS) >= 34
    assert len({item["expected"]["case_type"][0] for item in ITEMS} - {"unsorted"}) >= 22


def test_all_of_it_is_under_twelve_megabytes(post: Path) -> None:
    assert sum(len(content) for content in files_below(post).values()) < 12_000_000


def test_rendering_again_after_a_loss_gives_the_same_bytes_and_then_nothing_is_done(post: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(post, tmp_path / "copy")
    (copy / ITEMS[0]["file"]).unlink()
    run_render(copy)
    assert files_below(copy) == files_below(post)
    marked = copy / ITEMS[1]["file"]
    os.utime(marked, (1, 1))
    assert "up to date" in run_render(copy)
    assert marked.stat().st_mtime == 1


def test_a_sample_that_left_the_manifest_is_removed_but_nothing_else(
    tmp_path: Path, rendering: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import render
    from rendering.manifest import read_manifest

    forms = tuple(item for item in read_manifest(SAMPLES / "manifest.toml") if item.form == "text")
    render.render_all(forms, tmp_path)
    (tmp_path / "eform/own.txt").write_text("a file of somebody else's")
    render.render_all(forms[1:], tmp_path)
    left = {path.name for path in (tmp_path / "eform").iterdir()}
    assert left == {"own.txt", *(item.file.name for item in forms[1:])}


def test_the_protected_pdf_opens_with_its_password_only(post: Path) -> None:
    path = post / the_one("accountant-protected")["file"]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(path)
    with pikepdf.open(path, password="kettle-1926") as document:
        assert len(document.pages) == 1


def test_the_pdf_that_was_cut_short_has_no_end(post: Path) -> None:
    cut = (post / the_one("garden-licence", fault="cut-short")["file"]).read_bytes()
    whole = (post / the_one("garden-licence", fault=None)["file"]).read_bytes()
    assert cut.startswith(b"%PDF-")
    assert b"startxref" in whole
    assert b"startxref" not in cut
    assert b"%%EOF" not in cut


def test_the_faxes_are_group_3_at_the_resolutions_of_the_standard(post: Path) -> None:
    for letter, down in (("disrepair-solicitor", 98), ("land-search", 196)):
        with Image.open(post / the_one(letter)["file"]) as fax:
            assert (fax.mode, fax.width, fax.info["compression"]) == ("1", 1728, "group3")
            assert tuple(round(float(dots)) for dots in fax.info["dpi"]) == (204, down)


def test_the_objection_is_a_group_4_tiff(post: Path) -> None:
    with Image.open(post / the_one("planning-objection")["file"]) as scan:
        assert (scan.mode, scan.info["compression"]) == ("1", "group4")


def share_of_ink(path: Path, number: int) -> float:
    page = np.asarray(pypdfium2.PdfDocument(path)[number].render(scale=1.5, grayscale=True).to_numpy())
    return float((page < 128).mean())


def test_only_the_backs_and_the_empty_page_are_empty(post: Path) -> None:
    duplex = post / the_one("banding-appeal")["file"]
    shares = [share_of_ink(duplex, side) for side in range(4)]
    assert max(shares[1], shares[3], share_of_ink(post / the_one(None)["file"], 0)) < 0.0005
    assert min(shares[0], shares[2]) > 0.005


def test_the_upside_down_letter_has_its_ink_in_the_lower_half(post: Path) -> None:
    path = post / the_one("benefit-change")["file"]
    page = np.asarray(pypdfium2.PdfDocument(path)[0].render(scale=1, grayscale=True).to_numpy()) < 128
    assert page[len(page) // 2 :].sum() > 2 * page[: len(page) // 2].sum()


def test_the_sideways_letter_is_wider_than_high(post: Path) -> None:
    with pikepdf.open(post / the_one("benefit-evidence")["file"]) as document:
        left, low, right, high = (float(edge) for edge in document.pages[0].mediabox)
    assert right - left > high - low


def test_a_born_digital_letter_holds_its_text(post: Path) -> None:
    page = pypdfium2.PdfDocument(post / the_one("pump-invoice")["file"])[0]
    assert "INV-20814" in page.get_textpage().get_text_range()


def test_the_automatic_reply_says_that_it_is_one(post: Path) -> None:
    message = email.message_from_bytes((post / the_one("out-of-office")["file"]).read_bytes())
    assert message["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize("letter", sorted(LETTERS))
def test_a_text_names_no_real_number_address_or_postcode(letter: str) -> None:
    text = LETTERS[letter]
    phones = [digits.replace(" ", "") for digits in re.findall(r"\b0\d{4} ?\d{6}\b", text)]
    assert [phone for phone in phones if not phone.startswith("01632960")] == []
    assert set(re.findall(r"@([\w.]+\w)", text)) <= {"example.org"}
    codes = re.findall(r"\b[A-Z]{2}\d{1,2} \d[A-Z]{2}\b", text)
    assert [code for code in codes if not re.match(r"HD1 1AA|HD1[0-4] |SY30 ", code)] == []


def test_lines_of_a_paragraph_are_joined_and_a_page_break_is_heeded(rendering: None) -> None:
    from rendering.letter_text import Kind, Line, pages_of

    long_line = "word " * 15 + "end"
    first, second = pages_of(f"> 1 Mill Lane\n\n{long_line}\nof it\n===\n[x] Yes\n[ ] No\nName | A || Age | 9\n")
    assert first == (Line(Kind.RIGHT, "1 Mill Lane"), Line(Kind.GAP), Line(Kind.PARAGRAPH, f"{long_line} of it"))
    assert second == (Line(Kind.TICKED, "Yes"), Line(Kind.UNTICKED, "No"), Line(Kind.BOXES, "Name | A || Age | 9"))


def test_a_letter_that_is_too_long_for_its_sheet_is_refused(rendering: None) -> None:
    from rendering.letter_text import Kind, Line
    from rendering.sheet import Style, draw_page

    with pytest.raises(ValueError, match="too long for its sheet"):
        draw_page((Line(Kind.LEFT, "and so on"),) * 80, Style(), 72, np.random.default_rng(1))


def test_a_missing_font_is_named_with_its_package(
    rendering: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rendering import typefaces

    monkeypatch.setattr(typefaces, "_FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match="apt-get install fonts-liberation"):
        typefaces.font_file("serif")


@pytest.mark.parametrize(
    "wrong",
    ['form = "papyrus"', 'form = "png"\nscan = { look = "lovely" }', 'form = "png"\nscan = { turn = 45 }'],
)
def test_a_wrong_entry_is_named(rendering: None, tmp_path: Path, wrong: str) -> None:
    from rendering.manifest import read_manifest

    entry = f'[[item]]\nfile = "post/x.png"\nreceived = 2026-11-20\nsides = 1\n{wrong}\n'
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(entry + '[item.expected]\ncase_type = ["foi"]\noutcome = "captured"\n')
    with pytest.raises(ValueError, match=r"post/x\.png"):
        read_manifest(manifest)
