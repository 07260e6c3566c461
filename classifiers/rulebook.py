"""The rule book: what a rules file says, checked and arranged for `rules`.

Before: somebody has parsed the files; this module opens none. After: `rules.RuleClassifier` weighs texts by the book.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from classifiers.cues import Cue, CueIndex
from classifiers.passages import Part
from classifiers.tables import figure_at, refuse_unknown, share_at, strings_at, table_at

HINT_LABEL = "label"
HINT_TEAM = "team"
HINT_SIGN = "sign"
FLAGS = ("chaser", "urgent", "sensitive")
_THRESHOLD = "threshold"
_KINDS = ("decisive", "strong", "hint", "title", "against")


@dataclass(frozen=True, slots=True)
class Label:
    """What the catalogue says of one label.

    Attributes:
        team: key of the team that answers.
        limited: True where only limited-access clerks may see such an item.
        statutory: the regime in law, or None.
    """

    team: str = ""
    limited: bool = False
    statutory: str | None = None


@dataclass(frozen=True, slots=True)
class Weighted:
    """A cue with the label or flag it points to, what it weighs, and whether it counts in the title only."""

    cue: Cue
    target: str
    weight: float
    title_only: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """The figures of a rule book that are not cues; their meaning is told in the rules file.

    Attributes:
        doubt: score of "none of these", against which every label is measured.
        sharpness: power to which scores are raised before they share the confidence.
        conflict: highest confidence while a watched regime may apply that the best label does not answer to.
        watch: score from which a watched regime is flagged.
        sensitive_score: score from which a limited-access label makes the verdict sensitive, whatever else competes.
        sensitive_confidence: confidence that does the same.
        trusted_reading: text confidence from which a reading costs no confidence.
        mended_below: text confidence below which misread words are mended.
        threshold: confidence from which a label is settled unless it has a threshold of its own.
        enough: score up to which every cue counts fully.
        beyond: share of a score beyond it that counts.
        outranks: score from which a label that is a kind of message outranks the topics.
        outranked: factor for the score of a topic then.
    """

    doubt: float
    sharpness: float
    conflict: float
    watch: float
    sensitive_score: float
    sensitive_confidence: float
    trusted_reading: float
    mended_below: float
    threshold: float
    enough: float
    beyond: float
    outranks: float
    outranked: float


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Cues, figures and labels, ready for use; made by `from_table`.

    Attributes:
        labels: every label of the catalogue.
        cues: every cue of every rule.
        flag_cues: every cue of every flag.
        parts: how much a cue counts by the part of the letter in which it stands.
        hints: weight of what is known beside the text, by `HINT_LABEL`, `HINT_TEAM` and `HINT_SIGN`.
        signs: the label that each sign in a message's head points to.
        bars: the other figures.
        watched: regimes in law that are to be flagged rather than missed.
        kinds: labels that say what kind of message it is, whatever its topic.
        thresholds: thresholds of single labels.
        index: all cues, rules first, then flags.
    """

    labels: Mapping[str, Label]
    cues: tuple[Weighted, ...]
    flag_cues: tuple[Weighted, ...]
    parts: Mapping[Part, float]
    hints: Mapping[str, float]
    signs: Mapping[str, str]
    bars: Bars
    watched: frozenset[str]
    kinds: frozenset[str]
    thresholds: Mapping[str, float]
    index: CueIndex = field(repr=False)

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> RuleBook:
        """Read the parsed rules and catalogue.

        Args:
            table: everything at the top of a rules file but `council` and `references`, and `services` of a catalogue.

        Raises:
            ValueError: something is missing, of the wrong kind or unknown; the message names the key.
        """
        services = table_at(table, "services")
        labels = {key: _label(table_at(services, key, "services")) for key in services}
        rules = table_at(table, "rules")
        weights = _figures(table, "weights", _KINDS)
        groups = _word_groups(table_at(table, "words"))
        cues = [cue for label in rules for cue in _rule(rules, label, labels, weights, groups)]
        flag_cues = _flag_cues(table_at(table, "flags"), groups)
        never_mended = strings_at(table, "never_mended")
        parts = _figures(table, "parts", [part.value for part in Part])
        return cls(
            labels=labels,
            cues=tuple(cues),
            flag_cues=tuple(flag_cues),
            parts={Part(name): value for name, value in parts.items()},
            hints=_figures(table, "hints", (HINT_LABEL, HINT_TEAM, HINT_SIGN)),
            signs=_signs(table, labels),
            bars=Bars(**_figures(table, "bars", Bars.__slots__)),
            watched=frozenset(strings_at(table, "watch")),
            kinds=_kinds(table, labels),
            thresholds=_thresholds(rules),
            index=CueIndex([weighted.cue for weighted in (*cues, *flag_cues)], never_mended),
        )

    def threshold(self, label: str) -> float:
        """Return the confidence from which this label is settled without a person."""
        return self.thresholds.get(label, self.bars.threshold)


def _label(service: Mapping[str, object]) -> Label:
    statutory = service.get("statutory")
    return Label(
        team=str(service.get("team", "")),
        limited=service.get("sensitivity") == "limited",
        statutory=None if statutory is None else str(statutory),
    )


def _rule(
    rules: Mapping[str, object],
    label: str,
    labels: Mapping[str, Label],
    weights: Mapping[str, float],
    groups: Mapping[str, str],
) -> list[Weighted]:
    where = f"rules.{label}"
    if label not in labels:
        raise ValueError(f"{where} is for no label of the catalogue")
    rule = table_at(rules, label, "rules")
    refuse_unknown(rule, (*_KINDS, _THRESHOLD), where)
    return [
        Weighted(cue, label, weights[kind], title_only=kind == "title")
        for kind in _KINDS
        if kind in rule
        for cue in _cues(rule, kind, where, groups)
    ]


def _flag_cues(flags: Mapping[str, object], groups: Mapping[str, str]) -> list[Weighted]:
    refuse_unknown(flags, FLAGS, "flags")
    return [Weighted(cue, flag, 1.0) for flag in flags for cue in _cues(flags, flag, "flags", groups)]


def _kinds(table: Mapping[str, object], labels: Mapping[str, Label]) -> frozenset[str]:
    kinds = frozenset(strings_at(table, "kinds"))
    if not kinds <= set(labels):
        raise ValueError(f"kinds names {min(kinds - set(labels))}, which is no label of the catalogue")
    return kinds


def _signs(table: Mapping[str, object], labels: Mapping[str, Label]) -> dict[str, str]:
    signs = {sign: str(label) for sign, label in table_at(table, "signs").items()}
    unknown = sorted(set(signs.values()) - set(labels))
    if unknown:
        raise ValueError(f"signs names {unknown[0]}, which is no label of the catalogue")
    return signs


def _thresholds(rules: Mapping[str, object]) -> dict[str, float]:
    tables = {label: table_at(rules, label, "rules") for label in rules}
    return {label: share_at(rule, _THRESHOLD, f"rules.{label}") for label, rule in tables.items() if _THRESHOLD in rule}


def _word_groups(words: Mapping[str, object]) -> dict[str, str]:
    """Return each group as the alternatives that stand for `{group}` in a cue."""
    return {f"{{{name}}}": "|".join(str(words[name]).split()) for name in words}


def _cues(table: Mapping[str, object], key: str, where: str, groups: Mapping[str, str]) -> list[Cue]:
    try:
        return [
            Cue.parse(" ".join(groups.get(word, word) for word in written.split()))
            for written in strings_at(table, key, where)
        ]
    except ValueError as error:
        raise ValueError(f"{where}.{key}: {error}") from error


def _figures(table: Mapping[str, object], key: str, names: Collection[str]) -> dict[str, float]:
    figures = table_at(table, key)
    refuse_unknown(figures, names, key)
    return {name: figure_at(figures, name, key) for name in names}
