import time

import pytest

from mailroom.sandbox.tasks.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One<p>Two", "One\n\nTwo"),
        ("<div>one</div><div>two &amp; a &pound;</div>", "one\ntwo & a £"),
        ("line<br>break<br/>again", "line\nbreak\nagain"),
        ("<head><title>no</title></head><body>yes</body>", "yes"),
        ("<style>p{}</style>shown<script>alert('<p>')</script>", "shown"),
        ("<title>never closed<body>yes", "yes"),
        ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("<p>one<br></p><p></p><p></p><p>two</p>", "one\n\ntwo"),
        ("<table><tr><td>a<td>b</tr><tr><td>c</table>", "a b\nc"),
        ("<b>bold</b>ly and <i>so</i> on", "boldly and so on"),
        ("wrapped\n  by the\n  editor", "wrapped by the editor"),
        ('<img src="https://example.org/pixel"><a href="https://example.org">here</a>', "here"),
        ("<![CDATA[x]]><!-- no -->yes", "yes"),
        ("", ""),
    ],
)
def test_the_words_and_line_breaks_of_a_page_are_kept(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_a_hundred_thousand_open_elements_take_no_more_than_seconds() -> None:
    started = time.process_time()
    assert html_to_text("<div><title>" * 100_000 + "<body>end").endswith("end")
    assert time.process_time() - started < 10
