"""The words of a reply: a template, filled in with what is known and with what an officer types, never with the letter.

Before: an officer has chosen a template (`config/templates.toml`, its texts in `config/replies/templates/`). After: a
subject and a text, and what is still missing in them. `mailroom check` fills in each of them once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from mailroom.domain.errors import Misconfigured
from mailroom.domain.templates import KNOWN, Template

_SUBJECT = "Subject: "
_FOLDER = "templates"
_ALONE = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A reply as it would go out.

    Attributes:
        subject: one line.
        text: plain text; what is missing stands in it between square brackets.
        needed: names of the placeholders of this text, in the order in which they are read.
        missing: those of them that nobody has filled in yet.
        blocks: those that stand on lines of their own and may hold several.
        language: in which it is.
    """

    subject: str
    text: str
    needed: tuple[str, ...]
    missing: tuple[str, ...]
    blocks: frozenset[str]
    language: str


def file_of(folder: Path, template: Template, language: str) -> Path:
    """Return where the text of a template in a language stands, below `config/replies/`."""
    return folder / _FOLDER / f"{template.key}.{language}.txt"


def fill(folder: Path, template: Template, known: Mapping[str, str], language: str) -> Filled:
    """Fill a template in.

    Args:
        folder: `config/replies/`.
        template: which one.
        known: value of each placeholder; an empty one is as good as none.
        language: `en` or `cy`; English where there is no text in that language.

    Raises:
        Misconfigured: the text is missing, has no subject line, or asks for what the table does not name.
    """
    file = file_of(folder, template, language)
    if not file.is_file():
        file, language = file_of(folder, template, "en"), "en"
    needed = _needed(file, template)
    missing = tuple(name for name in needed if not known.get(name, "").strip())
    values = {name: f"[{label_of(template, name)}]" if name in missing else known[name] for name in needed}
    raw = file.read_text(encoding="utf-8")
    subject, _, text = raw.partition("\n")
    if not subject.startswith(_SUBJECT):
        raise Misconfigured(f"{file}: the first line must begin with {_SUBJECT!r}.")
    filled = subject.removeprefix(_SUBJECT).format(**values), _flowing(text).format(**values)
    return Filled(" ".join(filled[0].split()), filled[1].strip() + "\n", needed, missing, _blocks(raw), language)


def _flowing(text: str) -> str:
    """Return the text with a line for each paragraph: how far a line goes is for the sheet or screen to say.

    A placeholder that stands on a line of its own keeps it.
    """
    lines: list[str] = []
    for line in text.strip().split("\n"):
        goes_on = bool(lines and lines[-1] and line) and not (_ALONE.fullmatch(line) or _ALONE.fullmatch(lines[-1]))
        lines[-1:] = [f"{lines[-1]} {line}"] if goes_on else [*lines[-1:], line]
    return "\n".join(lines)


def _blocks(text: str) -> frozenset[str]:
    return frozenset(match[1] for line in text.splitlines() if (match := _ALONE.fullmatch(line)))


def label_of(template: Template, name: str) -> str:
    """Return what an officer reads beside a placeholder."""
    return template.fill_in.get(name) or _LABELS[name]


def _needed(file: Path, template: Template) -> tuple[str, ...]:
    try:
        parts = list(Formatter().parse(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as wrong:
        raise Misconfigured(f"{file}: {wrong}; correct the text.") from wrong
    needed = tuple(dict.fromkeys(name for _, name, _, _ in parts if name is not None))
    strange = [name for name in needed if name not in KNOWN and name not in template.fill_in]
    if strange or any(shape or conversion for _, _, shape, conversion in parts):
        what = ", ".join(strange) or "a format behind a colon"
        raise Misconfigured(f"{file}: {what} cannot be filled in; name it in fill_in of templates.toml, or correct it.")
    return needed


_LABELS = {
    "greeting": "how the letter begins",
    "reference": "our reference",
    "received": "the date of receipt",
    "due": "when the answer is due",
    "promised": "the promised date",
    "today": "today's date",
    "service": "what it is about",
    "team": "your team",
    "council": "the council's name",
    "contact": "how to reach us",
}
