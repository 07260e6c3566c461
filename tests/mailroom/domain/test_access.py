import pytest

from mailroom.domain.access import Role, Standing, Viewer, may_see
from mailroom.domain.decision import Sensitivity

NORMAL, LIMITED = Sensitivity.NORMAL, Sensitivity.LIMITED

UNREAD = Standing(None, settled=False, team=None)
DOUBTFUL = Standing(NORMAL, settled=False, team=None)
PERHAPS_AT_RISK = Standing(LIMITED, settled=False, team=None)
HOUSING = Standing(NORMAL, settled=True, team="housing")
AT_RISK = Standing(LIMITED, settled=True, team="safeguarding")


def viewer(*roles: Role, teams: tuple[str, ...] = (), named: bool = False) -> Viewer:
    return Viewer("v", frozenset(roles), frozenset(teams), named)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (viewer(Role.POST_ROOM), {DOUBTFUL, HOUSING}),
        (viewer(Role.AUDITOR), {DOUBTFUL, HOUSING}),
        (viewer(Role.POST_ROOM, named=True), {UNREAD, DOUBTFUL, PERHAPS_AT_RISK, HOUSING, AT_RISK}),
        (viewer(Role.AUDITOR, named=True), {UNREAD, DOUBTFUL, PERHAPS_AT_RISK, HOUSING, AT_RISK}),
        (viewer(Role.BACK_OFFICE), set()),
        (viewer(Role.BACK_OFFICE, teams=("housing",)), {HOUSING}),
        (viewer(Role.BACK_OFFICE, teams=("revenues",)), set()),
        (viewer(Role.BACK_OFFICE, teams=("safeguarding",)), set()),
        (viewer(Role.BACK_OFFICE, teams=("safeguarding",), named=True), {AT_RISK}),
        (viewer(Role.BACK_OFFICE, teams=("housing", "safeguarding"), named=True), {HOUSING, AT_RISK}),
        (viewer(Role.MANAGER, teams=("housing",), named=True), set()),
        (viewer(Role.ADMINISTRATOR, teams=("housing",), named=True), set()),
        (viewer(teams=("housing",), named=True), set()),
        (viewer(Role.MANAGER, Role.BACK_OFFICE, teams=("housing",)), {HOUSING}),
    ],
)
def test_each_role_sees_what_is_its_own(who: Viewer, sees: set[Standing]) -> None:
    everything = {UNREAD, DOUBTFUL, PERHAPS_AT_RISK, HOUSING, AT_RISK}
    assert {standing for standing in everything if may_see(who, standing)} == sees
