import time
from io import BytesIO

import pytest

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.mail_limits import MailCount, MailLimits, count_mail, refuse_beyond


def multipart(parts: int, boundary: str = "b") -> bytes:
    head = f'Subject: x\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
    return (head + f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nx\r\n" * parts + f"--{boundary}--\r\n").encode()


def nested(depth: int) -> bytes:
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth))
    return (opening + "Content-Type: text/plain\n\nx\n").encode()


def messages_inside(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"Subject: innermost\n\nx\n"


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b"", MailCount()),
        (b"Subject: x\n\n-- \nJo\n----\n", MailCount(header_bytes=11, longest_header=11, headers=1)),
        (
            b"Subject: one\n two\nTo: a\n\nbody: not a header\n",
            MailCount(header_bytes=24, longest_header=18, headers=2),
        ),
        (b"Subject: without a body", MailCount(header_bytes=23, longest_header=23, headers=1)),
        (b"Subject: x\nA body right below its header.\nTo: a\n", MailCount(11, 11, 1)),
        (b"a long text without any header\n" * 100_000, MailCount()),
    ],
)
def test_a_plain_mail_is_counted(raw: bytes, count: MailCount) -> None:
    assert count_mail(BytesIO(raw)) == count


@pytest.mark.parametrize(
    ("raw", "parts", "depth"),
    [
        (multipart(3), 4, 0),
        (multipart(3).replace(b"\r\n", b"\r"), 4, 0),
        (multipart(9000).replace(b"x\r\n", b"x\r"), 9001, 0),  # more than a block of the file, cut anywhere
        (nested(7), 8, 7),
        (messages_inside(9), 1, 9),
        (b'Content-Type: multipart/mixed;\n\tboundary="a b"\n\n--a b\n\nx\n--a b--\n', 2, 1),
        # In pieces or folded after the equals sign, where Python's parser still finds it: every dash line counts.
        (b"Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\nx\n--ab\n\ny\n--ab--\n", 4, 0),
        (b"Content-Type: multipart/mixed; boundary=\n b\n\n--b\n\nx\n--b\n\ny\n", 3, 0),
    ],
)
def test_parts_and_their_nesting_are_counted(raw: bytes, parts: int, depth: int) -> None:
    count = count_mail(BytesIO(raw))
    assert count.parts == parts
    assert count.depth >= depth


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (multipart(1001), "1000 parts"),
        (nested(21), "20 parts inside one another"),
        (messages_inside(21), "20 parts inside one another"),
        (b"Subject: " + b"x" * 70_000 + b"\n\n", "65536 bytes in one header"),
        (b"Subject: x\n" + b" folded\n" * 9000 + b"\n", "65536 bytes in one header"),
        (b"X: y\n" * 6000 + b"\n", "5000 header lines"),
        (
            b"X-Padding: " + b"y" * 1000 + b"\n" + (b"X: " + b"y" * 1000 + b"\n") * 300 + b"\n",
            "262144 bytes of headers",
        ),
    ],
)
def test_what_no_honest_mail_holds_is_refused(raw: bytes, what: str) -> None:
    with pytest.raises(TaskRefused, match=what) as caught:
        refuse_beyond(count_mail(BytesIO(raw)), MailLimits())
    assert caught.value.cause is Cause.TOO_LARGE


@pytest.mark.parametrize(
    "raw", [multipart(999), nested(20), messages_inside(20), b"Subject: " + b"x" * 60_000 + b"\n\n"]
)
def test_a_mail_at_the_limit_passes(raw: bytes) -> None:
    refuse_beyond(count_mail(BytesIO(raw)), MailLimits())


def test_counting_takes_time_that_grows_with_the_lines_only() -> None:
    hostile = b"boundary=" * 500_000 + b"\n" + b"--\n" * 500_000
    started = time.process_time()
    count_mail(BytesIO(hostile))
    assert time.process_time() - started < 10
