"""Not knowing what an item is: the exception goes to a colleague with a note, and stays an exception.

Before: somebody has read the item and cannot tell what it is or whose. After: it is not offered to them again; the
colleague they named has it for as long as anybody who is idle keeps an item, and is offered it first; then whoever
comes next is. Its clock runs on, and the note is shown with it.
"""

from __future__ import annotations

from sqlalchemy import select

from mailroom.desk.acting import Act, Done, acting, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.queues import idle_before
from mailroom.domain.access import Role, Task, Viewer
from mailroom.domain.items import ItemState
from mailroom.records.tables import Account
from mailroom.records.taking import add_referral, let_go, put_taken, referrals_of
from mailroom.services import Services

_LONGEST = 2000


def refer(name: str, note: str, viewer: Viewer, services: Services, *, colleague: str | None = None) -> Done:
    """Give an exception to a colleague, or to whoever knows.

    Args:
        name: reference or id.
        note: what the person could not tell; it is shown with the item.
        viewer: who does not know.
        services: the bundle.
        colleague: account name of who may know; None for whoever comes next.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to settle, it is no exception, nothing is written, or they name themselves.
    """
    written = note.strip()
    refuse_unless(bool(written), "Write what you could not tell: your colleague begins with that.")
    refuse_unless(len(written) <= _LONGEST, f"The note is longer than {_LONGEST} characters. Write less.")
    refuse_unless(colleague != viewer.name, "Name a colleague, or nobody; you are the one who does not know.")
    with acting(name, viewer, services, Task.SETTLE) as act:
        needs_somebody = act.item.state is ItemState.EXCEPTION
        refuse_unless(needs_somebody, f"{act.item.reference} is no exception; nobody needs to tell what it is.")
        if _said_before(act, written, colleague):
            return act.done(f"{{}} is with {colleague or 'whoever comes next'} already.", colleague=colleague)
        add_referral(act.session, act.item.id, viewer.name, colleague, written, act.now)
        _pass_to(act, colleague)
        act.log("referred", colleague=colleague)
        return act.done(f"{{}} goes to {colleague or 'whoever comes next'} with your note.", colleague=colleague)


def colleagues(viewer: Viewer, services: Services) -> list[tuple[str, str]]:
    """Return account and known name of those in the post room whom the viewer may give an item to."""
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    with services.records.look() as session:
        rows = session.execute(
            select(Account.name, Account.display_name, Account.roles).where(Account.left_at.is_(None))
        )
        here = [(name, known_as) for name, known_as, roles in rows if Role.POST_ROOM in roles and name != viewer.name]
    return sorted(here, key=lambda pair: pair[1])


def _said_before(act: Act, note: str, colleague: str | None) -> bool:
    """Whether the newest word on the item is this very one: the key was pressed twice."""
    said = referrals_of(act.session, act.item.id)
    last = said[-1] if said else None
    if last is None or last.ended_at is not None:
        return False
    return (last.account, last.colleague, last.note) == (act.viewer.name, colleague, note)


def _pass_to(act: Act, colleague: str | None) -> None:
    let_go(act.session, act.item.id)
    if colleague is not None:
        put_taken(act.session, act.item.id, colleague, act.now, idle_before(act.services))
