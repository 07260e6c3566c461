"""An item in a dozen lines: what somebody at the desk must know before they act on it.

Before: `show` has everything on record about the item. After: the lines that are printed first, in the order in which
they are asked for; a line without a value is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailroom.cli.moments import as_people_write
from mailroom.desk.item_view import who


def headlines(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headlines by name.

    Args:
        shown: what `desk.item_view.view` tells of the item.
    """
    head = shown["documents"][0]["headers"] if shown["documents"] else {}
    lines = {
        "reference": shown["reference"],
        "state": shown["state"],
        "what is wrong": _wrong(shown),
        **_of_case(shown["case"]),
        "sender": _sender(shown["sender"], head),
        "subject": head.get("subject"),
        "written to": _named(head.get("to") or {}),
        "received": f"{as_people_write(shown['received_at'])} by {shown['channel']}, {shown['file_name']}",
        "pages": sum(document["pages"] for document in shown["documents"]),
        "perhaps": {told["case_type"]: _suggestion(told) for told in _suggestions(shown)},
        "handed to": _handoff(shown["handoff"]),
        "message to the sender": _message(shown["acknowledgement"]),
        "legal hold": _hold(shown["legal_hold"]),
        **{name.replace("_", " "): shown[name] for name in ("repeat_of", "part_of", "joined_into")},
    }
    return {name: value for name, value in lines.items() if value not in (None, "", {})}


def _wrong(shown: Mapping[str, Any]) -> str:
    return ": ".join(filter(None, (shown["cause_in_words"], shown["problem"])))


def _of_case(case: Mapping[str, Any] | None) -> dict[str, str | None]:
    if case is None:
        return {}
    due = next((clock for clock in case["clocks"] if clock["met_at"] is None), None)
    closed = f"{as_people_write(case['closed_at'])}: {case['outcome']}" if case["closed_at"] else None
    return {
        "case type": f"{case['title']} ({case['case_type']})",
        "team": f"{case['team_name']} ({case['team']})",
        "owner": None if case["owner"] == f"team:{case['team']}" else case["owner"],
        "due": f"{as_people_write(due['due_at'])} ({due['name'].replace('_', ' ')})" if due else None,
        "closed": closed,
    }


def _sender(sender: Mapping[str, str | None], head: Mapping[str, Any]) -> str:
    """Return who wrote; the name that a mail itself gives stands for one that nobody found in its text."""
    named = sender["name"] or (head.get("sender") or {}).get("name")
    told = (named, who(sender), sender["postcode"], sender["email"], sender["phone"])
    return ", ".join(dict.fromkeys(filter(None, told)))


def _named(mailbox: Mapping[str, str]) -> str:
    return ", ".join(filter(None, (mailbox.get("name"), mailbox.get("address"))))


def _suggestions(shown: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    decision = shown["documents"][0]["decision"] if shown["documents"] else None
    return list(decision["suggestions"]) if decision and not decision["settled"] else []


def _suggestion(told: Mapping[str, Any]) -> str:
    return f"{told['title']} ({told['confidence']:.2f})"


def _handoff(handoff: Mapping[str, Any] | None) -> str | None:
    if handoff is None:
        return None
    back = f", returned {handoff['returned']} times" if handoff["returned"] > 1 else ""
    since = as_people_write(handoff["answered_at"] or handoff["offered_at"])
    return f"{handoff['team']}, {handoff['state']} {since}{back}"


def _hold(hold: Mapping[str, Any] | None) -> str | None:
    if hold is None:
        return None
    why = f": {hold['reason']}" if hold["reason"] else ""
    return f"since {as_people_write(hold['placed_at'])}, by {hold['placed_by']}{why}"


def _message(message: Mapping[str, Any] | None) -> str | None:
    if message is None:
        return None
    why = f" ({message['reason']})" if message["reason"] else ""
    return f"{message['way']}, {message['state'].replace('_', ' ')}{why}"
