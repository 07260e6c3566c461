"""A clerk of the post room who knows the council and works the bench as it is meant to be worked: by keys.

Before: an exception lies on the bench, its words on the page and the next one loaded. After: it is dealt with, and each
act of it is noted with what it took. The clerk knows no more than page and letter show: the numbered suggestions, the
labels of the words, what a typed word finds, and whether a field says what the letter says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page

from bench.exceptions import Letter
from bench.keystrokes import MENTAL, Effort, Hands

_PATIENCE = 30_000
_TELLING_WORD = re.compile(r"[a-z]{3,}")
_TITLES_BEFORE_NAMES = re.compile(r"^(mr|mrs|ms|miss)(and(mr|mrs))?")
_OTHER_ON_THE_BENCH = "before => (document.getElementById('reference')?.textContent ?? before) !== before"
_PLACE_AND_LABEL_OF = """async word => {
  const {item, place} = document.getElementById('bench').dataset;
  const answer = await fetch(`/items/${item}/pages/${place}/words`, {headers: {Accept: 'application/json'}});
  const {words} = await answer.json();
  const index = words.findIndex(([text]) => text.replace(/[^A-Za-z0-9]/g, '') === word);
  if (index < 0) return [index, ''];
  const [left, top] = words[index][1];
  const away = label => Math.hypot((label.getAttribute('x') - left) / 20, label.getAttribute('y') - top);
  const labels = [...document.querySelectorAll('.mr-label')].sort((a, b) => away(a) - away(b));
  return [index, labels[0]?.textContent ?? ''];
}"""
"""The number of a word on the page, and the label nearest to it on its line, which is what the eye finds."""


class Clerk:
    """Works the bench in one window.

    Args:
        page: the window, with somebody of the post room signed in.
        hands: count what is done in it.
        titles: of all case types, by key.

    Attributes:
        acts: what was done, by name, with what it took.
    """

    def __init__(self, page: Page, hands: Hands, titles: dict[str, str]) -> None:
        self._page, self._hands, self._titles = page, hands, titles
        self.acts: list[tuple[str, Effort]] = []

    def start(self) -> None:
        """Open the first item from the queue."""
        self._press("Enter")
        self.ready("")

    def deal_with(self, letter: Letter) -> Effort:
        """Do with the letter on the bench what is to be done with it, and wait for the next; return what it took."""
        before, done = self.reference(), len(self.acts)
        for name, value in letter.fields.items():
            self._mend(name, value)
        other = {"split": self._split, "limit": self._limit, "rescan": self._ask_for_a_scan}.get(letter.is_)
        if other:
            other()
        else:
            self._settle(letter.is_)
        self.ready(before)
        return sum((effort for _, effort in self.acts[done:]), Effort())

    def put_away(self) -> None:
        """Take an item off the bench that is no task, as one that needs no reply, and wait for the next."""
        before = self.reference()
        self._press("n")
        self._page.locator("details[data-key=n] [data-pick]").first.click()
        self.ready(before)

    def has_paper(self) -> bool:
        """Return whether there is anything to read on the bench: what is made up has no pages."""
        return self._page.locator("#bench:not([data-pages='0'])").count() > 0

    def reference(self) -> str:
        """Return the reference of what is on the bench."""
        return self._page.locator("#reference").inner_text()

    def ready(self, before: str) -> None:
        """Wait until another item than that is on the bench, its words lie on its page and the next is loaded."""
        self._page.wait_for_function(_OTHER_ON_THE_BENCH, arg=before, timeout=_PATIENCE)
        complete = "#bench[data-ahead=ready]:is([data-words], [data-pages='0'])"
        self._page.wait_for_selector(complete, state="attached", timeout=_PATIENCE)

    def take_from_image(self, name: str, value: str) -> None:
        """Empty a field, which nobody counts, and take its value from the page: once by keys, once by the pointer."""
        self._empty(name)
        self._put_word(name, value)
        self._empty(name)
        place, _ = self._page.evaluate(_PLACE_AND_LABEL_OF, value.split(maxsplit=1)[0])
        word = self._page.locator(".mr-word").nth(place)
        word.scroll_into_view_if_needed()
        with self._act("a field by a click"):
            word.click(force=True)
        self._page.locator("#said").wait_for()

    def _empty(self, name: str) -> None:
        self._field(name).fill("")
        with self._page.expect_response("**/fields"):
            self._press("Enter")
        self._field(name).focus()
        self._press("Escape")

    @contextmanager
    def _act(self, name: str) -> Iterator[None]:
        self._page.wait_for_timeout(MENTAL * 1000)  # as long as the model says that a person needs to decide
        self._hands.begin()
        self._hands.choose()
        yield
        self.acts.append((name, self._hands.effort(self._page)))

    def _press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def _settle(self, case_type: str) -> None:
        number, picked = self._number_of(case_type), self._pick_of(case_type)
        if number == 1:
            with self._act("confirm"):
                self._press("Enter")
        elif number:
            with self._act("another suggestion"):
                self._press(str(number), "Enter")
        elif picked:
            with self._act("no reply needed or not ours"):
                self._press(*picked)
        else:
            with self._act("another of all types"):
                self._type_what_it_is(self._titles[case_type])

    def _type_what_it_is(self, title: str) -> None:
        """Type words of it, the most telling first, until it stands first or second in the list, and take it."""
        self._press("t")
        for letter in " ".join(_telling_words(title)):
            self._press(letter)
            shown = [line.inner_text() for line in self._page.locator("#other-options li").all()[:2]]
            place = next((place for place, line in enumerate(shown) if line.startswith(f"{title} ")), None)
            if place is not None:
                self._hands.choose()
                return self._press(*["ArrowDown"] * place, "Enter")
        raise LookupError(f"nothing that is typed brings {title!r} to the top")

    def _mend(self, name: str, value: str) -> None:
        """Put a field right that does not say what the letter says: by a word of the page, else by typing."""
        if not self._says(name, value):
            self._put_word(name, value)
        if not self._says(name, value):
            with self._act("a field by typing"):
                self._field(name).click(click_count=3)
                self._page.keyboard.type(value)
                self._press("Enter")
                self._page.locator("#said").wait_for()

    def _put_word(self, name: str, value: str) -> None:
        """Go to a field and take its value from the page by the label of a word, if the page has it."""
        word = "November" if name == "letter_date" else value.split()[-1 if name == "sender_name" else 0]
        with self._act("a field from the image"):
            while name not in (self._chosen() or self._doubtful()[:1]):
                self._press("f")
            self._press("w")
            _, label = self._page.evaluate(_PLACE_AND_LABEL_OF, word)
            self._hands.choose()
            self._press(*(label or ["Escape"]))
        if label:
            self._page.locator("#said").wait_for()

    def _split(self) -> None:
        with self._act("turn the page"):
            self._press("ArrowRight")
        with self._act("split"):
            self._press("s", "Enter")

    def _limit(self) -> None:
        with self._act("limited access"):
            self._press("l", "Enter")

    def _ask_for_a_scan(self) -> None:
        with self._act("ask for a new scan"):
            self._press("q", *"faint", "Enter")

    def _number_of(self, case_type: str) -> int:
        found = self._page.locator(f'[name=choice][value="type:{case_type}"]')
        return int(found.get_attribute("data-number") or 0) if found.count() else 0

    def _pick_of(self, case_type: str) -> tuple[str, str] | None:
        found = self._page.locator(f'[data-pick][value="type:{case_type}"]')
        if not found.count():
            return None
        act = found.locator("xpath=ancestor::details").get_attribute("data-key")
        return act or "", found.get_attribute("data-pick") or ""

    def _field(self, name: str) -> Locator:
        return self._page.locator(f'[data-field="{name}"]')

    def _says(self, name: str, value: str) -> bool:
        return _compared(self._field(name).input_value()) == _compared(value)

    def _doubtful(self) -> list[str | None]:
        return [
            field.get_attribute("data-field")
            for field in self._page.locator(".mr-field:has(.mr-doubt) [data-field]").all()
        ]

    def _chosen(self) -> list[str | None]:
        return [field.get_attribute("data-field") for field in self._page.locator(".mr-chosen").all()]


def _compared(value: str) -> str:
    """Return what a clerk compares: titles of people, dots and spaces are all the same."""
    return _TITLES_BEFORE_NAMES.sub("", re.sub(r"[^a-z0-9]", "", value.lower()))


def _telling_words(title: str) -> list[str]:
    """Return the words of three letters or more, those after a colon before the others."""
    before, _, after = title.lower().rpartition(": ")
    return _TELLING_WORD.findall(f"{after} {before}")
