"""Every text of the pages has a Welsh one: none is missing, none is left over, and both hold the same placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from mailroom.desk.emergency import ACCESS, LOOKED_INTO
from mailroom.domain.errors import Cause
from mailroom.web.language import LANGUAGES, translated
from setup.passed_on import ACCOUNT_EVENTS, passed_on

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "mailroom" / "web" / "templates"
WELSH = ROOT / "mailroom" / "web" / "locale" / "cy" / "LC_MESSAGES" / "mailroom.po"
PLACEHOLDER = re.compile(r"\{\w*\}")


@cache
def catalogue() -> Catalog:
    with WELSH.open("rb") as file:
        return read_po(file)


@cache
def of_the_pages() -> frozenset[str]:
    """Return the messages as `make messages` finds them, a plural's by its singular."""
    with (ROOT / "setup" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT / "mailroom", method_map=methods, options_map=options)
    return frozenset(message if isinstance(message, str) else message[0] for _, _, message, _, _ in found)


def in_welsh() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield each message of the catalogue with its Welsh, forms of a plural one by one."""
    for message in catalogue():
        if message.id:
            english, welsh = ((one,) if isinstance(one, str) else tuple(one) for one in (message.id, message.string))
            yield english, welsh


def test_every_message_of_the_pages_is_in_the_catalogue_and_nothing_else_is() -> None:
    there = {english[0] for english, _ in in_welsh()}
    assert sorted(of_the_pages() - there) == []
    assert sorted(there - of_the_pages()) == []
    assert not catalogue().obsolete


def test_every_message_has_its_welsh_in_every_form() -> None:
    assert [english for english, welsh in in_welsh() if not all(form.strip() for form in welsh)] == []
    assert {len(welsh) for english, welsh in in_welsh() if len(english) > 1} == {catalogue().num_plurals} == {6}
    assert [message.id for message in catalogue() if message.id and message.fuzzy] == []


def test_english_and_welsh_hold_the_same_placeholders() -> None:
    for english, welsh in in_welsh():
        held = {placeholder for form in english for placeholder in PLACEHOLDER.findall(form)}
        assert all(set(PLACEHOLDER.findall(form)) == held for form in welsh), english


def test_no_message_holds_a_per_cent_sign_which_templates_would_take_for_a_placeholder() -> None:
    assert [english for english, welsh in in_welsh() if "%" in "".join((*english, *welsh))] == []


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_templates_mark_their_own_words_alone_and_pass_variables_on(template: Path) -> None:
    """`_()` takes its text for markup of ours; a variable can hold what a sender wrote."""
    assert not re.findall(r"\b(?:_|gettext|ngettext)\((?![\"'])", template.read_text(encoding="utf-8"))


def test_what_is_put_down_of_an_account_has_words() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "mailroom" / "desk").glob("*.py"))
    kinds = set(re.findall(r"note_account\([^\"()]*\"(\w+)\"", code)) | set(
        re.findall(r"_begin\([^\"()]*\"(\w+)\"", code)
    )
    kinds |= {ACCESS, LOOKED_INTO}
    assert kinds == {*ACCOUNT_EVENTS, "joined"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_catalogue_has_not_stays_as_it_is(language: str) -> None:
    assert translated("<b>100% & more</b>", language=language) == "<b>100% & more</b>"
    assert translated("", language=language) == translated(None, language=language) == ""


def test_what_is_passed_on_differs_in_welsh() -> None:
    same = {text for text in passed_on() if translated(text, language="cy") == text}
    assert same == {"post"}
    assert len(passed_on()) > len(Cause)
