"""What `check` says of the part that draws formatted mails: a machine may lack a library of the system for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mailroom.duties.check import Finding, check
from mailroom.services import Services


class _Unready:
    """The sandbox of a machine without Pango."""

    def __init__(self, real: Any) -> None:  # noqa: ANN401  # the real one
        self._real = real

    def ready(self) -> bool:
        return bool(self._real.ready())

    def run(self, task: str, *_: object, **__: object) -> dict[str, Any]:
        assert task == "draw_message"
        return {"ready": False}


def drawing(services: Services) -> Finding:
    return next(finding for finding in check(services) if finding.name == "drawing")


def test_a_machine_that_can_draw_says_so(services: Services) -> None:
    assert drawing(services) == Finding("drawing", sound=True, sentence="Formatted mails can be shown as pictures.")


def test_a_machine_that_lacks_a_library_says_which_and_where_it_is_named(services: Services) -> None:
    found = drawing(replace(services, sandbox=_Unready(services.sandbox)))
    assert not found.sound
    assert "shown without their pictures" in found.sentence
    assert "libpango-1.0-0" in found.sentence
    assert "setup/system-packages.txt" in found.sentence
