from mailroom.desk.endings import no_reply_reasons, not_ours_reasons
from mailroom.services import Services


def test_each_reason_for_no_reply_has_a_key_of_its_own(services: Services) -> None:
    reasons = no_reply_reasons(services)
    assert {"circular", "test_sheet", "auto_reply", "misdelivered"} <= {one.case_type for one in reasons}
    assert len({one.key for one in reasons}) == len(reasons)
    assert all(one.signpost is None for one in reasons)


def test_each_reason_for_not_ours_names_the_body_whose_it_is(services: Services) -> None:
    reasons = {one.case_type: one for one in not_ours_reasons(services)}
    assert len({one.key for one in reasons.values()}) == len(reasons)
    highways = reasons["not_ours_highways"].signpost
    assert highways is not None
    assert highways.name == "Brackenshire County Council, Highways"
    assert "circular" not in reasons
