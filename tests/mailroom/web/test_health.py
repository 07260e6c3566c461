"""How the service is: alarms on every page of those who count, figures for monitoring, settings without secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sample_letters import DISCOUNT
from starlette.testclient import TestClient
from visitors import SignIn

from mailroom.domain.access import Role
from mailroom.domain.capture import Receipt
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.records.mailbox_counts import MailboxCounts
from mailroom.records.tables import Item
from mailroom.services import Services
from mailroom.settings import ImapMailbox


def test_an_alarm_stands_on_every_page_until_it_is_cleared(
    signed_in: SignIn, services: Services, now: Callable[[], datetime]
) -> None:
    ada, sam = signed_in("ada", Role.ADMINISTRATOR), signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))
    with services.records.work() as session:
        raise_alarm(session, "release", "The folder <b>release</b> is full. Make room.", now())
        session.commit()
    assert "1 alarm" in ada.get("/accounts").text
    assert "The folder &lt;b&gt;release&lt;/b&gt; is full" in ada.get("/health").text
    assert "1 alarm" not in sam.get("/me").text
    with services.records.work() as session:
        clear_alarm(session, "release", now())
        session.commit()
    assert "1 alarm" not in ada.get("/accounts").text
    assert "No alarm." in ada.get("/health").text


def test_what_is_no_alarm_and_yet_not_well_is_said(
    signed_in: SignIn,
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    step: Callable[[timedelta], None],
    services: Services,
) -> None:
    object.__setattr__(services.settings.acknowledge, "smtp_host", "mail.example.org")
    ada = signed_in("ada", Role.ADMINISTRATOR)
    assert "None. All is well." in ada.get("/health").text
    object.__setattr__(services.settings.acknowledge, "smtp_host", "")
    assert "No mail server is set" in ada.get("/health").text
    travel(deliver(DISCOUNT, received_at=services.now() - timedelta(days=30)).item_id)
    text = ada.get("/health").text
    assert ("1 open case is late" in text, "All is well" in text) == (True, False)
    assert 'href="/performance"' not in text
    both = signed_in("bea", Role.ADMINISTRATOR, Role.MANAGER).get("/health").text
    assert 'href="/performance">1 open case is late</a>' in both


def test_each_way_of_mail_has_a_line(signed_in: SignIn, services: Services, now: Callable[[], datetime]) -> None:
    ada = signed_in("ada", Role.ADMINISTRATOR)
    assert "Waits there" not in ada.get("/health").text
    box = ImapMailbox(host="127.0.0.1", port=9, user="contact")
    object.__setattr__(services.settings.imap, "mailboxes", {"contact": box})
    counts = MailboxCounts("contact", services.records, now)
    counts.note(counts.on_ledger(7), lying={1, 2, 3}, left=0, taken=None)
    with services.records.work() as session:
        raise_alarm(session, "mailbox contact", "The server does not answer.", now())
        session.commit()
    line = ada.get("/health").text.partition("mailbox contact")[2].partition("</tr>")[0]
    for said in ("Mon 16 Nov 2026 10:00", "<td>3</td>", "The server does not answer."):
        assert said in line


def test_the_checks_are_shown_worst_first(signed_in: SignIn) -> None:
    text = signed_in("ada", Role.ADMINISTRATOR).get("/health").text
    assert "tesserocr is ready to read eng" in text
    assert text.count("in order") >= 8


def test_settings_are_shown_with_where_they_come_from_and_without_passwords(
    signed_in: SignIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILROOM_OCR__LANGUAGES", "eng")
    secret = "postgresql+psycopg://us:s3cret@db/mailroom?password=s3cret&x=1"
    object.__setattr__(services.settings, "database_url", secret)
    text = signed_in("ada", Role.ADMINISTRATOR).get("/settings").text
    assert "[&#39;" not in text  # lists are told as people write them
    assert "MAILROOM_OCR__LANGUAGES" in text
    assert "postgresql+psycopg://us:...@db/mailroom?password=...&amp;x=1" in text
    assert "s3cret" not in text
    assert "Council tax: single person discount" in text


def test_monitoring_gets_figures_from_machines_that_are_named(
    anonymous: TestClient, app: object, deliver: Callable[..., Receipt], services: Services
) -> None:
    object.__setattr__(services.settings.web, "metrics_from", ("127.0.0.1",))
    assert anonymous.get("/metrics").status_code == 403
    deliver(b"a letter")
    named = TestClient(app, base_url=services.settings.web.address, client=("127.0.0.1", 5))  # type: ignore[arg-type]
    named.get("/healthz")
    assert named.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    text = named.get("/metrics").text
    assert 'mailroom_items{channel="post",state="received"} 1.0' in text
    assert "mailroom_waiting 1.0" in text
    assert 'mailroom_page_seconds_count{route="/healthz"} 1.0' in text


def test_the_sign_of_life_asks_the_records(anonymous: TestClient) -> None:
    assert anonymous.get("/healthz").json() == {"ok": True}
