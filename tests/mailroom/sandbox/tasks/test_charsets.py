import pytest

from mailroom.sandbox.tasks.charsets import decode, for_display, guess_charset


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (b"plain", "utf-8"),
        ("Tŷ Gwyn £40".encode(), "utf-8"),
        ("Tŷ Gwyn".encode("utf-8-sig"), "utf-8-sig"),
        ("Tŷ Gwyn".encode("utf-16"), "utf-16"),
        ("Tŷ Gwyn".encode("utf-32"), "utf-32"),
        ("Tŷ".encode()[:-1], "utf-8"),
        ("costs £40 or €50".encode("cp1252"), "cp1252"),
        (b"from a fax gateway\x0c\x1a", "utf-8"),
        (bytes(range(256)), None),
        (b"\x00\x01\x02", None),
    ],
)
def test_the_charset_of_a_text_is_guessed_from_its_bytes(content: bytes, charset: str | None) -> None:
    assert guess_charset(content) == charset


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        ("£40".encode("latin-1"), "iso-8859-1", "£40"),
        ("£40".encode("latin-1"), "utf-8", "£40"),
        ("Tŷ".encode(), "no-such-charset", "Tŷ"),
        ("Tŷ".encode(), None, "Tŷ"),
        (b"uryyb", "rot13", "uryyb"),
        (b"a\\u0041", "unicode-escape", "a\\u0041"),
        (b"text", "utf-8\x00", "text"),
        (b"\x81 in no charset", "cp1252", "\ufffd in no charset"),
    ],
)
def test_a_declared_charset_is_used_where_it_fits(content: bytes, declared: str | None, text: str) -> None:
    assert decode(content, declared) == text


def test_a_charset_that_takes_quadratic_time_is_not_used() -> None:
    assert decode(b"a." * 500_000, "idna") == "a." * 500_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\r\ntwo\rthree\x0cfour", "one\ntwo\nthree\nfour"),
        ("a\x00b\x1bc\x9fd", "abcd"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("half \ud83d", "half "),
        ("e\u0301", "é"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_nothing_that_changes_how_text_is_shown_gets_through(text: str, shown: str) -> None:
    assert for_display(text) == shown
