"""Where on the page a piece of index data was read: the box around its words, for the screen and for proof."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from mailroom.domain.decision import IndexField
from mailroom.records.tables import Page

Box = tuple[int, int, int, int]

_NOT_OF_A_WORD = re.compile(r"[\W_]+")


def with_box(field: IndexField, written: str, pages: Sequence[Page]) -> IndexField:
    """Return the field with the box of its words, or as it is where they are not found on its page.

    Args:
        field: what was found; its page is 1-based.
        written: its words as they stand in the text.
        pages: the document's pages, with words as [text, confidence, left, top, right, bottom, line].
    """
    page = next((page for page in pages if page.number == field.page), None)
    box = box_of(written.split(), page.words) if page is not None else None
    return replace(field, box=box)


def box_of(wanted: Sequence[str], words: Sequence[Sequence[Any]]) -> Box | None:
    """Return the box around the first run of words that reads so, or None where there is none."""
    run = SearchedPage(words).first_run(wanted)
    return _around(run) if run else None


class SearchedPage:
    """The words of one page, made ready to be searched more than once.

    Args:
        words: each as [text, confidence, left, top, right, bottom, line].
    """

    def __init__(self, words: Sequence[Sequence[Any]]) -> None:
        self._words = words
        self._texts = [_bare(word[0]) for word in words]
        self._starts: dict[str, list[int]] = {}
        for position, text in enumerate(self._texts):
            self._starts.setdefault(text, []).append(position)

    def first_run(self, wanted: Sequence[str]) -> Sequence[Sequence[Any]]:
        """Return the first run of words that reads so; empty where there is none."""
        target = [_bare(word) for word in wanted]
        for start in self._starts.get(target[0], ()) if target else ():
            if self._texts[start : start + len(target)] == target:
                return self._words[start : start + len(target)]
        return ()

    def line_boxes(self, wanted: Sequence[str]) -> tuple[Box, ...]:
        """Return a box for each line on which the first run of words that reads so stands."""
        lines = groupby(self.first_run(wanted), key=lambda word: word[6])
        return tuple(_around(list(of_line)) for _, of_line in lines)


def _bare(word: str) -> str:
    return _NOT_OF_A_WORD.sub("", word).lower()


def _around(words: Sequence[Sequence[Any]]) -> Box:
    return (
        min(word[2] for word in words),
        min(word[3] for word in words),
        max(word[4] for word in words),
        max(word[5] for word in words),
    )
