"""WeasyPrint itself draws formatted mails: what is seen, within the limits, fetching nothing that a mail names."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from canary_server import canary_server
from PIL import Image, ImageFile

from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import DRAWING, MEGABYTE
from mailroom.sandbox.sandbox import Sandbox
from mailroom.sandbox.tasks import DRAWING_TASKS
from mailroom.sandbox.tasks.draw_message import MOST_SHEETS, words_missed

RED = (220, 20, 30)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(engine="", tasks=DRAWING_TASKS) as opened:
        yield opened


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    with canary_server() as waiting:
        yield waiting


def picture(size: tuple[int, int] = (120, 80), form: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, RED).save(written, form)
    return written.getvalue()


def mail(html: str, text: str = "", inlaid: bytes = b"", subtype: str = "png") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ann Lowe <ann@example.org>", "The papers"
    message.set_content(text or "plain")
    message.add_alternative(html, subtype="html")
    if not text:
        message.set_payload([message.get_payload(1)])
    if inlaid:
        html_part = message.get_payload()[-1]
        html_part.add_related(inlaid, "image", subtype, cid="<logo@here>")
    return message.as_bytes()


def draw(sandbox: Sandbox, folder: Path, content: bytes, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
    source = folder / "original"
    source.write_bytes(content)
    return sandbox.run("draw_message", arguments, source=source, scratch=folder, limits=DRAWING)


def words_of(drawn: dict[str, Any]) -> str:
    return " ".join(word[0] for word in drawn["words"])


def has_red(folder: Path, drawn: dict[str, Any]) -> bool:
    """Whether the picture that the mail brought along is on its first sheet."""
    with Image.open(folder / drawn["sheets"][0]["file"]) as sheet:
        colours = sheet.convert("RGB").resize((100, 140)).getcolors(20_000) or []
    return any(red > 180 and green < 80 and blue < 80 for _, (red, green, blue) in colours)


def test_a_mail_is_drawn_with_its_words_where_they_stand(sandbox: Sandbox, tmp_path: Path) -> None:
    drawn = draw(sandbox, tmp_path, mail("<h2>The papers</h2><p>Dear Sir, <b>two</b> of them.</p>"))
    assert drawn["ready"]
    assert words_of(drawn) == "The papers Dear Sir, two of them."
    (sheet,) = drawn["sheets"]
    with Image.open(tmp_path / sheet["file"]) as image:
        assert image.format == "JPEG"
        scale = image.width / sheet["width"]
        left, top, right, bottom = (round(edge * scale) for edge in drawn["words"][1][2:6])
        grey = image.convert("L")
        assert grey.crop((left, top, right, bottom)).getextrema()[0] < 80
        assert grey.crop((left, bottom + 60, right, bottom + 120)).getextrema()[0] > 200
    assert [word[6] for word in drawn["words"]] == [0, 0, 1, 1, 1, 1, 1]
    assert (drawn["cut"], drawn["missed_count"]) == (False, 0)
    assert drawn["made_by"].startswith("WeasyPrint ")


def test_the_words_of_a_second_sheet_stand_below_the_first(sandbox: Sandbox, tmp_path: Path) -> None:
    drawn = draw(sandbox, tmp_path, mail("<p>One more line.</p>" * 60 + "<p>The end.</p>"))
    first, second = drawn["sheets"][:2]
    assert second["file"] != first["file"]
    end = drawn["words"][-1]
    assert end[0] == "end."
    assert end[3] > first["height"]
    lines = [word[6] for word in drawn["words"]]
    assert lines == sorted(lines)
    assert len(set(lines)) == 61


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_a_picture_that_came_with_the_mail_is_drawn(sandbox: Sandbox, tmp_path: Path, form: str) -> None:
    html = '<p>Our logo</p><img src="cid:logo@here" width="300" height="200">'
    drawn = draw(sandbox, tmp_path, mail(html, inlaid=picture(form=form), subtype=form.lower()))
    assert has_red(tmp_path, drawn)


def test_a_small_picture_within_the_html_is_drawn(sandbox: Sandbox, tmp_path: Path) -> None:
    address = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    assert has_red(tmp_path, draw(sandbox, tmp_path, mail(f'<p>a</p><img src="{address}" width="300" height="200">')))


@pytest.mark.parametrize(
    "inlaid",
    [
        picture((3000, 3000)),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="red"/></svg>',
        picture()[:60],
        b"",
    ],
    ids=["too many points", "a drawing", "cut short", "not there"],
)
def test_what_is_no_picture_or_too_large_is_left_out_and_the_rest_is_drawn(
    sandbox: Sandbox, tmp_path: Path, inlaid: bytes
) -> None:
    html = '<p>Our logo</p><img src="cid:logo@here" width="300" height="200"><p>Yours</p>'
    drawn = draw(sandbox, tmp_path, mail(html, inlaid=inlaid), most_pixels=1_000_000)
    assert "Our logo" in words_of(drawn)
    assert "Yours" in words_of(drawn)
    assert not has_red(tmp_path, drawn)


def test_a_process_that_has_loaded_it_still_takes_no_cut_picture_for_a_whole_one() -> None:
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_nothing_that_a_mail_names_is_fetched(sandbox: Sandbox, tmp_path: Path, canary: tuple[str, list[str]]) -> None:
    address, asked = canary
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of the server")
    file = secret.as_uri()
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg"><use href="{address}/use"/><image href="{address}/image"/></svg>'
    )
    within = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    html = f"""<html><head><base href="{address}/"><meta http-equiv="refresh" content="0; url={address}/refresh">
        <link rel="stylesheet" href="{address}/link.css"><link rel="attachment" href="{file}">
        <style>@import url({address}/import.css); @font-face {{ font-family: f; src: url({address}/font) }}
        body {{ background: url({address}/of-body) }} p::before {{ content: url({address}/before) }}</style></head>
        <body background="{address}/background" style="background: url({address}/style)">
        <p style="background-image: url({file}); list-style: url({address}/list); font-family: f">It begins.</p>
        <p style="background: url({address}/p)">a</p><table background="{address}/table"><tr><td>b</td></tr></table>
        <img src="{address}/img"><img src="relative.png"><img src="//127.0.0.1/img"><img srcset="{address}/srcset">
        <img src="{file}"><img src="file:///etc/passwd"><img src="{within}"><img src="cid:{address}">
        <iframe src="{address}/iframe"></iframe><iframe src="{file}"></iframe><object data="{file}"></object>
        <embed src="{address}/embed"><video poster="{address}/poster"></video><input type=image src="{address}/input">
        <svg><use href="{address}/use"/><image xlink:href="{file}"/></svg><a href="{address}/a">more</a>
        <link rel="attachment" href="file:///etc/passwd"></body></html>"""
    drawn = draw(sandbox, tmp_path, mail(html))
    assert asked == []
    assert "It begins." in words_of(drawn)
    printed = (tmp_path / "drawn.pdf").read_bytes()
    assert b"secret" not in printed
    assert b"EmbeddedFile" not in printed


def test_words_of_the_text_that_nobody_sees_are_named(sandbox: Sandbox, tmp_path: Path) -> None:
    html = (
        "<p>Your parcel waits.</p><p style='color:#fff'>refund urgent</p><p style='display:none'>invoice</p>"
        "<p style='font-size:1px'>pension</p><p style='color:#fefefe;background:white'>housing</p>"
    )
    drawn = draw(sandbox, tmp_path, mail(html, text="Your parcel waits.\n\nrefund urgent\ninvoice\npension\nhousing"))
    assert words_of(drawn) == "Your parcel waits."
    assert drawn["missed"] == ["refund", "urgent", "invoice", "pension", "housing"]
    assert drawn["missed_count"] == 5


def test_words_in_light_print_on_a_dark_ground_are_seen(sandbox: Sandbox, tmp_path: Path) -> None:
    html = '<table bgcolor="#003366"><tr><td style="color:#ffffff">Harrowdale News</td></tr></table>'
    drawn = draw(sandbox, tmp_path, mail(html, text="Harrowdale News"))
    assert words_of(drawn) == "Harrowdale News"
    assert drawn["missed_count"] == 0


@pytest.mark.parametrize(
    ("text", "seen", "missed"),
    [
        ("Dear Sir, see *this*", ["Dear", "Sir,", "see", "this"], []),
        ("see <https://example.org/a?b> or mail ann@example.org", ["see", "or", "mail"], []),
        ("a longish word", ["a", "long", "ish", "word"], []),
        ("office", ["o\ufb03ce"], []),
        ("pay now now pay", ["hello"], ["pay", "now"]),
        ("", [], []),
    ],
)
def test_addresses_signs_and_breaks_are_nothing_that_is_missed(text: str, seen: list[str], missed: list[str]) -> None:
    assert words_missed(text, seen) == missed


def test_a_long_mail_is_drawn_to_a_limit_and_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    drawn = draw(sandbox, tmp_path, mail(f"<p>{'A word and another. ' * 12}</p>" * 500, text="something else"))
    assert len(drawn["sheets"]) == MOST_SHEETS
    assert drawn["cut"]
    assert drawn["missed"] == []


def test_a_large_table_is_drawn_in_part_and_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    row = "<tr><td>{0}</td><td>Bin</td><td>Mill Lane</td></tr>"
    drawn = draw(sandbox, tmp_path, mail(f"<table>{''.join(map(row.format, range(3000)))}</table>"))
    assert drawn["cut"]
    assert 5 <= len(drawn["sheets"]) <= MOST_SHEETS


@pytest.mark.parametrize(
    "html",
    [
        "<p style='color:}}};;{{background:url(' >a</p><p style=\"font:\x00 12px;;;color\">b",
        "<div>" * 1999 + "deep",
        "<table><tr><td>" * 600 + "deep",
        "<p style='font-size:1000000px'>huge</p>",
        "<p style='width:100000px'>wide</p><table width='100000'><tr><td width='100000'>wide</td></tr></table>",
        "<div style='float:left;width:0;height:1e9px'>f</div>" * 500,
        "<p style='margin:1e30px;padding:1e30px'>far</p>",
        "<p style='line-height:1e9'>tall</p>" * 50,
        "<table>" + "<tr>" + "<td colspan=1000 rowspan=1000>x</td>" * 200 + "</tr></table>",
        f"<p>{'a' * 200_000}</p>",
        "<ol start=99999999999999999999><li>a</li></ol>",
        "<p>" + "\u202e\u0301" * 10_000 + "</p>",
        "",
    ],
)
def test_what_no_letter_would_hold_is_drawn_or_refused_in_time(sandbox: Sandbox, tmp_path: Path, html: str) -> None:
    started, sheets, cause = time.monotonic(), 0, Cause.TOO_SLOW
    try:
        sheets = len(draw(sandbox, tmp_path, mail(html))["sheets"])
    except NeedsPerson as refused:
        cause = refused.cause
    assert cause in {Cause.TOO_SLOW, Cause.TOO_LARGE, Cause.STOPPED_THE_READER}
    assert sheets <= MOST_SHEETS
    assert time.monotonic() - started < DRAWING.wall_seconds + 5


def test_what_is_written_from_right_to_left_is_drawn_with_its_words(sandbox: Sandbox, tmp_path: Path) -> None:
    drawn = draw(sandbox, tmp_path, mail('<p dir="rtl">שלום עולם</p>', text="שלום עולם"))
    assert drawn["missed_count"] == 0
    assert max(word[4] for word in drawn["words"]) > drawn["sheets"][0]["width"] * 0.9


def test_a_mail_of_more_than_its_limits_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(TaskRefused, match="parts inside one another"):
        draw(sandbox, tmp_path, b"Content-Type: message/rfc822\r\n\r\n" * 30 + b"Subject: a\r\n\r\na")


def test_the_limits_are_those_of_somebody_who_waits() -> None:
    assert (DRAWING.cpu_seconds, DRAWING.wall_seconds, DRAWING.resident) == (3, 10.0, 512 * MEGABYTE)
