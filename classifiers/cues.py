r"""Cues: words and phrases that point to a label, and how they are found in a text, also a badly read one.

Before: `words` has folded the text. After: `rules` adds up the cues that were found. A cue is written as

    council tax            these words in this order
    overpa*                a word that begins so
    bin|bins|wheelie       one of several words
    please .. figures      up to six other words in between
    child ... bruise*      up to twenty other words in between
    /\bN1 claim form\b/      a regular expression on the text itself, case ignored
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from classifiers.words import Word, fold, fold_stem, is_word, words_of

_GAPS = {"..": 6, "...": 20}
_SHORTEST_FUZZY = 7
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a phrase: the folded words and the folded beginnings of words that fill it.

    A gap is a place that up to `gap` words fill, whatever they are, or none.
    """

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    gap: int = 0

    def admits(self, folded: str) -> bool:
        """Return whether a folded word fills this place."""
        return folded in self.words or folded.startswith(self.stems)


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue as written, with its phrase or its regular expression."""

    written: str
    slots: tuple[Slot, ...] = ()
    pattern: re.Pattern[str] | None = None

    @classmethod
    def parse(cls, written: str) -> Cue:
        """Read a cue as it stands in a rules file.

        Raises:
            ValueError: it is empty, begins or ends with a gap, or is no valid regular expression.
        """
        if len(written) > 2 and written.startswith("/") and written.endswith("/"):
            try:
                return cls(written, pattern=re.compile(written[1:-1], re.IGNORECASE))
            except re.error as error:
                raise ValueError(f"cue {written!r} is not a regular expression: {error}") from error
        slots = tuple(slot for token in written.split() for slot in _slots(token))
        if not slots or slots[0].gap or slots[-1].gap:
            raise ValueError(f"cue {written!r} needs a word at its beginning and its end")
        return cls(written, slots)


def _slots(token: str) -> list[Slot]:
    if token in _GAPS:
        return [Slot(gap=_GAPS[token])]
    if "|" not in token:
        parts = [part for part in re.split(r"[-/&]", token) if part]
        return [_slot([part]) for part in parts]
    return [_slot(token.split("|"))]


def _slot(choices: list[str]) -> Slot:
    words = frozenset(fold(choice) for choice in choices if choice and not choice.endswith("*"))
    stems = tuple(fold_stem(choice[:-1]) for choice in choices if choice.endswith("*"))
    if any(len(stem) < _SHORTEST_STEM for stem in stems) or not all(is_word(choice.rstrip("*")) for choice in choices):
        raise ValueError(f"{'|'.join(choices)!r} is no word and no beginning of a word of at least three letters")
    return Slot(words, stems)


@dataclass(frozen=True, slots=True)
class Found:
    """A cue that was found: its number in the index and the stretch of text it was found in."""

    number: int
    start: int
    end: int


class CueIndex:
    """All cues of a rule book, arranged so that one walk over the words of a text finds them.

    Args:
        cues: the cues; a cue's number is its place among them.
        never_mended: words that are right as they stand although a cue word is only one letter away.
    """

    def __init__(self, cues: Sequence[Cue], never_mended: Iterable[str] = ()) -> None:
        self._phrases = [(number, cue.slots) for number, cue in enumerate(cues) if cue.pattern is None]
        self._patterns = [(number, cue.pattern) for number, cue in enumerate(cues) if cue.pattern is not None]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        for place, (_, slots) in enumerate(self._phrases):
            for word in slots[0].words:
                self._by_word[word].append(place)
            for stem in slots[0].stems:
                self._by_stem[stem].append(place)
        self._longest_stem = max(map(len, self._by_stem), default=0)
        self._mending = _Mending([slot for _, slots in self._phrases for slot in slots], never_mended)

    def find(self, text: str, start: int, end: int, *, mend: bool) -> list[Found]:
        """Return every cue found between two positions of a text, each once for every place where it stands.

        Args:
            text: the whole text.
            start: first character to look at.
            end: the character after the last one.
            mend: also take a long word for a cue word that differs in one character (for text read from an image).
        """
        words = words_of(text, start, end)
        if mend:
            words = [Word(self._mending.mend(word.folded), word.start, word.end) for word in words]
        found = [
            Found(number, match.start(), match.end())
            for number, pattern in self._patterns
            for match in pattern.finditer(text, start, end)
        ]
        for position, word in enumerate(words):
            for place in self._starting_with(word.folded):
                number, slots = self._phrases[place]
                last = _match(slots, words, position)
                if last is not None:
                    found.append(Found(number, word.start, words[last].end))
        return found

    def _starting_with(self, folded: str) -> set[int]:
        places = set(self._by_word.get(folded, ()))
        for length in range(_SHORTEST_STEM, min(len(folded), self._longest_stem) + 1):
            places.update(self._by_stem.get(folded[:length], ()))
        return places


def _match(slots: tuple[Slot, ...], words: Sequence[Word], position: int) -> int | None:
    """Return the position of the last word of a phrase that starts at `position`, or None."""
    for number, slot in enumerate(slots):
        if slot.gap:
            rest = slots[number + 1 :]
            starts = range(position, min(position + slot.gap + 1, len(words)))
            return next((last for start in starts if (last := _match(rest, words, start)) is not None), None)
        if position >= len(words) or not slot.admits(words[position].folded):
            return None
        position += 1
    return position - 1


class _Mending:
    """Long words that differ from a cue word in one character, taken for that word.

    The first letter must be right: `barking` must not become `parking`.
    """

    def __init__(self, slots: Iterable[Slot], never: Iterable[str]) -> None:
        known = {word for slot in slots for word in slot.words}
        self._right = known | {fold(word) for word in never}
        self._stems = tuple({stem for slot in slots for stem in slot.stems})
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for word in known:
            if len(word) >= _SHORTEST_FUZZY:
                self._by_first[word[0]].append(word)

    def mend(self, folded: str) -> str:
        """Return the cue word that was most likely meant, or the word itself."""
        if len(folded) < _SHORTEST_FUZZY - 1 or folded in self._right or folded.startswith(self._stems):
            return folded
        choices = self._by_first.get(folded[0])
        if not choices:
            return folded
        nearest = extractOne(folded, choices, scorer=OSA.distance, score_cutoff=1)
        return nearest[0] if nearest else folded
