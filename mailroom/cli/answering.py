"""The commands of an officer who answers: notes, dates, replies, the story of a case and what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import console, print_json, print_lines, viewer_from
from mailroom.cli.desk import tell
from mailroom.cli.look import AsJson, AskedAs
from mailroom.cli.moments import as_people_write, date_from
from mailroom.cli.tables import print_table
from mailroom.desk.audit import show_item
from mailroom.desk.drafting import Answer, Draft, draft_reply, templates_for
from mailroom.desk.minding import bring_forward, write_note
from mailroom.desk.related import related as related_to
from mailroom.desk.replying import send_reply, take_back_reply
from mailroom.desk.timeline import timeline as story_of
from mailroom.domain.access import Viewer
from mailroom.services import Services

_TEMPLATES = (("template",), ("title",), ("kind",))


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (note, reply, timeline, related):
        app.command()(command)
    app.command("bring-forward")(bring_forward_to)


def note(
    item: str,
    text: Annotated[str, typer.Argument(help="What the next officer must know.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Note something on the case of an item."""
    with existing_mailroom() as services:
        done = write_note(item, text, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def bring_forward_to(
    item: str,
    day: Annotated[str | None, typer.Argument(help="YYYY-MM-DD; without it, the item comes back at once.")] = None,
    reason: Annotated[str, typer.Option(help="What you wait for.")] = "",
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Put a case out of sight until the morning of a day; its clock runs on."""
    back = date_from(day) if day else None
    with existing_mailroom() as services:
        done = bring_forward(item, back, reason, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def reply(
    item: str,
    template: Annotated[str | None, typer.Argument(help="Key of a template; without it, those that fit.")] = None,
    filled: Annotated[list[str] | None, typer.Option("--fill", help="NAME=VALUE; as often as needed.")] = None,
    language: Annotated[str | None, typer.Option(help="en or cy. Default: the letter's own.")] = None,
    promise: Annotated[str | None, typer.Option(help="The day that a holding reply promises, YYYY-MM-DD.")] = None,
    outcome: Annotated[str | None, typer.Option(help="How the case ends. Default: what the template says.")] = None,
    keep_open: Annotated[bool, typer.Option("--keep-open", help="Do not close the case.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send it. Without: show it, and what is missing.")] = False,
    take_back: Annotated[bool, typer.Option("--take-back", help="Take back the one that has not gone out.")] = False,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Answer the sender of an item by a template: show the reply, and send it with --send."""
    promised = date_from(promise) if promise else None
    with existing_mailroom() as services:
        viewer = viewer_from(asked_as, services)
        if take_back:
            tell(take_back_reply(item, viewer, services), as_json=as_json)
        elif template is None:
            _list_templates(item, viewer, services, as_json=as_json)
        else:
            answer = Answer(template, _pairs(filled or []), language, promised, not keep_open, outcome)
            if send:
                tell(send_reply(item, answer, viewer, services), as_json=as_json)
            else:
                _show(draft_reply(item, answer, viewer, services), as_json=as_json)


def timeline(item: str, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Tell the story of an item's case in the order of time."""
    with existing_mailroom() as services:
        found = story_of(item, viewer_from(asked_as, services), services)
    if as_json:
        print_json([entry.as_json() for entry in found])
        return
    for entry in found:
        by = f" ({entry.who})" if entry.who else ""
        console.print(f"{as_people_write(entry.at.isoformat())}  {entry.sentence}{by}", markup=False)
        for line in (entry.text or "").splitlines():
            console.print(f"    {line}", markup=False)


def related(item: str, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Show what belongs to an item: its case, the same sender, the same reference."""
    with existing_mailroom() as services:
        found = related_to(item, viewer_from(asked_as, services), services)
    (print_json if as_json else print_lines)(found)


def _list_templates(item: str, viewer: Viewer, services: Services, *, as_json: bool) -> None:
    case = show_item(item, viewer, "reply", services)["case"]
    found = templates_for(case["case_type"], services) if case else []
    if as_json:
        print_json([{"template": t.key, "title": t.title, "kind": t.kind, "fill_in": dict(t.fill_in)} for t in found])
    else:
        print_table(_TEMPLATES, [(t.key, t.title, t.kind) for t in found])


def _show(draft: Draft, *, as_json: bool) -> None:
    if as_json:
        print_json(draft.as_json())
        return
    told: dict[str, Any] = {"way": draft.plan.way, "to": list(draft.to), "closes as": draft.outcome}
    print_lines({**told, "missing": draft.missing, "problem": draft.problem})
    console.print(f"\n{draft.filled.subject}\n\n{draft.filled.text}", markup=False)


def _pairs(filled: Iterable[str]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in filled]
    wrong = next((name for name, sign, _ in pairs if not sign), None)
    if wrong is not None:
        raise typer.BadParameter(f"--fill {wrong}: write NAME=VALUE")
    return {name: value for name, _, value in pairs}
