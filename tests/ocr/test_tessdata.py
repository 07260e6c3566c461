from __future__ import annotations

from pathlib import Path

import pytest

from ocr.errors import MissingLanguage
from ocr.tessdata import find_tessdata


def put_models(folder: Path, *languages: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for language in languages:
        (folder / f"{language}.traineddata").touch()
    return folder


def test_the_configured_folder_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(put_models(tmp_path / "environment", "eng")))
    configured = put_models(tmp_path / "configured", "eng")
    assert find_tessdata("eng", configured) == configured


@pytest.mark.parametrize("inside", ["", "tessdata"])
def test_the_environment_names_the_folder_or_the_one_above(
    inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put_models(tmp_path / inside, "tlh")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert find_tessdata("tlh") == folder


def test_a_folder_with_only_some_of_the_languages_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_models(tmp_path, "aaa")
    both = put_models(tmp_path / "tessdata", "aaa", "bbb")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert find_tessdata("aaa+bbb") == both


def test_only_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(MissingLanguage, match=r"apt-get install tesseract-ocr-chi-sim\)") as caught:
        find_tessdata("eng+chi_sim", put_models(tmp_path, "eng"))
    assert str(tmp_path) in str(caught.value)
