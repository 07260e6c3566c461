"""What an auditor's search found, below the fields in which it was asked; also when a view of it is not saved.

Before: a line was typed, fields beside it were filled in. After: the page of what matches and is theirs to see, or with
what is wrong beside the field that it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from mailroom.desk.acting import Refused
from mailroom.desk.history import PURPOSES
from mailroom.desk.saved_views import saved_views, shared_with
from mailroom.desk.searching import search
from mailroom.desk.signing_in import Person
from mailroom.desk.typed_query import days_in, wanted_by
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.ledger import Days
from mailroom.records.wanted import Order, Wanted
from mailroom.services import Services
from mailroom.web.rendering import page

Asked = dict[str, str]

FIELDS = ("words", "first", "last", "channel", "case_type", "team", "state")

_FACTS = {"first": "from", "last": "to", "channel": "channel", "case_type": "type", "team": "team", "state": "state"}
"""What the fields of the page are called in a line."""


def found_page(
    request: Request,
    asked: Asked,
    person: Person,
    services: Services,
    number: int = 1,
    order: Order = Order.NEWEST,
    **facts: Any,  # noqa: ANN401  # what a template shows
) -> Response:
    """Return the page with what is asked for, or with the saved views where nothing is."""
    facts |= {"asked": asked, "filled": filled(asked), **_choices(services)}
    if not any(asked.values()):
        return page(request, "audit/search.html", views=saved_views(person.viewer, services), **facts)
    try:
        hits = search(_wanted(asked, services), person.viewer, services, number, order=order)
    except Refused as fault:
        field = "first" if asked["first"] or asked["last"] else "words"
        facts |= {"status": 409, "fault": str(fault), "fault_field": field}
        return page(request, "audit/search.html", **facts)
    rest = urlencode({**filled(asked), "order": hits.order})
    kept, share = as_line(asked), shared_with(person.viewer, services)
    return page(request, "audit/search.html", hits=hits, rest=rest, kept=kept, share=share, **facts)


def as_line(asked: Mapping[str, str]) -> str:
    """Return what was typed and chosen on the page as one line that finds the same; pure."""
    facts = [f"{fact}:{asked[name]}" for name, fact in _FACTS.items() if asked.get(name)]
    return " ".join(filter(None, [asked.get("words", ""), *facts]))


def filled(asked: Asked) -> Asked:
    """Return the fields in which something stands."""
    return {name: value for name, value in asked.items() if value}


def number_in(text: str | None) -> int:
    """Return the number of a page as an address has it; the first where it has none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1


def _wanted(asked: Asked, services: Services) -> Wanted:
    """Return what is looked for: what the line tells, narrowed by the fields that are filled in.

    Raises:
        Refused: a day is none, or the last comes before the first; what is no choice of a list is not asked.
    """
    typed = wanted_by(asked["words"], services)
    first = days_in(asked["first"]).first if asked["first"] else typed.days.first
    last = days_in(asked["last"]).last if asked["last"] else typed.days.last
    if first and last and first > last:
        raise Refused("The last day comes before the first. Change one of the two.")
    return replace(
        typed,
        days=Days(first, last),
        channel=Channel(asked["channel"]) if asked["channel"] in list(Channel) else typed.channel,
        case_type=asked["case_type"] if asked["case_type"] in services.catalogue.services else typed.case_type,
        team=asked["team"] if asked["team"] in services.catalogue.teams else typed.team,
        state=ItemState(asked["state"]) if asked["state"] in list(ItemState) else typed.state,
    )


def _choices(services: Services) -> dict[str, Any]:
    types = dict(sorted(services.catalogue.services.items(), key=lambda line: line[1].title))
    teams = dict(sorted(services.catalogue.teams.items(), key=lambda line: line[1].name))
    return {"purposes": PURPOSES, "channels": list(Channel), "states": list(ItemState), "types": types, "teams": teams}
