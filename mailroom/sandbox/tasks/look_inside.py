"""Task: what an original is and what it holds: its kind, how many pages, or its words and the head of a message.

Before: `unpack` has an original. After: `read` reads each page. One child does all looks, because each child costs more
than most of them; what is typed is read in it, too, as it must be parsed for any of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.identify import identify
from mailroom.sandbox.tasks.office_holdings import held_in
from mailroom.sandbox.tasks.read_message import read_message
from mailroom.sandbox.tasks.read_text import read_text
from mailroom.sandbox.tasks.reading import page_limits, refused_in_words
from mailroom.sandbox.tasks.signatures import MESSAGES, PAGED, PRINTED, READABLE
from ocr.document import outline

_OF_A_HEAD = (
    *("sender", "to", "subject", "date", "message_id", "answers", "bounced"),
    *("authentication", "forwarded", "attachments", "flags"),
)


def look_inside(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `identify` does, `pages`, `headers` of a message, and the names of what is `held` inside.

    `text` is what is typed in it, None in what has pages to be read or printed; `formatted` as in `read_message`.
    `obstacle` also says what was met inside.

    Args:
        source: the original.
        scratch: where a message as it was formatted is written.
        arguments: `most_pages` and `most_pixels` where they differ from usual; `prints`, whether what can be read as
            it is printed alone will be; those of `read_message`.
    """
    kind = identify(source, scratch, arguments)
    known = {**kind, "pages": 0, "headers": {}, "held": [], "text": None, "formatted": None}
    if kind["media_type"] in PRINTED - READABLE and arguments.get("prints"):
        return {**known, "obstacle": None}
    if known["obstacle"]:
        return known
    try:
        return {**known, **_holdings(kind["media_type"], source, scratch, arguments)}
    except NeedsPerson as need:
        return {**known, "obstacle": {"cause": need.cause, "sentence": need.sentence}}


def _holdings(media_type: str, source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if media_type in PAGED:
        with refused_in_words():
            return {"pages": len(outline(source, media_type, page_limits(arguments)).pages)}
    if media_type in MESSAGES:
        message = read_message(source, scratch, arguments)
        headers = {name: message[name] for name in _OF_A_HEAD}
        held = [attachment["name"] for attachment in message["attachments"]]
        typed = {name: message[name] for name in ("text", "formatted", "obstacle")}
        return {"pages": 1, "headers": headers, "held": held, **typed}
    text, held = read_text(source, scratch, arguments)["text"], held_in(source, media_type)
    if not text.strip() and not held:
        raise TaskRefused(Cause.NO_TEXT, "There are no words in this document. Open the original and look at it.")
    return {"pages": 1, "held": held, "text": text}
