"""What sorting works from and what it answers: the Protocol that every classifier keeps.

Before: somebody has the text of one document. After: `combine` makes one verdict of several, and the caller decides
whether it is sure enough to act on without a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

PAGE_BREAK = "\f"

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the page's image."""


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word as it stands on paper: its text, how surely it was read (0 to 1), its box, the number of its line."""

    text: str
    confidence: float
    box: Box
    line: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one document before it is sorted.

    Attributes:
        text: the document's words with line ends; pages are parted by a form feed (`PAGE_BREAK`).
        file_name: the sender's name for the file, or "".
        channel: the way in, for instance `post` or `email`, or "".
        sender: address that the channel itself proves, or "".
        subject: subject line of a message, or "".
        hint_case_type: case type that the folder or mailbox stands for, or None.
        hint_team: team that the folder or mailbox stands for, or None.
        signs: what the head of a message says of how it was sent, for instance `replied` (by itself).
        text_confidence: how well the text was read, 0 to 1; 1 for text that was never an image.
        words: the first page's words in the order of its text; empty for text that was never an image.
    """

    text: str
    file_name: str = ""
    channel: str = ""
    sender: str = ""
    subject: str = ""
    hint_case_type: str | None = None
    hint_team: str | None = None
    signs: frozenset[str] = frozenset()
    text_confidence: float = 1.0
    words: tuple[PlacedWord, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a share that is none.

        Raises:
            ValueError: `text_confidence` is not between 0 and 1.
        """
        if not 0.0 <= self.text_confidence <= 1.0:
            raise ValueError(f"text_confidence is {self.text_confidence}, not between 0 and 1")

    @property
    def pages(self) -> tuple[str, ...]:
        """The text page by page, at least one."""
        return tuple(self.text.split(PAGE_BREAK))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible label with how likely it is (0 to 1) and the words it rests on, as they stand in the text."""

    label: str
    confidence: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should know beside the label.

    Attributes:
        name: `statutory` (a regime in law may apply), `chaser` (the sender is still waiting for an answer), `urgent`,
            `sensitive`, or `hard_to_read`.
        value: the regime for `statutory`, else "".
        reasons: the words it rests on, as they stand in the text.
    """

    name: str
    value: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a classifier.

    Attributes:
        candidates: likeliest first; empty where nothing points anywhere. Their confidences sum to at most 1: what is
            missing is the chance that it is none of them.
        sensitive: True where any limited-access label is possible at all; to be obeyed before anything else is done.
        flags: what else a person should know.
    """

    candidates: tuple[Candidate, ...] = ()
    sensitive: bool = False
    flags: tuple[Flag, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """The likeliest candidate, or None."""
        return self.candidates[0] if self.candidates else None

    def flag(self, name: str) -> Flag | None:
        """Return the first flag of this name, or None."""
        return next((flag for flag in self.flags if flag.name == name), None)


@runtime_checkable
class Classifier(Protocol):
    """Something that sorts: pure, without memory between calls, safe to call from several threads."""

    def classify(self, evidence: Evidence) -> Verdict:
        """Return the verdict on one document; any text, also an empty or hostile one, gets a verdict."""
        ...
