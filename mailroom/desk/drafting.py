"""A reply before it goes out: which templates there are for a case, what one says, and what is still missing in it.

Before: an officer has the case before them. After: they see the words as they would go out, by which way and to whom,
and what keeps it back; `replying.py` puts it down. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from classifiers.language import language_of
from mailroom.desk.acting import Refused, refuse_unless
from mailroom.desk.audit import seen_by
from mailroom.desk.deciding import words_of
from mailroom.desk.item_view import title_of
from mailroom.desk.letters import address_block, incomplete, is_read
from mailroom.desk.minding import plain_words
from mailroom.desk.naming import nearest
from mailroom.domain.access import Viewer
from mailroom.domain.acknowledging import Plan, Way, plan_reply
from mailroom.domain.days_in_words import day_in_words
from mailroom.domain.decision import Sensitivity
from mailroom.domain.salutation import salutation
from mailroom.domain.sla import LONDON, local_date
from mailroom.domain.templates import Kind, Template
from mailroom.journey.sender import known_sender
from mailroom.journey.template_text import Filled, fill, label_of
from mailroom.records.documents import fields_of, index_of
from mailroom.records.replies import replies_of
from mailroom.records.tables import Item
from mailroom.services import Services

_MOST = 20_000
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer wants to send.

    Attributes:
        template: key of a template.
        filled: what they typed, by placeholder.
        language: `en` or `cy`; None for the letter's own.
        promised_for: the day that a holding reply promises.
        closes: whether a full answer closes the case when it has gone out.
        outcome: how the case ends then; None for what the template says.
    """

    template: str
    filled: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    promised_for: date | None = None
    closes: bool = True
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as it would go out now.

    Attributes:
        item: id of the item that it answers.
        reference: of the item.
        number: which reply to the item it would be.
        template: chosen.
        filled: subject, text and what is missing.
        values: what stands in the fields: what was typed, else the reference that was read in the letter.
        plan: by which way, or why not at all.
        to: who it goes to: the address, or the lines of it.
        known_address: name, street and postcode as far as they are known, empty where they are not.
        address_read: whether the street was read from a page and typed by nobody.
        outcome: how it would close the case, or None.
        problem: what keeps it back, beside what is missing; None where nothing does.
    """

    item: str
    reference: str
    number: int
    template: Template
    filled: Filled
    values: Mapping[str, str]
    plan: Plan
    to: tuple[str, ...]
    known_address: tuple[str, str, str]
    address_read: bool
    outcome: str | None
    problem: str | None

    @property
    def missing(self) -> dict[str, str]:
        """What is still to be filled in, with what the officer reads beside it."""
        return {name: label_of(self.template, name) for name in self.filled.missing}

    def as_json(self) -> dict[str, Any]:
        """Return it for pages and scripts."""
        return {
            "item": self.item,
            "reference": self.reference,
            "number": self.number,
            "template": self.template.key,
            "kind": self.template.kind,
            "language": self.filled.language,
            "subject": self.filled.subject,
            "text": self.filled.text,
            "missing": self.missing,
            "way": self.plan.way,
            "to": list(self.to),
            "outcome": self.outcome,
            "problem": self.problem,
        }


def templates_for(case_type: str, services: Services) -> list[Template]:
    """Return the templates for a case type: its own first, then those for any."""
    fitting = [template for template in services.catalogue.templates.values() if template.fits(case_type)]
    return sorted(fitting, key=lambda template: not template.case_types)


def outcomes_for(case_type: str, services: Services) -> list[str]:
    """Return how a case of this type may end: by one of its answers, or without a reply."""
    answered = [template.outcome for template in templates_for(case_type, services) if template.outcome]
    return list(dict.fromkeys([*answered, *services.catalogue.outcomes]))


def draft_reply(name: str, answer: Answer, viewer: Viewer, services: Services) -> Draft:
    """Return the reply as it would go out now.

    Raises:
        NotThere: no such item for this viewer.
        Refused: there is no such template for it, it has no case, or something is filled in that has no place in it.
    """
    with services.records.look() as session:
        return drafted(session, seen_by(session, name, viewer), answer, services)


def drafted(session: Session, item: Item, answer: Answer, services: Services) -> Draft:
    """Return the reply to this item as it would go out now; see `draft_reply`."""
    if item.case is None:
        raise Refused(f"{item.reference} has no case yet. Try again in a moment.")
    refuse_unless(answer.language in (None, "en", "cy"), "Write en for English or cy for Welsh.")
    template = _template(answer.template, item.case.case_type, services)
    language = answer.language or language_of(words_of(item)) or "en"
    values = {**_read(item, template, services), **_typed(answer, template)}
    known = {**known_of(item, language, services, promised=answer.promised_for), **values}
    filled = fill(services.catalogue.replies, template, known, language)
    plan = _plan(item, services)
    return Draft(
        item=item.id,
        reference=item.reference,
        number=len(replies_of(session, item.id)) + 1,
        template=template,
        filled=filled,
        values=values,
        plan=plan,
        to=_to(item, plan),
        known_address=_known_address(item),
        address_read=is_read(item),
        outcome=(answer.outcome or template.outcome) if template.kind is Kind.FULL and answer.closes else None,
        problem=_problem(item, plan, template, answer, services),
    )


def _template(key: str, case_type: str, services: Services) -> Template:
    fitting = {template.key: template for template in templates_for(case_type, services)}
    if key not in fitting:
        near = nearest(key, {known: template.title for known, template in fitting.items()})
        there_are = "" if near else f" There are {', '.join(fitting)}."
        raise Refused(f"There is no template {key!r} for this case.{near}{there_are}")
    return fitting[key]


def _typed(answer: Answer, template: Template) -> dict[str, str]:
    strange = answer.filled.keys() - template.fill_in.keys()
    refuse_unless(not strange, f"The text has no place for {', '.join(sorted(strange))}.")
    typed = {name: plain_words(words) for name, words in answer.filled.items()}
    longest = max((len(words) for words in typed.values()), default=0)
    refuse_unless(longest <= _MOST, f"What is filled in has at most {_MOST} characters; this has {longest}.")
    return {name: words for name, words in typed.items() if words}


def _read(item: Item, template: Template, services: Services) -> dict[str, str]:
    """Return what the letter says itself of what is to be filled in: references of the council's patterns, no more."""
    patterns = services.catalogue.rules.get("references", {})
    return {name: value for name, value in index_of(item).items() if name in template.fill_in and name in patterns}


def known_of(item: Item, language: str, services: Services, *, promised: date | None = None) -> dict[str, str]:
    """Return what the mailroom fills in itself in a message about an item that has a case."""
    council, name, case = services.settings.council, fields_of(item).get("sender_name"), item.case
    return {
        "greeting": salutation(name.value if name else None, name.confidence if name else 0.0, language),
        "reference": case.reference if case else item.reference,
        "received": day_in_words(item.received_at, language),
        "due": day_in_words(item.due_at, language) if item.has_deadline else "",
        "promised": day_in_words(datetime.combine(promised, _NOON, LONDON), language) if promised else "",
        "today": day_in_words(services.now(), language),
        "service": title_of(case.case_type, services) if case else "",
        "team": services.catalogue.teams[case.team].name if case else "",
        "council": council.name,
        "contact": f"{council.telephone}, {council.email}",
    }


def _plan(item: Item, services: Services) -> Plan:
    limited = item.sensitivity is not Sensitivity.NORMAL
    has_mail = bool(services.settings.acknowledge.smtp_host)
    return plan_reply(known_sender(item, services), settled=item.settled, limited=limited, mail=has_mail)


def _to(item: Item, plan: Plan) -> tuple[str, ...]:
    if plan.way is Way.EMAIL:
        return (item.proven_sender or "",)
    return address_block(index_of(item)) if plan.way is Way.LETTER else ()


def _known_address(item: Item) -> tuple[str, str, str]:
    index = index_of(item)
    return index.get("sender_name", ""), index.get("sender_address", ""), index.get("sender_postcode", "")


def _problem(item: Item, plan: Plan, template: Template, answer: Answer, services: Services) -> str | None:
    if plan.way is Way.NONE:
        return plan.reason
    if plan.way is Way.LETTER and not _to(item, plan):
        return incomplete(item)
    promised = answer.promised_for
    if template.kind is Kind.HOLDING and promised is not None and promised <= local_date(services.now()):
        return "Promise a day after today."
    return None
