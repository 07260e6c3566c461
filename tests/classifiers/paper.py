"""A page of paper for tests, with its words where one likes to have them."""

from __future__ import annotations

from classifiers.classifier import Evidence, PlacedWord


class Paper:
    """A page on which words are put where one likes; its text is that of a reader who goes by lines."""

    def __init__(self, sure: float = 0.95) -> None:
        self._sure = sure
        self._lines: list[list[tuple[int, str]]] = []

    def line(self, *pieces: tuple[int, str]) -> Paper:
        """Put pieces of text into one line, each with its left edge."""
        self._lines.append(list(pieces))
        return self

    def evidence(self) -> Evidence:
        """The page as it is read."""
        words = [
            PlacedWord(word, self._sure, (left + 12 * at, 40 * row, left + 12 * (at + len(word)), 40 * row + 25), row)
            for row, pieces in enumerate(self._lines)
            for left, text in pieces
            for at, word in _words_at(text)
        ]
        text = "\n".join(" ".join(text for _, text in pieces) for pieces in self._lines)
        return Evidence(text, words=tuple(words))


def _words_at(text: str) -> list[tuple[int, str]]:
    found, at = [], 0
    for word in text.split(" "):
        found.append((at, word))
        at += len(word) + 1
    return [(at, word) for at, word in found if word]
