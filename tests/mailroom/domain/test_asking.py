"""The sender is asked for what could not be opened and may come again, and never where nobody may be answered."""

import pytest

from mailroom.domain.acknowledging import Sender, Way
from mailroom.domain.asking import Shut, plan_question, what_is_shut
from mailroom.domain.capture import Channel
from mailroom.domain.errors import Cause
from mailroom.domain.unopened import Unopened

LOCKED = Unopened("plans.pdf", Cause.ENCRYPTED, "a PDF document")
BROKEN = Unopened("photo.jpg", Cause.DAMAGED, "a picture")
ODD = Unopened("model.skp", Cause.UNKNOWN_FORMAT)


@pytest.mark.parametrize(
    ("cause", "attached", "channel", "shut"),
    [
        (Cause.ATTACHMENTS, [LOCKED], Channel.EMAIL, Shut(Cause.ENCRYPTED, ("plans.pdf",))),
        (Cause.ATTACHMENTS, [BROKEN, LOCKED], Channel.EMAIL, Shut(Cause.ENCRYPTED, ("plans.pdf",))),
        (Cause.ATTACHMENTS, [BROKEN, ODD], Channel.EMAIL, Shut(Cause.DAMAGED, ("photo.jpg",))),
        (Cause.ATTACHMENTS, [ODD], Channel.EMAIL, None),
        (Cause.ENCRYPTED, [], Channel.EMAIL, Shut(Cause.ENCRYPTED, ("letter",))),
        (Cause.ENCRYPTED, [], Channel.POST, Shut(Cause.ENCRYPTED, ("letter",))),
        (Cause.DAMAGED, [], Channel.EFORM, Shut(Cause.DAMAGED, ("letter",))),
        (Cause.DAMAGED, [], Channel.POST, None),
        (Cause.EMPTY, [], Channel.FAX, None),
        (Cause.UNSURE, [], Channel.EMAIL, None),
        (None, [], Channel.EMAIL, None),
    ],
)
def test_what_is_locked_comes_first_and_what_our_scanner_spoiled_is_not_the_senders(
    cause: Cause | None, attached: list[Unopened], channel: Channel, shut: Shut | None
) -> None:
    assert what_is_shut(cause, "letter", attached, channel) == shut


def test_names_go_out_on_one_line_each_shortened_and_not_without_end() -> None:
    names = ["a\nb: you have won\r\n.pdf", "x" * 300 + ".pdf", ""]
    found = what_is_shut(Cause.ATTACHMENTS, "", [Unopened(name, Cause.ENCRYPTED) for name in names], Channel.EMAIL)
    assert found is not None
    assert found.names[0] == "a b: you have won .pdf"
    assert (len(found.names[1]), found.names[1][-4:]) == (60, ".pdf")
    assert found.names[2] == "-"
    many = [Unopened(f"{number}.pdf", Cause.ENCRYPTED) for number in range(50)]
    short = what_is_shut(Cause.ATTACHMENTS, "", many, Channel.EMAIL)
    assert short is not None
    assert len(short.names) == 10


KNOWN = {"limited": False, "quarantined": False, "has_address": True, "mail": True}


@pytest.mark.parametrize(
    ("sender", "known", "way"),
    [
        (Sender("ann@example.org", False, False), KNOWN, Way.EMAIL),
        (Sender("ann@example.org", False, False), {**KNOWN, "mail": False}, Way.LETTER),
        (Sender(None, False, True), KNOWN, Way.LETTER),
        (Sender(None, False, True), {**KNOWN, "has_address": False}, Way.NONE),
        (Sender("list@example.org", True, True), KNOWN, Way.NONE),
        (Sender("", True, False), KNOWN, Way.NONE),
        (Sender("tax@harrowdale.example", False, False, ours=True), KNOWN, Way.NONE),
        (Sender("ann@example.org", False, False), {**KNOWN, "quarantined": True}, Way.NONE),
        (Sender("ann@example.org", False, False), {**KNOWN, "limited": True}, Way.NONE),
    ],
)
def test_nobody_is_asked_whom_a_machine_would_answer_or_who_may_not_be_written_to(
    sender: Sender, known: dict[str, bool], way: Way
) -> None:
    plan = plan_question(sender, **known)
    assert plan.way is way
    assert bool(plan.reason) == (way is Way.NONE)
