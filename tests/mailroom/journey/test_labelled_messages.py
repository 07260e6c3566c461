"""A set of labelled messages against open cases: nobody is answered wrongly, nobody lands in another's case, and of the
true replies at least 95 of 100 find theirs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from sample_letters import bounce_of

from mailroom.domain.acknowledging import Way
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.cases import close
from mailroom.records.tables import Case, Item
from mailroom.services import Services

THREADS = Path(__file__).parents[2] / "material" / "threads"
CASES = tomllib.loads((THREADS / "cases.toml").read_text("utf-8"))
MESSAGES = tomllib.loads((THREADS / "messages.toml").read_text("utf-8"))["message"]

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as the messages name it."""

    case_id: str
    reference: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a labelled message."""

    told: dict[str, Any]
    where: str
    answered: bool

    @property
    def right(self) -> bool:
        """Whether it is where the label says, and whoever sent it is told as the label says."""
        return self.where == self.told["case"] and self.answered == self.told.get("answered", False)

    def __str__(self) -> str:
        """Return it in one line."""
        told = self.told
        return f"{told['kind']} {told['from']!r} {told['subject']!r}: {self.where}, answered {self.answered}"


@pytest.fixture
def cases(services: Services, deliver: Deliver, travel: Travel) -> dict[str, Opened]:
    """The open cases, the closed and the limited one."""
    object.__setattr__(services.settings.acknowledge, "smtp_host", "localhost")
    return {name: _open(name, told, services, deliver, travel) for name, told in CASES.items()}


def _open(name: str, told: dict[str, Any], services: Services, deliver: Deliver, travel: Travel) -> Opened:
    theirs = f"<first@{name}.example>"
    content = told["text"].encode()
    if told["channel"] == "email":
        content = _mail(told["sender"], {"Subject": told["subject"], "Message-ID": theirs}, told["text"])
    item = travel(deliver(content, channel=Channel(told["channel"]), proven_sender=told.get("sender")).item_id)
    assert (item.state, item.settled) == (ItemState.CAPTURED, True), name
    with services.records.work() as session:
        case, message = session.get_one(Case, item.case_id), acknowledgement_of(session, item.id)
        if told.get("closed"):
            close(case, "granted", services.now())
        if told.get("limited"):
            session.get_one(Item, item.id).sensitivity = Sensitivity.LIMITED
        session.commit()
        assert message is not None
        return Opened(case.id, case.reference, message.message_id, theirs)


def _mail(sender: str, head: dict[str, str], text: str) -> bytes:
    """Return a mail as written: what stands in the head is not mended."""
    mail = Message(policy=policy.compat32)
    for name, value in {"From": sender or "nobody@example.org", "Content-Type": "text/plain; charset=utf-8"}.items():
        mail[name] = head.get(name, value)
    for name, value in head.items():
        if name not in mail:
            mail[name] = value
    return f"{mail.as_string()}{text}".encode()


def _content(number: int, told: dict[str, Any], cases: dict[str, Opened]) -> bytes:
    if "bounces" in told:
        return bounce_of(told["bounces"].format(**cases), "jane.pemberton@client.example")
    head = {"Subject": told["subject"], "Message-ID": f"<labelled-{number}@example.org>", **told.get("headers", {})}
    return _mail(
        told["from"], {name: value.format(**cases) for name, value in head.items()}, told["text"].format(**cases)
    )


@pytest.fixture
def outcomes(
    cases: dict[str, Opened], services: Services, deliver: Deliver, travel: Travel, step: Callable[[timedelta], None]
) -> list[Outcome]:
    """What became of all of them, sent one after the other, a few an hour."""
    found, names = [], {opened.case_id: name for name, opened in cases.items()}
    for number, told in enumerate(MESSAGES):
        step(timedelta(minutes=20))
        content = _content(number, told, cases)
        item = travel(deliver(content, channel=Channel.EMAIL, proven_sender=told["from"]).item_id)
        with services.records.look() as session:
            message = acknowledgement_of(session, item.id)
        alone = "person" if item.state is ItemState.EXCEPTION else "none"
        where = names.get(item.case_id or "", alone)
        found.append(Outcome(told, where, message is not None and message.way == Way.EMAIL))
    return found


@pytest.mark.timeout(600)
def test_the_labelled_messages(outcomes: list[Outcome], cases: dict[str, Opened]) -> None:
    assert len(outcomes) >= 60
    told_wrongly = [str(one) for one in outcomes if one.answered and not one.told.get("answered", False)]
    assert told_wrongly == []
    in_anothers_case = [str(one) for one in outcomes if one.where in cases and one.where != one.told["case"]]
    assert in_anothers_case == []
    replies = [one for one in outcomes if one.told["kind"] == "reply"]
    matched = [one for one in replies if one.where == one.told["case"]]
    assert len(matched) / len(replies) >= 0.95, [str(one) for one in replies if one not in matched]
    persons = [str(one) for one in outcomes if one.told["case"] == "person" and one.where != "person"]
    assert persons == []
    wrong = "\n".join(str(one) for one in outcomes if not one.right)
    assert sum(one.right for one in outcomes) / len(outcomes) >= 0.9, wrong
