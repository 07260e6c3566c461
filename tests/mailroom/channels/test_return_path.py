"""Only what the server that kept the mail wrote above the trace of its way counts as where to answer to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailroom.channels.return_path import return_path_of


@pytest.mark.parametrize(
    ("message", "address"),
    [
        (b"Return-Path: <ann@client.example>\r\nReceived: by mx\r\n\r\n", "ann@client.example"),
        (b"return-path:ann@client.example\nSubject: x\n\n", "ann@client.example"),
        (b"Return-Path: <>\r\nSubject: x\r\n\r\n", ""),
        (b"Delivered-To: us\r\nX-Long: a\r\n\tb\r\nReturn-Path: <ann@client.example>\r\n\r\n", "ann@client.example"),
        ("Return-Path: <jos\u00e9@client.example>\r\n\r\n".encode(), "jos\u00e9@client.example"),
        (b"Received: by mx\r\nReturn-Path: <chosen@by.sender>\r\n\r\n", None),
        (b"Subject: x\r\n\r\nReturn-Path: <in@the.body>\r\n", None),
        (b"Return-Path: <a@b.example> <c@d.example>\r\n\r\n", None),
        (b"Return-Path: <" + b"a" * 400 + b"@b.example>\r\n\r\n", None),
        (b"X: " + b"a" * 20_000 + b"\r\nReturn-Path: <far@down.example>\r\n\r\n", None),
        (b"", None),
        (b"\x00\xff", None),
    ],
)
def test_the_return_path(tmp_path: Path, message: bytes, address: str | None) -> None:
    file = tmp_path / "message"
    file.write_bytes(message)
    assert return_path_of(file) == address
