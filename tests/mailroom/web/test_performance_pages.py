"""The manager's page says in one sentence how it stands, in figures what became of it, and names nothing not theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from visitors import SignIn, keys_to

from mailroom.desk.measuring import Ahead
from mailroom.desk.morning import days_to_show
from mailroom.domain.access import Role
from mailroom.domain.capture import Channel, Receipt, Refusal
from mailroom.domain.figures import Figures
from mailroom.journey.refuse import refuse
from mailroom.records.tables import Item
from mailroom.services import Services
from mailroom.web.plots import HEIGHT, WIDTH, nice, per_cent, plot
from mailroom.web.routes.performance import periods

REFUND = b"Council tax refund\n\nPlease refund the council tax that I have paid twice.\n\nJane Pemberton"


@pytest.fixture
def late(deliver: Callable[..., Receipt], travel: Callable[..., Item], step: Callable[[timedelta], None]) -> Item:
    """One letter of Monday in time, one that stands still and is late; it is Wednesday."""
    travel(deliver(REFUND).item_id)
    item = travel(deliver(b"Dear Sir").item_id, until="unpack")
    step(timedelta(days=2))
    return item


def test_a_manager_sees_figures_and_no_reference(signed_in: SignIn, late: Item) -> None:
    page = signed_in("mo", Role.MANAGER).get("/performance").text
    assert "Captured within one working day: 50.0 %" in page
    assert "1 late in this period" in page
    assert "It has stood still in the mailroom." in page
    assert "Counted and not named: 1." in page
    assert late.reference not in page


def test_a_share_of_nothing_is_an_empty_bar(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item], step: Callable[[timedelta], None]
) -> None:
    travel(deliver(b"Dear Sir").item_id, until="unpack")
    step(timedelta(days=2))
    page = signed_in("mo", Role.MANAGER).get("/performance").text
    bar = page.partition("mr-channel-bar")[2].partition("</svg>")[0]
    assert "0.0 %" in page
    assert 'class="mr-plot-in-time" x="0" y="0" width="0.0"' in bar
    assert "mr-plot-late" not in bar


def test_a_weekend_stands_among_the_coming_days_only_where_something_is_due_on_it() -> None:
    saturday, monday = date(2026, 11, 21), date(2026, 11, 23)
    days = [saturday - timedelta(days=1), saturday, saturday + timedelta(days=1), monday]
    quiet = Ahead("revenues", "Revenues", 1, 0, 0, 0, dict.fromkeys(days, 0))
    assert days_to_show(days, [quiet]) == (days[0], monday)
    busy = replace(quiet, runs_out={**quiet.runs_out, saturday: 1})
    assert days_to_show(days, [quiet, busy]) == (days[0], saturday, monday)
    assert days_to_show(days[1:], [quiet]) == (saturday, monday)


def test_an_auditor_sees_which_are_late_and_can_open_them(signed_in: SignIn, late: Item) -> None:
    ada = signed_in("ada", Role.AUDITOR, limited=True)
    assert f'href="/audit/{late.reference}"' in ada.get("/performance").text
    assert "What do you open" in ada.get(f"/audit/{late.reference}").text


def test_the_first_sentence_is_about_the_last_working_day(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item], step: Callable[[timedelta], None]
) -> None:
    travel(deliver(REFUND).item_id)
    step(timedelta(days=1))
    words = " ".join(signed_in("mo", Role.MANAGER).get("/performance").text.split())
    assert "<strong>Monday 16 November:</strong> 1 received, 1 captured" in words
    assert "100.0 % within one working day" in words


def test_a_day_without_post_and_a_period_without_any_are_said_so(signed_in: SignIn) -> None:
    page = signed_in("mo", Role.MANAGER).get("/performance?first=2026-01-01&last=2026-01-31").text
    assert "nothing was received." in page
    assert "Nothing was received in this period." in page
    assert "Nothing is open." in page


@pytest.mark.parametrize(
    "query", ["first=soon", "first=2026-11-16&last=2026-11-01", "first=2020-01-01&last=2026-01-01"]
)
def test_a_period_that_is_none_is_said_so_beside_the_usual_one(query: str, signed_in: SignIn) -> None:
    answer = signed_in("mo", Role.MANAGER).get(f"/performance?{query}")
    assert answer.status_code == 409
    assert "There is a problem" in answer.text
    assert 'value="2026-10-20"' in answer.text


def test_the_file_has_the_figures(signed_in: SignIn, late: Item) -> None:
    answer = signed_in("mo", Role.MANAGER).get("/performance.csv?first=2026-11-01&last=2026-11-30")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="mailroom-2026-11-01-2026-11-30.csv"' in answer.headers["content-disposition"]
    assert "2026-11-16,post,2,1,1,1,1" in answer.text


def test_what_is_late_and_the_teams_are_files_of_their_own(signed_in: SignIn, late: Item) -> None:
    mo = signed_in("mo", Role.MANAGER)
    page = mo.get("/performance?first=2026-11-01&last=2026-11-30").text
    for name, holds in (("late", ",post,,It has stood still in the mailroom.,1"), ("teams", "revenues,Revenues,1,2,")):
        address = f"/performance/{name}.csv?first=2026-11-01&last=2026-11-30"
        assert address.replace("&", "&amp;") in page
        answer = mo.get(address)
        assert f'filename="mailroom-{name}-2026-11-01-2026-11-30.csv"' in answer.headers["content-disposition"]
        assert (answer.text.startswith("\ufeff"), holds in answer.text) == (True, True)


@pytest.mark.parametrize("role", [Role.POST_ROOM, Role.BACK_OFFICE, Role.ADMINISTRATOR])
def test_figures_are_for_managers_and_auditors(role: Role, signed_in: SignIn) -> None:
    other = signed_in("kim", role, teams=("revenues",))
    paths = ("/performance", "/performance.csv", "/performance/late.csv", "/performance/teams.csv")
    assert [other.get(path).status_code for path in paths] == [403] * len(paths)


def test_a_manager_s_morning_by_keys_alone(open_as: Callable[..., Page], late: Item) -> None:
    page = open_as("mo", Role.MANAGER)
    page.wait_for_url("**/performance")
    expect(page.get_by_role("heading", name="Captured within one working day: 50.0 %")).to_be_visible()
    expect(page.get_by_role("row", name="It has stood still in the mailroom. post 1")).to_be_visible()
    expect(page.get_by_text("1 in time also without the cut-off rule")).to_be_visible()
    assert keys_to(page, page.get_by_role("link", name="This week")) <= 7
    page.keyboard.press("Enter")
    page.wait_for_url("**first=2026-11-16**")
    expect(page.get_by_role("img", name="Received each day")).to_be_visible()
    keys_to(page, page.get_by_role("link", name="Download as CSV"))
    with page.expect_download() as begun:
        page.keyboard.press("Enter")
    assert "2026-11-16,post,2,1,1,1,1" in begun.value.path().read_text(encoding="utf-8")
    keys_to(page, page.locator("summary", has_text="The same in numbers"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="Mon 16 Nov 2026 2 1 1 50.0 %")).to_be_visible()


def test_an_auditor_reads_the_reason_of_a_late_item_by_keys_alone(open_as: Callable[..., Page], late: Item) -> None:
    page = open_as("ada", Role.AUDITOR, limited=True)
    keys_to(page, page.get_by_role("link", name="Figures"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/performance")
    row = page.get_by_role("row", name=late.reference)
    expect(row).to_contain_text("It has stood still in the mailroom.")
    keys_to(page, row.get_by_role("link"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What do you open {late.reference} for?")


def test_the_periods_end_and_begin_where_weeks_and_months_do() -> None:
    told = {period.name: (period.first, period.last) for period in periods(date(2026, 3, 4), date(2026, 3, 3))}
    assert told["This week"] == (date(2026, 3, 2), date(2026, 3, 4))
    assert told["Last week"] == (date(2026, 2, 23), date(2026, 3, 1))
    assert told["Last month"] == (date(2026, 2, 1), date(2026, 2, 28))
    assert told["A year"] == (date(2025, 3, 4), date(2026, 3, 4))


def test_nothing_is_rounded_up_to_the_whole() -> None:
    assert [per_cent(*pair) for pair in ((9999, 10000), (5, 5), (0, 0), (1, 3))] == ["99.9 %", "100.0 %", "-", "33.3 %"]


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 4), (11, 20), (41, 100), (312, 400)])
def test_the_scale_ends_at_a_number_that_halves(most: int, top: int) -> None:
    assert nice(most) == top


def test_what_was_refused_has_a_part_of_its_own_and_is_not_open() -> None:
    day = date(2026, 11, 16)
    (bar,) = plot({day: Figures(received=5, captured=2, in_time=2, refused=2)}).bars
    assert [(kind, round(height / HEIGHT * 10)) for kind, _, height in bar.parts] == [
        ("in-time", 2),
        ("open", 1),
        ("refused", 2),
    ]
    (bar,) = plot({day: Figures(received=2, refused=2)}).bars
    assert [kind for kind, _, _ in bar.parts] == ["refused"]


def test_the_page_tells_what_was_refused_apart(signed_in: SignIn, services: Services, late: Item) -> None:
    manager = signed_in("mo", Role.MANAGER)
    assert "refused, and the sender told so" not in manager.get("/performance").text
    refuse(Refusal(Channel.EMAIL, "mail:1", services.now(), None, "It is too large.", 10**9), services)
    page = manager.get("/performance").text
    assert "refused, and the sender told so" in page
    assert page.count('class="mr-plot-refused"') == 1


def test_bars_stand_on_the_ground_and_stay_inside_the_drawing() -> None:
    first = date(2026, 11, 1)
    series = {
        first + timedelta(days=n): Figures(received=n, captured=n, in_time=n // 2, late=n // 3) for n in range(30)
    }
    drawn = plot(series)
    for bar in drawn.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert sum(height for _, _, height in bar.parts) <= HEIGHT + 1e-6
        assert all(0 <= top <= HEIGHT for _, top, _ in bar.parts)
        if bar.parts:
            assert bar.parts[0][1] + bar.parts[0][2] == pytest.approx(HEIGHT)
    assert len(drawn.dots) == len([figures for figures in series.values() if figures.due])
