"""Who must say why they open an item, and for how long that holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailroom.domain.access import Role, Standing, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.domain.purpose import SITTING, lasts, needs_purpose

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
SETTLED = Standing(Sensitivity.NORMAL, settled=True, team="revenues")
THEIRS = frozenset({"revenues"})


def viewer(*roles: Role, teams: frozenset[str] = frozenset()) -> Viewer:
    return Viewer("ada", frozenset(roles), teams)


@pytest.mark.parametrize(
    ("who", "needs"),
    [
        (viewer(Role.AUDITOR), True),
        (viewer(Role.AUDITOR, Role.MANAGER), True),
        (viewer(Role.AUDITOR, Role.POST_ROOM), False),
        (viewer(Role.AUDITOR, Role.BACK_OFFICE, teams=THEIRS), False),
        (viewer(Role.AUDITOR, Role.BACK_OFFICE, teams=frozenset({"housing"})), True),
        (viewer(Role.POST_ROOM), False),
    ],
)
def test_whoever_sees_it_as_an_auditor_alone_must_say_why(who: Viewer, needs: bool) -> None:
    assert needs_purpose(who, SETTLED) is needs


def test_an_officer_who_audits_must_say_why_of_what_is_not_settled() -> None:
    officer = viewer(Role.AUDITOR, Role.BACK_OFFICE, teams=THEIRS)
    assert needs_purpose(officer, Standing(Sensitivity.NORMAL, settled=False, team="revenues"))


def test_a_sitting_ends_half_an_hour_after_the_last_look() -> None:
    assert lasts(NOON, NOON + SITTING)
    assert not lasts(NOON, NOON + SITTING + timedelta(seconds=1))
