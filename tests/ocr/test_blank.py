from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from ocr.blank import is_blank
from ocr.engine import Grey
from ocr.picture import Picture, glance_at
from ocr.sheet import Sheet

SIZE = (2480, 3508)


def glance(page: Image.Image, noise: float = 0.0) -> Grey:
    pixels = np.asarray(page).astype(np.float64) + np.random.default_rng(1).normal(0, noise, page.size[::-1])
    picture = Picture(np.clip(pixels, 0, 255).astype(np.uint8), 300, Sheet((0, 0, 595, 842)))
    return glance_at(picture)


def paper(shade: int = 250) -> Image.Image:
    return Image.new("L", SIZE, shade)


def signed(ink: int, shade: int = 250) -> Image.Image:
    page = paper(shade)
    points = [(1200 + 4 * x, 3000 + round(60 * np.sin(x / 6))) for x in range(120)]
    ImageDraw.Draw(page).line(points, fill=ink, width=5)
    return page


def specked() -> Image.Image:
    page = paper()
    draw = ImageDraw.Draw(page)
    for x, y in np.random.default_rng(2).integers(200, 2400, (60, 2)):
        draw.rectangle((x, y, x + 4, y + 4), fill=0)
    return page


def folded(page: Image.Image, depth: float = 20, tilt: float = 0.02) -> Image.Image:
    across, down = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    dark = sum(depth * np.exp(-(((down - place - tilt * across) / 8) ** 2)) for place in (1150, 2320))
    return Image.fromarray(np.clip(np.asarray(page) - dark, 0, 255).astype(np.uint8))


def crossed_by_a_fold(ink: int) -> Image.Image:
    page = paper()
    points = [(1200 + 4 * x, 2350 + round(60 * np.sin(x / 6))) for x in range(120)]
    ImageDraw.Draw(page).line(points, fill=ink, width=5)
    return folded(page, tilt=0.01)


def shaded() -> Image.Image:
    return Image.fromarray(np.tile(np.linspace(250, 200, SIZE[0]).astype(np.uint8), (SIZE[1], 1)))


@pytest.mark.parametrize(
    ("page", "noise"),
    [
        (paper(), 0),
        (paper(), 8),
        (paper(150), 5),
        (specked(), 4),
        (shaded(), 4),
        (folded(specked()), 2),
        (folded(paper(), 48, 0.04), 6),
        (folded(paper()).rotate(90, expand=True), 2),
    ],
    ids=[
        "white",
        "noisy",
        "brown",
        "dust",
        "shadow of the lid",
        "folds",
        "deep folds askew",
        "folds down",
    ],
)
def test_a_page_with_nothing_on_it_is_blank(page: Image.Image, noise: float) -> None:
    assert is_blank(glance(page, noise))


@pytest.mark.parametrize(
    ("page", "noise"),
    [
        (signed(30), 4),
        (signed(190), 4),
        (signed(100, 150), 4),
        (signed(30), 0),
        (crossed_by_a_fold(30), 2),
        (crossed_by_a_fold(190), 2),
    ],
    ids=["ink", "faint pencil", "ink on brown paper", "clean", "across a fold", "faint, across a fold"],
)
def test_a_page_with_only_a_signature_is_not_blank(page: Image.Image, noise: float) -> None:
    assert not is_blank(glance(page, noise))


def test_faint_print_is_not_blank(draw: Callable[..., Image.Image]) -> None:
    assert not is_blank(glance(draw(("Ref 12",), ink=225), 3))


def test_printed_rules_are_not_taken_for_folds() -> None:
    page = paper()
    for top in (1000, 2000):
        ImageDraw.Draw(page).line((0, top, SIZE[0], top), fill=20, width=8)
    assert not is_blank(glance(page))


def test_a_black_page_is_not_called_blank() -> None:
    assert not is_blank(glance(paper(10)))


def test_a_dark_and_densely_written_page_is_not_blank(draw: Callable[..., Image.Image]) -> None:
    dense = draw(tuple("the quick brown fox jumps over the lazy dog again" for _ in range(14)), ink=60, paper=150)
    assert not is_blank(glance(dense.filter(ImageFilter.GaussianBlur(6)), 6))
