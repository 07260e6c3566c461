"""The words of an acknowledgement: greeting, reference, dates and what we make of it, never what the letter says.

Before: `acknowledge` has decided to tell the sender. The texts stand in `config/replies/`, one file for each kind and
language; `mailroom check` fills each of them once, so that a slip in a text is found before a sender is waiting for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailroom.domain.catalogue import Service
from mailroom.domain.days_in_words import day_in_words
from mailroom.domain.errors import Misconfigured
from mailroom.domain.salutation import salutation

_SUBJECT = "Subject: "


@dataclass(frozen=True, slots=True)
class Facts:
    """What an acknowledgement may say.

    Attributes:
        reference: what the sender quotes from now on.
        received_at: when it came in.
        due_at: when the sender will have heard from us at the latest.
        service: what we take it for.
        council: our name.
        contact: how to reach us, in one line.
        sender_name: what the sender is called, None where it is not known.
        sender_confidence: how sure that is, 0 to 1.
    """

    reference: str
    received_at: datetime
    due_at: datetime
    service: Service
    council: str
    contact: str
    sender_name: str | None = None
    sender_confidence: float = 0.0


def reply_text(folder: Path, facts: Facts, language: str) -> tuple[str, str]:
    """Return subject and text of the service's acknowledgement.

    Args:
        folder: `config/replies/`.
        facts: what is filled in.
        language: `en` or `cy`; English where there is no text in that language.

    Raises:
        Misconfigured: the text is missing, has no subject line or asks for something we do not say.
    """
    file = folder / f"{facts.service.acknowledgement}.{language}.txt"
    if not file.is_file():
        file, language = folder / f"{facts.service.acknowledgement}.en.txt", "en"
    try:
        filled = file.read_text(encoding="utf-8").format(**_places(facts, language))
    except (OSError, LookupError, AttributeError, TypeError, ValueError) as wrong:
        raise Misconfigured(f"{file}: {wrong} cannot be filled in; correct the text.") from wrong
    subject, _, text = filled.partition("\n")
    if not subject.startswith(_SUBJECT):
        raise Misconfigured(f"{file}: the first line must begin with {_SUBJECT!r}.")
    return subject.removeprefix(_SUBJECT).strip(), text.strip() + "\n"


def _places(facts: Facts, language: str) -> dict[str, str]:
    signpost = facts.service.signpost
    return {
        "greeting": salutation(facts.sender_name, facts.sender_confidence, language),
        "council": facts.council,
        "reference": facts.reference,
        "received": day_in_words(facts.received_at, language),
        "due": day_in_words(facts.due_at, language),
        "service": facts.service.title,
        "contact": facts.contact,
        "body": signpost.name if signpost else "",
        "body_address": signpost.address if signpost else "",
        "body_web": signpost.web if signpost else "",
    }
