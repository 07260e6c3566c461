"""A team returns an item to the post room, by a reason from the list and in words of its own.

Before: a team was handed what is not its own, or what it cannot work with. After: the item is the post room's, with the
team's reason and, where the team says so, the place where it belongs as the first suggestion. A team routes nothing
elsewhere by itself: the post room settles it anew. The clocks run on, and the return is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mailroom.desk.acting import Act, Done, Refused, acting, refuse_unless
from mailroom.desk.deciding import suggestions_of, withdraw_files
from mailroom.desk.in_hand import in_hand
from mailroom.desk.naming import case_types, key_meant, nearest
from mailroom.domain.access import Task, Viewer
from mailroom.domain.catalogue import UNSORTED, Team
from mailroom.domain.decision import Decision, Sensitivity, Suggestion
from mailroom.domain.errors import Cause
from mailroom.domain.sla import MetBy
from mailroom.domain.templates import ReturnReason
from mailroom.journey.classify import put_decision
from mailroom.records.acknowledgements import take_back
from mailroom.records.case_changes import let_run_again
from mailroom.records.documents import decision_in_force
from mailroom.records.handoffs import note_desk
from mailroom.records.tables import Case, DecisionRow, Handoff
from mailroom.services import Services

_MOST_SUGGESTIONS = 5
_LIKELY = 0.5
"""How likely a type of the named team is that the machine did not think of."""


def return_item(
    name: str,
    reason: str,
    viewer: Viewer,
    services: Services,
    *,
    words: str = "",
    belongs_to: str | None = None,
) -> Done:
    """Return the item to the post room, which settles it anew.

    Args:
        name: reference or id.
        reason: a key of `config/returns.toml`, or the team's own words.
        viewer: who returns it.
        services: the bundle.
        words: more words of their own.
        belongs_to: key or name of the team or case type where it belongs, if the team knows.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to return, no team has it, no reason is given, or there is no such type or team.
    """
    listed = services.catalogue.returns.get(reason.strip())
    why = _in_words(listed, reason, words)
    refuse_unless(bool(why), "Say why it is returned: the post room routes it by that.")
    belongs_to, place = _place(belongs_to, services) if belongs_to else (None, None)
    with acting(name, viewer, services, Task.ANSWER) as act:
        team, handoff, case = in_hand(act)
        handoff.return_reason, handoff.suggested = listed.key if listed else None, belongs_to
        _give_back(act, handoff, case, why)
        says = f" {team.name} says that it belongs to {place}." if place else ""
        act.give_to_the_post_room(Cause.RETURNED, f"{team.name} returned it: {why}{says}")
        _suggest(act, team, belongs_to, elsewhere=bool(belongs_to or (listed and listed.belongs_elsewhere)))
        note_desk(act.session, act.item.id)
        act.log("returned", team=team.key, number=handoff.number, reason=handoff.return_reason, suggested=belongs_to)
        return act.done(f"{team.name} has returned {{}} to the post room.", team=team.key, suggested=belongs_to)


def return_reasons(services: Services) -> list[dict[str, Any]]:
    """Return the reasons to choose from, in the order in which they are offered."""
    return [
        {"key": reason.key, "title": reason.title, "belongs_elsewhere": reason.belongs_elsewhere}
        for reason in services.catalogue.returns.values()
    ]


def places_to_name(services: Services) -> list[tuple[str, str]]:
    """Return key and name of everything to which an item may be said to belong: teams first, then kinds of cases."""
    teams = [(team.key, team.name) for team in services.catalogue.teams.values()]
    types = [(line["key"], f"{line['team_name']} ({line['title']})") for line in case_types([], services)]
    return [*teams, *types]


def _in_words(listed: ReturnReason | None, reason: str, words: str) -> str:
    return ": ".join(filter(None, (listed.title if listed else reason.strip(), words.strip())))


def _place(written: str, services: Services) -> tuple[str, str]:
    """Return key and name of the place that somebody named: a team, or a kind of case with its team.

    Raises:
        Refused: there is no such team or kind of case; the sentence offers near ones.
    """
    places = dict(places_to_name(services))
    titles = {line["key"]: line["title"] for line in case_types([], services)}
    key = key_meant(written, places) or key_meant(written, titles)
    if key is None:
        raise Refused(f"There is no team or kind of case {written!r}.{nearest(written, places)}")
    return key, places[key]


def _give_back(act: Act, handoff: Handoff, case: Case, why: str) -> None:
    handoff.state, handoff.reason = "returned", why
    handoff.answered_at, handoff.answered_by = act.now, act.viewer.name
    if not act.item.is_contact:
        case.brought_forward_to = case.brought_forward_why = None
        let_run_again(case, MetBy.HAND_OFF, act.services.catalogue.clocks)
    withdraw_files(act)
    take_back(act.session, act.item.id, "The team returned it; a new message follows when it is settled.")


def _suggest(act: Act, team: Team, belongs_to: str | None, *, elsewhere: bool) -> None:
    """Let the post room be offered first what the team says, and last what the item was returned as."""
    before = decision_in_force(act.item)
    if before is None:
        return
    first = list(_named(belongs_to, before, team, act.services)) if belongs_to else []
    rest = [
        told for told in _open_suggestions(before, act.services) if told.case_type not in {f.case_type for f in first}
    ]
    ranked = [*first, *sorted(rest, key=lambda told: elsewhere and told.case_type == before.case_type)]
    limited = any(act.services.catalogue.services[told.case_type].limited for told in first)
    decision = Decision(
        case_type=UNSORTED,
        team=act.services.catalogue.post_room,
        sensitivity=Sensitivity.LIMITED if limited else act.item.sensitivity or Sensitivity.LIMITED,
        confidence=ranked[0].confidence if ranked else 0.0,
        decided_by=before.decided_by,
        statutory=before.statutory,
        urgency=before.urgency,
        suggestions=tuple(ranked[:_MOST_SUGGESTIONS]),
        settled=False,
    )
    put_decision(act.session, act.item, decision, actor=act.viewer.name, services=act.services)


def _named(belongs_to: str, before: DecisionRow, team: Team, services: Services) -> Iterator[Suggestion]:
    """Yield the type that the team named, or of the team that it named the likeliest types."""
    says = (f"{team.name} says that it belongs there",)
    if belongs_to not in services.catalogue.teams:
        yield Suggestion(belongs_to, 1.0, says)
        return
    thought_of = [told for told in _open_suggestions(before, services) if _team_of(told, services) == belongs_to]
    others = (s.key for s in services.catalogue.services.values() if s.team == belongs_to and not s.limited)
    usual = (Suggestion(key, _LIKELY, says) for key in others if key != UNSORTED)
    found: Iterable[Suggestion] = thought_of or usual
    for told, _ in zip(found, range(3), strict=False):
        yield Suggestion(told.case_type, told.confidence, (*says, *told.reasons))


def _open_suggestions(before: DecisionRow, services: Services) -> list[Suggestion]:
    """Return what was suggested before, without limited types: they would hide the item from the post room."""
    known = services.catalogue.services
    return [one for one in suggestions_of(before) if one.case_type in known and not known[one.case_type].limited]


def _team_of(told: Suggestion, services: Services) -> str:
    return services.catalogue.services[told.case_type].team
