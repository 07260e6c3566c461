"""What a task costs a person's hands and head: keys and pointer as the page itself saw them, seconds by a model.

The keystroke-level model (Card, Moran, Newell: The Keystroke-Level Model for User Performance Time with Interactive
Systems, CACM 23 (7), 1980) adds up operators. Mental ones are put before each choice that somebody makes; what a person
reads meanwhile is left out, for that is the letter and no page can shorten it.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page

KEY, MENTAL, POINTING, HOMING = 0.28, 1.35, 1.1, 0.4
"""Seconds."""

_WATCH = """
(() => {
  for (const kind of ['keydown', 'pointerdown'])
    addEventListener(kind, event => event.isTrusted && !event.repeat && window.recorded(kind), true);
  let pressed = 0, shown = '';
  addEventListener('keydown', () => { pressed = performance.now(); }, true);
  const reference = () => document.getElementById('reference')?.textContent ?? '';
  new MutationObserver(() => {
    if (!reference() || reference() === shown) return;
    const before = shown, at = pressed;
    shown = reference();
    if (before && at) requestAnimationFrame(() => setTimeout(() => window.showed(performance.now() - at)));
  }).observe(document, {childList: true, subtree: true});
})();
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a task took: keys pressed, clicks, choices made, moves of the hand between keys and pointer."""

    keys: int = 0
    clicks: int = 0
    choices: int = 0
    moves: int = 0

    @property
    def seconds(self) -> float:
        """By the model; a click is the pointing and a press."""
        pressed = (self.keys + self.clicks) * KEY
        return pressed + self.choices * MENTAL + self.clicks * POINTING + self.moves * HOMING

    def __add__(self, other: Effort) -> Effort:
        """Return what both took together."""
        ours, theirs = astuple(self), astuple(other)
        return Effort(*(one + another for one, another in zip(ours, theirs, strict=True)))


@dataclass
class Hands:
    """Watches a browser's windows and counts what is done in them.

    Attributes:
        waits: milliseconds from the last key on the bench to the next item drawn.
    """

    waits: list[float] = field(default_factory=list)
    _seen: list[str] = field(default_factory=list, init=False)
    _choices: int = field(default=0, init=False)

    def watch(self, context: BrowserContext) -> None:
        """Count in all windows of this browser from now on."""
        context.expose_binding("recorded", self._record)
        context.expose_binding("showed", self._time)
        context.add_init_script(_WATCH)

    def choose(self) -> None:
        """Note that the person makes a choice here."""
        self._choices += 1

    def begin(self) -> None:
        """Count from here."""
        self._seen.clear()
        self._choices = 0

    def effort(self, page: Page) -> Effort:
        """Return what was done since `begin`."""
        page.evaluate("0")  # whatever the page saw before this has been told by now
        clicks = self._seen.count("pointerdown")
        moves = sum(before != after for before, after in zip(["keydown", *self._seen], self._seen, strict=False))
        return Effort(len(self._seen) - clicks, clicks, self._choices, moves)

    def _record(self, _: dict[str, Any], kind: str) -> None:
        self._seen.append(kind)

    def _time(self, _: dict[str, Any], milliseconds: float) -> None:
        self.waits.append(milliseconds)
