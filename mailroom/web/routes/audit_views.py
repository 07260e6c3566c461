"""Searches that an auditor saves: the line and the fields beside it, kept as one line under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.responses import Response

from mailroom.desk.saved_views import forget_view, save_view
from mailroom.desk.searching import order_named
from mailroom.web.rendering import go_to
from mailroom.web.signed_in import Prover, ServicesOf

router = APIRouter(prefix="/audit/views")
Typed = Annotated[str, Form()]

_FACTS = {"first": "from", "last": "to", "channel": "channel", "case_type": "type", "team": "team", "state": "state"}
"""What the fields of the page are called in a line."""


@router.post("")
def save(
    person: Prover, services: ServicesOf, name: Typed = "", words: Typed = "", order: Typed = "", team: Typed = ""
) -> Response:
    """Save a search under a name, and go on with it."""
    how = order_named(order)
    notice = save_view(name, words, person.viewer, services, order=how, everything=True, team=team)
    return go_to(f"/audit?{urlencode({'words': words.strip(), 'order': how})}", notice)


@router.post("/{view}/remove")
def remove(view: str, person: Prover, services: ServicesOf) -> Response:
    """Remove a view that they have saved."""
    return go_to("/audit", forget_view(view, person.viewer, services))


def as_line(asked: Mapping[str, str]) -> str:
    """Return what was typed and chosen on the page as one line that finds the same; pure."""
    facts = [f"{fact}:{asked[name]}" for name, fact in _FACTS.items() if asked.get(name)]
    return " ".join(filter(None, [asked.get("words", ""), *facts]))
