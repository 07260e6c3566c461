import json
import signal

import pytest

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import ChildDied, SandboxLost, TaskRefused, TooMuchMemory, TooSlow
from mailroom.sandbox.limits import GIGABYTE, Limits
from mailroom.sandbox.settle import settle
from mailroom.sandbox.supervise import Ending, Stop

_EXITED_WITH_1 = 1 << 8


def ending(answer: object = None, status: int | None = 0, stopped: Stop | None = None, peak: int = 0) -> Ending:
    return Ending(json.dumps(answer).encode(), status, peak, stopped, b"")


def test_what_the_task_returned_is_the_result() -> None:
    assert settle(ending({"done": {"pages": 3}}), Limits()) == {"pages": 3}


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (ending(status=int(signal.SIGKILL), stopped=Stop.WALL), TooSlow),
        (ending(status=int(signal.SIGXCPU)), TooSlow),
        (ending(status=int(signal.SIGKILL), stopped=Stop.MEMORY), TooMuchMemory),
        (ending({"memory": True}), TooMuchMemory),
        (ending(status=int(signal.SIGABRT), peak=GIGABYTE + 1), TooMuchMemory),
        (ending(status=_EXITED_WITH_1, peak=GIGABYTE + 1), TooMuchMemory),
        (ending(status=int(signal.SIGKILL), stopped=Stop.ANSWER), TaskRefused),
        (ending({"file_size": True}), TaskRefused),
        (ending({"failed": {"kind": "KeyError", "place": "x.py:1"}}), TaskRefused),
        (ending(status=int(signal.SIGABRT)), ChildDied),
        (ending(status=int(signal.SIGKILL)), ChildDied),
        (ending(status=_EXITED_WITH_1), ChildDied),
        (ending(), ChildDied),
        (ending({}), ChildDied),
        (ending({"done": {}, "refused": {}}), ChildDied),
        (ending({"done": "a string"}), ChildDied),
        (ending({"refused": {"cause": "whim", "sentence": "x"}}), ChildDied),
        (ending({"refused": {"cause": "empty", "sentence": 7}}), ChildDied),
        (ending({"something": True}), ChildDied),
        (ending({"disk_full": True}), SandboxLost),
        (ending({"done": {}}, status=None), SandboxLost),
        (ending(status=None, stopped=Stop.WALL), SandboxLost),
    ],
)
def test_every_other_ending_is_an_error_named_by_who_must_act(end: Ending, error: type[Exception]) -> None:
    with pytest.raises(error):
        settle(end, Limits())


def test_a_refusal_keeps_its_cause_and_a_sentence_of_bearable_length() -> None:
    with pytest.raises(TaskRefused) as caught:
        settle(ending({"refused": {"cause": "encrypted", "sentence": "It is locked. " * 1000}}), Limits())
    assert caught.value.cause is Cause.ENCRYPTED
    assert len(caught.value.sentence) == 500


def test_a_result_that_used_much_memory_is_still_a_result() -> None:
    assert settle(ending({"done": {}}, peak=2 * GIGABYTE), Limits()) == {}
