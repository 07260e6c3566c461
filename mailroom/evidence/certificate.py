"""The certificate of a bundle: a page for an officer to sign, and behind it what the records and the checks say.

Before: the originals are in the bundle, each checked on its way, and the making of it is on record. After: an officer
who answers for the records reads it, signs it on paper and hands it over with the ZIP. The wording is that of section
9 of the Civil Evidence Act 1995 (England and Wales): the officer certifies that documents form part of the records of
a public authority. What a machine found is told apart from what a person certifies, and no standard is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from fpdf.prefs import ViewerPreferences

from mailroom.desk.telling import BY_WHICH_WAY
from mailroom.domain.counting import many
from mailroom.domain.days_in_words import day_in_words
from mailroom.domain.sla import LONDON
from mailroom.evidence.certified import Certified, Making, Record
from mailroom.printable import PLAIN, TO_BE_TYPED, sheet_with_fonts, with_typed_face

_LEFT, _RIGHT, _TOP = 22.0, 22.0, 18.0
_TELLING = 16
"""So many digits of a digest tell the papers of one bundle from those of another."""

_PLAIN, _SMALL, _HEADING, _TITLE = 10.5, 9.0, 13.0, 17.0


def certificate(making: Making, records: Sequence[Record]) -> bytes:
    """Return the certificate as a PDF.

    Raises:
        Misconfigured: no font is installed.
    """
    page = _Page(making)
    _what_is_certified(page, making, records)
    _what_was_found(page, making)
    page.add_page()
    page.heading("Schedule of records")
    for number, record in enumerate(records, start=1):
        _one_record(page, number, record)
    return page.done()


class _Page(FPDF):
    """A sheet with headings that readers find in its outline, and the number of the page below."""

    def __init__(self, making: Making) -> None:
        super().__init__(format="A4", unit="mm", enforce_compliance="PDF/A-2U")
        self.alias_nb_pages("{pages}")
        self.set_margins(_LEFT, _TOP, _RIGHT)
        self.set_auto_page_break(auto=True, margin=20)
        self.set_lang("en-GB")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        title = f"Certificate of records, {making.council}"
        sheet_with_fonts(self, "A certificate", title, making.made_at)
        with_typed_face(self)
        self.set_author(making.council)
        self._below = f"{title}, contents {making.contents[:_TELLING]}..."
        self.add_page()

    def footer(self) -> None:
        """Number the page, and say what it belongs to: the signature is on the first sheet alone."""
        self.set_y(-14)
        self.set_font(PLAIN, size=_SMALL)
        self.cell(0, 5, self._below)
        self.set_x(_LEFT)
        self.cell(0, 5, f"Page {self.page_no()} of {{pages}}", align="R")

    def heading(self, text: str, size: float = _HEADING) -> None:
        """Write a heading, with a place in the outline."""
        if self.will_page_break(3 * size):
            self.add_page()
        self.ln(3)
        self.start_section(text)
        self.set_font_size(size)
        self._flow(text, size * 0.5)
        self.ln(1)

    def say(self, text: str, size: float = _PLAIN) -> None:
        """Write a paragraph."""
        self.set_font_size(size)
        self._flow(text, size * 0.48)
        self.ln(size * 0.16)

    def show(self, text: str) -> None:
        """Write what somebody may have to type or compare, letter by letter."""
        self.set_font(TO_BE_TYPED, size=_SMALL - 0.5)
        self._flow(text, _SMALL * 0.44)
        self.set_font(PLAIN, size=_PLAIN)
        self.ln(1.4)

    def line_for(self, label: str) -> None:
        """Write a label and draw the line on which a person writes."""
        self.set_font_size(_PLAIN)
        self.ln(5)
        self.cell(32, 6, label)
        self.set_draw_color(90)
        self.line(self.get_x(), self.get_y() + 6, self.w - _RIGHT - 30, self.get_y() + 6)
        self.ln(7)

    def done(self) -> bytes:
        """Return the whole."""
        return bytes(self.output())

    def _flow(self, text: str, height: float) -> None:
        self.multi_cell(0, height, text, align="L", wrapmode=WrapMode.WORD, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _what_is_certified(page: _Page, making: Making, records: Sequence[Record]) -> None:
    originals = sum(len(record.originals) for record in records)
    page.heading("Certificate under section 9 of the Civil Evidence Act 1995", _TITLE)
    page.say(
        f"I am an officer of {making.council}, a public authority, and occupy a responsible position in relation to "
        "its records."
    )
    page.say(_certified(originals, len(records), making.council))
    page.say(
        "I have read the section \u201cWhat the system found\u201d. It is produced by the authority's mailroom system "
        "in the ordinary course of its use, and I have no reason to believe it to be inaccurate."
    )
    for label in ("Signed", "Name", "Position", "Date"):
        page.line_for(label)
    page.ln(3)
    page.say(
        "This certificate says that the documents are records of the authority. It does not say that what their "
        "senders wrote in them is true, and claims no certification to any standard, BS 10008 among them.",
        _SMALL,
    )


def _certified(originals: int, records: int, council: str) -> str:
    if originals == 1:
        return (
            f"I certify that the document listed in the schedule below forms part of the records of {council}, and "
            "that the file named there is a copy of it."
        )
    return (
        f"I certify that the {originals} documents of {many(records, 'item')} listed in the schedule below form part "
        f"of the records of {council}, and that the files named there are copies of them."
    )


def _what_was_found(page: _Page, making: Making) -> None:
    page.heading("What the system found")
    at = f"{day_in_words(making.made_at, 'en')} at {making.made_at.astimezone(LONDON):%H:%M}"
    page.say(
        f"On {at} each original in the schedule was read from the authority's store and its SHA-256 digest compared "
        "with the one recorded in the log of custody when it was received. Every one was the same. A digest changes "
        "if a single bit of a file does."
    )
    page.say(f"The files were put together by {making.made_by} for this purpose: {making.purpose}.")
    page.say("SHA-256 of the contents, as the log of custody has it:")
    page.show(making.contents)
    if making.key is None or making.head is None:
        page.say(
            "NOT SIGNED. The system had no key to sign with when this was made: the log of custody has no signed "
            "head, and nothing outside the authority's own records proves the digests above."
        )
        return
    page.say(
        "Every event in the history of these records stands in the authority's log of custody, whose head was signed "
        "with its key (Ed25519). With this public key anybody can check the files by the program verify_evidence.py:"
    )
    page.show(making.key)
    page.say("The head of the log, as it was signed:")
    page.show(making.head.strip())


def _one_record(page: _Page, number: int, record: Record) -> None:
    page.heading(f"{number}. {record.reference}", _PLAIN + 1)
    received = (
        f"Received on {day_in_words(record.received_at, 'en')} {BY_WHICH_WAY.get(record.channel, record.channel)}"
    )
    page.say(f"{received}{' (day assumed: nothing on it says when it came)' if record.assumed else ''}.", _SMALL + 0.5)
    if record.case:
        page.say(f"Case: {record.case}.", _SMALL + 0.5)
    for one in record.originals:
        page.show(f"{one.file}\nSHA-256 {one.sha256}")
        page.say(_size(one), _SMALL)
    if not record.originals:
        page.say("Nothing of it was kept: it was refused when it was offered.", _SMALL)
    seen = "; ".join(record.seen_by) or "nobody"
    page.say(f"Seen or worked on by: {seen}.", _SMALL)


def _size(one: Certified) -> str:
    told = f"{one.size:,} bytes".replace(",", "\u00a0")
    called = f", came under the name \u201c{one.given_name}\u201d" if one.given_name else ""
    return f"{told}{called}{f'; {one.note}' if one.note else ''}"
