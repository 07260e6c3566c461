"""Sorting by rules: cues found in the text are added up, and the sums become confidences.

Before: `rulebook` holds the cues. After: a `Verdict` with the words it rests on.

A label's score is the sum of the weights of its cues, each counted once, where it stands best. Its confidence is
score³ / (doubt³ + sum of all scores³), three being the sharpness: with a doubt of 1.5, one decisive cue of weight 3
alone gives 0.89, two labels of equal score share what there is, and no cue gives nothing. The doubt stands for "none of
these". What a score has beyond "enough" counts little, so that many words on one topic do not drown a second one; and a
kind of message (a complaint, a request for information) that is well founded outranks its topic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from classifiers.classifier import Candidate, Evidence, Flag, Verdict
from classifiers.cues import Found
from classifiers.passages import Part, Passage, passages_of
from classifiers.rulebook import HINT_LABEL, HINT_SIGN, HINT_TEAM, Bars, RuleBook

_LEAST_SHOWN = 0.02
_REASONS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Counted:
    """A cue where it counts most: its weight there and the words as they stand in the text."""

    points: float
    words: str


class RuleClassifier:
    """Sorts by the cues of a rule book.

    Attributes:
        book: the rule book; its `threshold` says from which confidence a label is settled.
    """

    def __init__(self, book: RuleBook) -> None:
        self.book = book

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> Self:
        """Build from parsed rules and catalogue; see `RuleBook.from_table`.

        Raises:
            ValueError: a key is missing or wrong; the message names it.
        """
        return cls(RuleBook.from_table(table))

    def classify(self, evidence: Evidence) -> Verdict:
        """Return the verdict on one document by the cues in its subject and text."""
        book = self.book
        counted = self._count(evidence)
        scores, reasons = self._add_up(counted, evidence)
        confidences = _confidences(scores, book.bars)
        flags = [*self._cue_flags(counted), *self._statutory_flags(scores, reasons, confidences)]
        sensitive = self._is_sensitive(scores, confidences) or any(flag.name == "sensitive" for flag in flags)
        reading = min(1.0, evidence.text_confidence / book.bars.trusted_reading)
        if reading < 1.0:
            flags.append(Flag("hard_to_read"))
        conflict = any(flag.name == "statutory" and flag.value != self._best_regime(confidences) for flag in flags)
        candidates = tuple(
            Candidate(label, round(confidence * reading, 4), reasons[label])
            for label, confidence in sorted(confidences.items(), key=lambda pair: (-pair[1], pair[0]))
            if confidence >= _LEAST_SHOWN or book.labels[label].limited
        )
        return Verdict(_capped(candidates, book.bars.conflict) if conflict else candidates, sensitive, tuple(flags))

    def _count(self, evidence: Evidence) -> dict[int, _Counted]:
        """Find every cue, by its number in the index, where it counts most."""
        mend = evidence.text_confidence < self.book.bars.mended_below
        subject = Passage(Part.TITLE, 0, len(evidence.subject))
        places = [(evidence.subject, subject), *((evidence.text, passage) for passage in passages_of(evidence.text))]
        counted: dict[int, _Counted] = {}
        for text, passage in places:
            for found in self.book.index.find(text, passage.start, passage.end, mend=mend):
                _keep_best(counted, found.number, self._points(found, passage.part), text, found)
        return counted

    def _points(self, found: Found, part: Part) -> float:
        book = self.book
        if found.number >= len(book.cues):
            return book.flag_cues[found.number - len(book.cues)].weight * book.parts[part]
        weighted = book.cues[found.number]
        if weighted.title_only and part is not Part.TITLE:
            return 0.0
        return weighted.weight * (1.0 if weighted.title_only else book.parts[part])

    def _add_up(
        self, counted: Mapping[int, _Counted], evidence: Evidence
    ) -> tuple[dict[str, float], dict[str, tuple[str, ...]]]:
        scores: dict[str, float] = defaultdict(float)
        reasons: dict[str, list[_Counted]] = defaultdict(list)
        for number, found in counted.items():
            if number < len(self.book.cues):
                label = self.book.cues[number].target
                scores[label] += found.points
                reasons[label] += [found] if found.points > 0 else []
        for label, hint in self._hints(evidence, set(scores)):
            scores[label] += hint.points
            reasons[label].append(hint)
        kept = self._ranked({label: score for label, score in scores.items() if score > 0})
        return kept, {label: _shown(reasons[label]) for label in kept}

    def _ranked(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Let scores beyond enough count less, and topics yield to a kind of message that is well founded."""
        book, bars = self.book, self.book.bars
        kind_found = any(label in book.kinds and score >= bars.outranks for label, score in scores.items())
        ranked = {}
        for label, score in scores.items():
            yields = kind_found and label not in book.kinds and not book.labels[label].limited
            own = score * bars.outranked if yields else score
            ranked[label] = min(own, bars.enough) + bars.beyond * max(0.0, own - bars.enough)
        return ranked

    def _hints(self, evidence: Evidence, named: set[str]) -> list[tuple[str, _Counted]]:
        """Return what is known beside the text: what folder or address stand for, and what a message's head says of it.

        Their team adds to those labels of the team that the text names already.
        """
        book, came_by = self.book, "address" if evidence.channel == "email" else "folder"
        said = sorted(evidence.signs & book.signs.keys())
        hints = [(book.signs[sign], _Counted(book.hints[HINT_SIGN], "head of the message")) for sign in said]
        if evidence.hint_case_type is not None and evidence.hint_case_type in book.labels:
            hints.append((evidence.hint_case_type, _Counted(book.hints[HINT_LABEL], came_by)))
        if evidence.hint_team:
            own = [label for label in sorted(named) if book.labels[label].team == evidence.hint_team]
            hints += [(label, _Counted(book.hints[HINT_TEAM], f"{came_by} of the team")) for label in own]
        return hints

    def _is_sensitive(self, scores: Mapping[str, float], confidences: Mapping[str, float]) -> bool:
        bars = self.book.bars
        limited = [label for label in scores if self.book.labels[label].limited]
        return any(
            scores[label] >= bars.sensitive_score or confidences[label] >= bars.sensitive_confidence
            for label in limited
        )

    def _cue_flags(self, counted: Mapping[int, _Counted]) -> list[Flag]:
        first = len(self.book.cues)
        found: dict[str, list[_Counted]] = defaultdict(list)
        for number, one in counted.items():
            if number >= first and one.points >= self.book.parts[Part.BODY]:
                found[self.book.flag_cues[number - first].target].append(one)
        return [Flag(name, reasons=_shown(ones)) for name, ones in sorted(found.items())]

    def _statutory_flags(
        self, scores: Mapping[str, float], reasons: Mapping[str, tuple[str, ...]], confidences: Mapping[str, float]
    ) -> list[Flag]:
        regimes = {label: self.book.labels[label].statutory for label in scores}
        flags: dict[str, Flag] = {}
        for label in sorted(scores, key=lambda label: -confidences[label]):
            regime = regimes[label]
            if regime in self.book.watched and regime not in flags and scores[label] >= self.book.bars.watch:
                flags[regime] = Flag("statutory", regime, reasons[label])
        return list(flags.values())

    def _best_regime(self, confidences: Mapping[str, float]) -> str | None:
        best = max(confidences, key=lambda label: confidences[label], default=None)
        return None if best is None else self.book.labels[best].statutory


def _keep_best(counted: dict[int, _Counted], number: int, points: float, text: str, found: Found) -> None:
    known = counted.get(number)
    if points != 0.0 and (known is None or abs(points) > abs(known.points)):
        counted[number] = _Counted(points, " ".join(text[found.start : found.end].split()))


def _shown(counted: Iterable[_Counted]) -> tuple[str, ...]:
    ranked = sorted(counted, key=lambda one: -one.points)
    return tuple(dict.fromkeys(one.words for one in ranked))[:_REASONS_SHOWN]


def _confidences(scores: Mapping[str, float], bars: Bars) -> dict[str, float]:
    strengths = {label: score**bars.sharpness for label, score in scores.items()}
    mass = bars.doubt**bars.sharpness + sum(strengths.values())
    return {label: strength / mass for label, strength in strengths.items()}


def _capped(candidates: tuple[Candidate, ...], highest: float) -> tuple[Candidate, ...]:
    return tuple(replace(candidate, confidence=min(candidate.confidence, highest)) for candidate in candidates)
