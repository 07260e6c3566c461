"""The keys of a page: what a template marks with one is what `static/keys.js` binds and the list behind `?` shows.

Before: a template marks a button, a field or a panel with its key, or names an act of the page's script. After: the
frame of the page shows all of them in words. A key that is not in the list is not bound, for both are made of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

_SHOWN = {"ArrowLeft": "←", "ArrowRight": "→", "ArrowDown": "↓", "ArrowUp": "↑", "Escape": "Esc"}
ANY_LETTER = "a-z"
"""Instead of a key: whichever letter."""

_NATIVE = "native"
"""Instead of an act: what the browser itself does with the key."""


@dataclass
class Line:
    """What one or several keys do.

    Attributes:
        does: in the reader's language.
        act: of the page's script; empty where the keys stand on elements of the page.
        keys: as the browser calls them.
    """

    does: str
    act: str = ""
    keys: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The keys as people read them: a run of digits by its ends."""
        digits = [key for key in self.keys if key.isdigit()]
        run = len(digits) > 2 and "".join(digits) in "123456789"
        shown = [_SHOWN.get(key, key) for key in self.keys if not (run and key in digits)]
        return " ".join([f"{digits[0]}-{digits[-1]}", *shown] if run else shown)

    def without_single(self) -> Line:
        """Return it without the keys that print something, which people may switch off (WCAG 2.1.4)."""
        return replace(self, keys=[key for key in self.keys if len(key) > 1 and key != ANY_LETTER])


class Keys:
    """The keys of one page, gathered while its template is made; `lines` is for whatever stands below all of them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def on(self, key: str | int, does: str) -> Markup:
        """Return the attribute that binds a key to the element it stands on."""
        return Markup('data-key="{}"').format(self._add(does, [str(key)]))

    def in_panel(self, key: str | int, does: str) -> Markup:
        """Return the attribute that binds a key to a choice for as long as the panel around it is open."""
        return Markup('data-pick="{}"').format(self._add(does, [str(key)]))

    def on_row(self, key: str, does: str) -> Markup:
        """Return the attribute that binds a key to an element of the row that has the focus."""
        return Markup('data-row-key="{}"').format(self._add(does, [key]))

    def attributes(self, key: str | int, does: str) -> dict[str, str]:
        """Return the same as `on` for the macros of the design system."""
        self.on(key, does)
        return {"data-key": str(key)}

    def pick_attributes(self, key: str | int, does: str) -> dict[str, str]:
        """Return the same as `in_panel` for the macros of the design system."""
        self.in_panel(key, does)
        return {"data-pick": str(key)}

    def act(self, act: str, keys: str, does: str) -> str:
        """Bind keys, parted by spaces, to an act of the page's script; returns nothing to be shown."""
        self._add(does, keys.split(), act)
        return ""

    def native(self, keys: str, does: str) -> str:
        """List keys with what the browser itself does with them."""
        return self.act(_NATIVE, keys, does)

    def walk_rows(self, down: str, up: str) -> str:
        """Bind the keys that walk through the rows of a table."""
        return self.act("down", "j ArrowDown", down) + self.act("up", "k ArrowUp", up)

    def listed(self, *, single: bool) -> Sequence[Line]:
        """Return what the list shows: for whoever has single keys switched off only the others."""
        lines = self.lines if single else [line.without_single() for line in self.lines]
        return [line for line in lines if line.keys]

    def _add(self, does: str, keys: Sequence[str], act: str = "") -> str:
        """Put the keys into the line that says this of them; returns them as an attribute has them."""
        line = next((one for one in self.lines if (one.does, one.act) == (does, act)), None)
        if line is None:
            line = Line(does, act)
            self.lines.append(line)
        line.keys += [key for key in keys if key not in line.keys]
        return " ".join(keys)
