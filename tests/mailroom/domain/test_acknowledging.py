"""Whether and how a sender is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from mailroom.domain.acknowledging import MOST_A_DAY, Sender, Way, leads_to_nobody, plan_acknowledgement
from mailroom.domain.catalogue import Service
from mailroom.domain.decision import Sensitivity

SERVICE = Service("x", "X", "t", Sensitivity.NORMAL, (), "r", "X", acknowledgement="received")
KNOWN = Sender("mary@example.org", automatic=False, named_on_page=True)


@pytest.mark.parametrize(
    ("address", "named", "mail", "way"),
    [
        ("mary@example.org", False, True, Way.EMAIL),
        ("mary@example.org", True, True, Way.EMAIL),
        ("mary@example.org", False, False, Way.LETTER),
        (None, True, True, Way.LETTER),
        (None, True, False, Way.LETTER),
        (None, False, True, Way.NONE),
        (None, False, False, Way.NONE),
    ],
)
def test_the_way_is_the_one_that_the_channel_proves(address: str | None, named: bool, mail: bool, way: Way) -> None:
    sender = Sender(address, automatic=False, named_on_page=named)
    plan = plan_acknowledgement(sender, SERVICE, settled=True, limited=False, mail=mail)
    assert plan.way is way
    assert bool(plan.reason) == (way is Way.NONE)


@pytest.mark.parametrize(
    ("settled", "limited", "silent", "automatic", "told"),
    list(product([True, False], repeat=5)),
    ids=lambda flag: "ny"[flag],
)
def test_one_reason_against_it_is_enough(
    settled: bool, limited: bool, silent: bool, automatic: bool, told: bool
) -> None:
    sender = replace(KNOWN, automatic=automatic, told_today=MOST_A_DAY if told else MOST_A_DAY - 1)
    service = replace(SERVICE, acknowledgement=None) if silent else SERVICE
    plan = plan_acknowledgement(sender, service, settled=settled, limited=limited, mail=True)
    refused = not settled or limited or silent or automatic or told
    assert (plan.way is Way.NONE) == refused
    assert bool(plan.reason) == refused


@pytest.mark.parametrize(
    ("address", "nobody"),
    [
        (None, False),
        ("", True),
        ("officer@ours.example", True),
        ("Officer@OURS.example", True),
        ("officer@not.ours.example", False),
        ("mary@example.org", False),
        ("norman.reply@example.org", False),
        ("contact@harrowdale.example", True),
        ("Contact@Harrowdale.Example", True),
        ("no-reply@example.org", True),
        ("NoReply-42@example.org", True),
        ("do-not-reply@example.org", True),
        ("MAILER-DAEMON@example.org", True),
        ("MAILER-DAEMON", True),
        ("do_not_reply@example.org", True),
        ("donotreply.bins@example.org", True),
        ("news.noreply@example.org", True),
        ("listserv@example.org", True),
        ("piano.reply@example.org", False),
        ("data-request@example.org", False),
        ("postmaster@example.org", True),
        ("bounces+42@example.org", True),
        ("bounce@example.org", True),
    ],
)
def test_an_answer_to_ourselves_or_to_a_machine_leads_to_nobody(address: str | None, nobody: bool) -> None:
    assert leads_to_nobody(address, ["contact@harrowdale.example", "@ours.example"]) == nobody
