"""What is attached to a message and could not be opened: which file, why, and what a person does about it.

Before: `unpack` has opened what it could and written down the rest with the message. After: `deciding` gives the item
to a person with this sentence. Names are data from outside: they are shown, shortened, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mailroom.domain.errors import Cause

_MOST_KEPT = 20
_MOST_NAMED = 5
_LONGEST_NAME = 60
_ENDING = 15

_LOOK = "Open the original, look at what is attached and settle the message with what it says."
_WHY = {
    Cause.UNKNOWN_FORMAT: "is {kind}, which the mailroom cannot read",
    Cause.NO_TEXT: "is {kind} in which there are no words; it may hold pictures",
    Cause.EMPTY: "is empty",
    Cause.DAMAGED: "is {kind} that is damaged",
    Cause.INCOMPLETE: "is {kind} that is damaged",
    Cause.TOO_LARGE: "is {kind} that is too large to be opened here",
    Cause.TOO_SLOW: "is {kind} that took too long to read",
}
_AGAIN = frozenset({Cause.EMPTY, Cause.DAMAGED, Cause.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class Unopened:
    """A file that could not be opened.

    Attributes:
        name: as the sender gave it, fit to be shown; may be empty.
        cause: why; `ATTACHMENTS` where nobody has tried.
        words: what a clerk calls its kind (`a Word document`); empty where it is not known.
    """

    name: str
    cause: Cause = Cause.ATTACHMENTS
    words: str = ""


def kept(files: Sequence[Unopened]) -> dict[str, Any]:
    """Return what is written down with the head of a message: how many there are, and the first of them."""
    return {"unopened": len(files), "unopened_files": [asdict(file) for file in files[:_MOST_KEPT]]}


def number_unopened(head: Mapping[str, Any]) -> int:
    """Return how many attachments nobody has opened; what was unpacked before they could be has opened none."""
    number: int = head.get("unopened", len(head.get("attachments", ())))
    return number


def files_unopened(head: Mapping[str, Any]) -> list[Unopened]:
    """Return those of them that are written down."""
    return [Unopened(file["name"], Cause(file["cause"]), file["words"]) for file in head.get("unopened_files", ())]


def unopened_in_words(number: int, files: Sequence[Unopened]) -> str:
    """Return the sentences for a clerk: what could not be opened, why, and what to do.

    Args:
        number: of the attachments that could not be opened.
        files: as many of them as are known.
    """
    if not files:
        noun = "attachment" if number == 1 else "attachments"
        return f"The message has {number} {noun} that could not be opened. {_LOOK}"
    if number == 1:
        return f"{_subject(files[0])} {_why(files[0])}. {_advice_about(files[0])}"
    told = [f"{_quoted(file)} {_why(file)}" for file in files[:_MOST_NAMED]]
    more = f"; and {number - len(told)} more" if number > len(told) else ""
    return f"{number} attachments could not be opened: {'; '.join(told)}{more}. {_advice_about_all(files)}"


def _subject(file: Unopened) -> str:
    return f"The attachment {_quoted(file)}" if file.name else "An attachment without a name"


def _quoted(file: Unopened) -> str:
    return f"'{shortened(file.name)}'" if file.name else "one without a name"


def shortened(name: str) -> str:
    """Return a name cut in its middle: how it ends says what it is."""
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - _ENDING - 1]}…{name[-_ENDING:]}"


def _why(file: Unopened) -> str:
    kind = file.words or "a file"
    if file.cause is Cause.ENCRYPTED:
        return f"is {kind}" if _says_how_locked(kind) else f"is {kind} locked with a password"
    return _WHY.get(file.cause, "could not be opened").format(kind=kind)


def _says_how_locked(kind: str) -> bool:
    return "locked" in kind or "encrypted" in kind


def _advice_about(file: Unopened) -> str:
    if file.cause is Cause.ENCRYPTED:
        without = "encryption" if "encrypted" in file.words else "a password"
        return f"Ask the sender for it without {without}, or by post."
    return "Ask the sender to send it again." if file.cause in _AGAIN else _LOOK


def _advice_about_all(files: Sequence[Unopened]) -> str:
    causes = {file.cause for file in files}
    advice = {
        "Ask the sender for what is locked without its password, or by post.": Cause.ENCRYPTED in causes,
        "Ask the sender to send again what is empty or damaged.": bool(causes & _AGAIN),
        _LOOK: bool(causes - _AGAIN - {Cause.ENCRYPTED}),
    }
    return " ".join(sentence for sentence, fits in advice.items() if fits)
