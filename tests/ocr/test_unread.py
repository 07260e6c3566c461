from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from ocr.engine import Engine, Grey, Word
from ocr.picture import GLANCE_DPI, Picture, glance_at
from ocr.sheet import Sheet
from ocr.unread import text_like, unread_share

SCALE = GLANCE_DPI / 300
SHIFTED = (1, 0, 0, 0, 1, 48)
A_PAGE = tuple("the quick brown fox jumps over the lazy dog again and again" for _ in range(12))


def glance(page: Image.Image) -> Grey:
    return glance_at(Picture(np.asarray(page), 300, Sheet((0, 0, 595, 420))))


def unread(page: Image.Image, words: tuple[Word, ...]) -> float:
    return unread_share(glance(page), words, (page.height, page.width), SCALE)


@pytest.fixture(scope="module")
def page(draw: Callable[..., Image.Image]) -> Image.Image:
    return draw(A_PAGE, ink=30, paper=250)


@pytest.fixture(scope="module")
def words(page: Image.Image, engine: Engine) -> tuple[Word, ...]:
    return engine.recognise(np.asarray(page), 300).words


def test_of_a_page_read_whole_nothing_is_unread(page: Image.Image, words: tuple[Word, ...]) -> None:
    assert unread(page, words) < 0.02


def test_half_the_lines_without_words_are_half_unread(page: Image.Image, words: tuple[Word, ...]) -> None:
    half = tuple(word for word in words if word.line < len(A_PAGE) / 2)
    assert unread(page, half) == pytest.approx(0.5, abs=0.1)


def test_guesses_count_as_unread(page: Image.Image, words: tuple[Word, ...]) -> None:
    guesses = tuple(Word(word.text, 0.2, word.box, word.line) for word in words)
    assert unread(page, guesses) == pytest.approx(1.0)


def test_one_short_line_gives_little(draw: Callable[..., Image.Image]) -> None:
    assert 0 < unread(draw(("Thornbury",)), ()) < 0.3


def rules(draw: ImageDraw.ImageDraw) -> None:
    for top in (300, 500, 700):
        draw.rectangle((300, top, 2000, top + 88), outline=0, width=4)


def barcode(draw: ImageDraw.ImageDraw) -> None:
    widths = np.random.default_rng(4).integers(3, 14, 120)
    for left, width in zip(300 + np.cumsum(widths * 2), widths, strict=True):
        draw.rectangle((int(left), 300, int(left + width), 420), fill=0)


def picture(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((400, 300, 1400, 1200), fill=60)


@pytest.mark.parametrize("pattern", [rules, barcode, picture])
def test_what_is_no_text_is_not_missed(pattern: Callable[[ImageDraw.ImageDraw], None]) -> None:
    page = Image.new("L", (2481, 1749), 250)
    pattern(ImageDraw.Draw(page))
    assert text_like(glance(page)).sum() < 0.15 * (glance(page) < 200).sum()


def test_print_that_shows_through_is_not_missed(
    page: Image.Image, words: tuple[Word, ...], draw: Callable[..., Image.Image]
) -> None:
    back = ImageOps.mirror(draw(A_PAGE, ink=215, paper=255)).transform(page.size, Image.Transform.AFFINE, SHIFTED)
    assert unread(ImageChops.darker(page, back), words) < 0.05


def test_an_empty_page_has_nothing_unread() -> None:
    assert unread(Image.new("L", (2481, 1749), 250), ()) == 0.0
