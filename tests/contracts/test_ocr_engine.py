"""What every engine in `ocr.BUILTIN` must do, whoever wrote it.

So must what an installed package registers under `mailroom.contracts.ocr`: the engine's class, or what is called as it
is, with `languages`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from contenders import contenders
from PIL import Image, ImageDraw, ImageFont

from mailroom import plugins
from ocr import BUILTIN
from ocr.engine import Engine, Grey
from ocr.errors import MissingLanguage

FONT = "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"


Maker = Callable[..., Engine]


MAKERS = contenders("ocr", {name: plugins.load(place) for name, place in BUILTIN.items()})


@pytest.fixture(params=sorted(MAKERS), scope="module")
def maker(request: pytest.FixtureRequest) -> Maker:
    return MAKERS[request.param]


@pytest.fixture(scope="module")
def engine(maker: Maker) -> Engine:
    return maker(languages="eng")


@pytest.fixture(scope="module")
def page() -> Grey:
    image = Image.new("L", (1200, 500), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, 60)
    draw.text((100, 80), "Council tax refund", font=font, fill=0)
    draw.text((100, 300), "Account 40718823", font=font, fill=0)
    return np.asarray(image)


def test_its_name_says_which_version_and_languages(engine: Engine) -> None:
    maker, version, languages = engine.name.split()
    assert maker.isidentifier()
    assert version[0].isdigit()
    assert languages == "eng"


def test_it_reads_print_line_by_line(engine: Engine, page: Grey) -> None:
    reading = engine.recognise(page, 300)
    assert [line for line in reading.text.splitlines() if line] == ["Council tax refund", "Account 40718823"]
    assert [(word.text, word.line) for word in reading.words] == [
        ("Council", 0),
        ("tax", 0),
        ("refund", 0),
        ("Account", 1),
        ("40718823", 1),
    ]


def test_its_boxes_lie_on_the_words(engine: Engine, page: Grey) -> None:
    for word in engine.recognise(page, 300).words:
        left, top, right, bottom = word.box
        assert (page[top:bottom, left:right] < 128).any()
        frame = page[max(top - 6, 0) : bottom + 6, max(left - 6, 0) : right + 6].copy()
        frame[6:-6, 6:-6] = 255
        assert (frame < 128).sum() < 60, f"ink of {word.text} lies outside its box"


def test_its_confidences_are_shares_and_their_mean_is_the_readings(engine: Engine, page: Grey) -> None:
    reading = engine.recognise(page, 300)
    confidences = [word.confidence for word in reading.words]
    assert all(0.5 < confidence <= 1 for confidence in confidences)
    assert reading.confidence == pytest.approx(sum(confidences) / len(confidences))


def test_an_empty_page_has_no_words_and_no_confidence(engine: Engine) -> None:
    reading = engine.recognise(np.full((600, 400), 255, np.uint8), 300)
    assert (reading.text, reading.words, reading.confidence) == ("", (), 0.0)


def test_it_forgets_one_page_before_the_next(engine: Engine, page: Grey) -> None:
    first = engine.recognise(page, 300)
    engine.recognise(np.full((600, 400), 255, np.uint8), 300)
    assert engine.recognise(page, 300) == first


def test_a_missing_language_is_named(maker: Maker) -> None:
    with pytest.raises(MissingLanguage, match="tlh"):
        maker(languages="eng+tlh")


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_of_ours_a_missing_language_is_named_with_its_package(name: str) -> None:
    with pytest.raises(MissingLanguage, match="tesseract-ocr-tlh"):
        MAKERS[name](languages="eng+tlh")
