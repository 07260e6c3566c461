from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mailroom.domain.capture import Channel, Receipt
from mailroom.duties.mail_log import forget_old_answers
from mailroom.duties.reconcile import reconcile
from mailroom.records.session_log import SessionLog, answers_in
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Step = Callable[[timedelta], None]
LONG = timedelta(days=91)


@pytest.fixture
def answer(services: Services) -> Callable[..., None]:
    """Writes down that a delivery was answered, now."""

    def write(source: str, answer: int = 250, way: str = "smtp") -> None:
        SessionLog(services.settings.data, way).note(services.now(), "127.0.0.1", source, 400, answer)

    return write


def kept(services: Services) -> list[str]:
    return [line.source for line in answers_in(services.settings.data)]


def test_days_that_are_long_gone_are_forgotten_and_the_others_kept(
    deliver: Deliver, answer: Callable[..., None], services: Services, step: Step
) -> None:
    for source, way in (("smtp:1", "smtp"), ("imap:contact:1:1", "imap")):
        deliver(b"Dear Council", channel=Channel.EMAIL, source=source)
        answer(source, way=way)
    step(LONG - timedelta(days=1))
    assert forget_old_answers(services) == 0
    deliver(b"Dear Council", channel=Channel.EMAIL, source="smtp:2")
    answer("smtp:2")
    step(timedelta(days=1))
    assert forget_old_answers(services) == 2
    assert kept(services) == ["smtp:2"]
    assert reconcile(services)["missing"] == []


def test_a_day_with_a_yes_that_the_ledger_does_not_know_is_kept_and_named(
    deliver: Deliver, answer: Callable[..., None], services: Services, step: Step
) -> None:
    deliver(b"Dear Council", channel=Channel.EMAIL, source="smtp:1")
    for number in range(1200):
        answer("smtp:1" if number != 1100 else "smtp:lost")
    step(LONG)
    assert forget_old_answers(services) == 0
    assert len(reconcile(services)["missing"]) == 1
    deliver(b"Dear Council", channel=Channel.EMAIL, source="smtp:lost")
    assert forget_old_answers(services) == 1
    assert kept(services) == []


def test_what_was_not_taken_in_keeps_no_day(answer: Callable[..., None], services: Services, step: Step) -> None:
    answer("smtp:later", 451)
    step(LONG)
    assert forget_old_answers(services) == 1
