"""A signed head as a text: what was written is read, and nothing else is."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.domain.tree_head import TreeHead, body_of, key_id, read_signed, signed_text, verifier_key

KEY = bytes(range(32))
HEAD = TreeHead("mailroom.harrowdale.example", 4711, bytes(range(32)), datetime(2026, 11, 27, 9, tzinfo=UTC))
BODY = "mailroom.harrowdale.example\n4711\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nat 2026-11-27T09:00:00+00:00\n"
TEXT = signed_text(BODY, HEAD.origin, KEY, b"s" * 64)


def test_the_body_has_origin_size_root_and_time_a_line_each() -> None:
    assert body_of(HEAD) == BODY


def test_what_is_written_is_read() -> None:
    read = read_signed(TEXT)
    assert (read.head, read.body, read.signature) == (HEAD, BODY, b"s" * 64)
    assert read.key_id == key_id(HEAD.origin, KEY)


def test_a_key_is_written_as_the_specification_of_signed_notes_has_it() -> None:
    # The example of C2SP signed-note.
    public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = base64.b64decode(public.rsplit("+", 1)[1])[1:]
    assert verifier_key("PeterNeumann", key) == public


@pytest.mark.parametrize(
    "text",
    [
        "",
        BODY,
        TEXT + "more\n",
        TEXT.replace("4711", "-4711"),
        TEXT.replace("4711", "\N{ARABIC-INDIC DIGIT FOUR}"),
        TEXT.replace("4711", "04711"),
        TEXT.replace("\nat ", "\nat  "),
        TEXT.replace("+00:00", ""),
        TEXT.replace("AAECAw", "AAE"),
        TEXT.replace("\N{EM DASH} mailroom.harrowdale.example", "\N{EM DASH} another.example"),
        TEXT.replace("\n\n", "\nanother line\n\n"),
        TEXT.replace("\n\n", "\n"),
        TEXT + " " * 5000,
    ],
)
def test_what_is_not_of_this_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="it "):
        read_signed(text)


@given(st.text(max_size=300))
def test_whatever_text_is_read_or_refused(text: str) -> None:
    try:
        read_signed(text)
    except ValueError:
        return
    raise AssertionError
