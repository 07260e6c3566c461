"""What alarms are called, and whether one has come to have another cause.

Before: an alarm is raised under a subject that the mailroom knows it by. After: whoever has it mailed to them reads
plain words, and reads them again when there is something else to mend.
"""

from __future__ import annotations

import re

_NUMBERS_AND_BRACKETS = re.compile(r"\([^()]*\)|\S*\d\S*")
_STAGES = {
    "unpack": "to be opened",
    "read": "to be read",
    "classify": "to be sorted",
    "open_case": "for their case",
    "acknowledge": "for the message to their sender",
    "hand_over": "to be handed over",
}
_KINDS = {
    "custody": "an original is not what was received",
    "damage": "something in the store is not what was kept",
    "emergency": "emergency access",
    "mail out": "no mail goes out",
    "withdrawal": "copies cannot be taken back",
}


def same_cause(before: str, now: str) -> bool:
    """Return whether two sentences of an alarm differ in numbers or in what stands in brackets alone."""
    return _cause(before) == _cause(now)


def items_wait(stage: str) -> str:
    """Return that items wait at a stage."""
    return f"items wait {_STAGES.get(stage, f'at {stage}')}"


def plain_subject(subject: str) -> str:
    """Return what an alarm is called by people."""
    kind, _, rest = subject.partition(":")
    stage, _, team = rest.partition(":")
    whose = f" ({team})" if team else ""
    if kind == "waiting":
        return f"{items_wait(stage)}{whose}"
    if kind == "misconfigured":
        return f"a setting is wrong: {items_wait(stage)}{whose}"
    return _KINDS.get(kind, subject)


def _cause(sentence: str) -> list[str]:
    return _NUMBERS_AND_BRACKETS.sub(" ", sentence).split()
