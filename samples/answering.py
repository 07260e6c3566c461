"""Sends the answers to the sample post as mail servers do, by SMTP, once the items that they answer have a case.

Before: the demonstration has carried the sample post through. After: the answers are on the ledger, as further items.
"""

from __future__ import annotations

import smtplib
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path, PurePosixPath
from typing import Any

from rendering.mail import TO, Envelope
from rendering.manifest import Item


def answers_to(items: tuple[Item, ...], references: Mapping[PurePosixPath, str], file: Path) -> list[Item]:
    """Return the answers as items of the sample post.

    Args:
        items: the sample post.
        references: of the cases, by the file of the item that each was opened for.
        file: `answers.toml`.
    """
    known = {item.file: item for item in items}
    told = tomllib.loads(file.read_text(encoding="utf-8"))["answer"]
    return [
        _answer(number, one, known[PurePosixPath(one["to"])], references[PurePosixPath(one["to"])])
        for number, one in enumerate(told, start=1)
    ]


def text_of(number: int, file: Path) -> str:
    """Return the text of an answer, the first of which is number 1."""
    text: str = tomllib.loads(file.read_text(encoding="utf-8"))["answer"][number - 1]["text"]
    return text


def send(answer: Item, text: str, now: datetime, target: Path, port: int) -> None:
    """Write the answer into the folder of the sample post and hand it to the mailroom by SMTP."""
    envelope = answer.envelope
    if envelope is None:
        raise ValueError(f"{answer.file} is no message")
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = f"<{answer.file.stem}@mx.example.org>"
    mail["Date"], mail["From"] = format_datetime(now), envelope.sender
    mail["To"], mail["Subject"] = TO, envelope.subject
    for name, value in envelope.headers.items():
        mail[name] = value
    mail.set_content(text)
    (target / answer.file).write_bytes(mail.as_bytes())
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail(parseaddr(envelope.sender)[1], [parseaddr(TO)[1]], mail.as_bytes())


def _answer(number: int, told: Mapping[str, Any], to: Item, reference: str) -> Item:
    if to.envelope is None:
        raise ValueError(f"{to.file} is no message that anybody answers")
    subject = f"Re: {to.envelope.subject} ({reference})"
    envelope = Envelope(to.envelope.sender, subject, headers=dict(told.get("headers", {})))
    expected = replace(to.expected, outcome="captured", index={})
    return replace(to, file=PurePosixPath(f"email/answer{number:04d}.eml"), envelope=envelope, expected=expected)
