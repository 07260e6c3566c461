"""What somebody had entered when their sitting ended, kept while they sign in at the identity provider.

Before: a form came too late, and its owner signs in elsewhere, where nothing of it can be carried along. After: whoever
comes back as the same account is shown it and sends it on, within the hour. Each account has one place, and only the
ended sitting's own token fills it: a stranger can neither read what is kept nor fill the database with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailroom.records.accounts import KEPT_FOR, sitting_of
from mailroom.records.tables import KeptFormRow
from mailroom.services import Services

Fields = Sequence[tuple[str, str]]


def keep_for_provider(token: str, path: str, fields: Fields, services: Services) -> bool:
    """Keep a form of the person whose sitting this was; returns whether it is, which it is not for a local account.

    Args:
        token: of the ended sitting.
        path: where the form was meant to go.
        fields: name and value of each field, in order.
        services: the bundle.
    """
    now = services.now()
    with services.records.work() as session:
        sitting = sitting_of(session, token)
        if sitting is None or sitting.account.subject is None:
            return False
        listed = [list(pair) for pair in fields]
        session.merge(KeptFormRow(account_id=sitting.account_id, path=path, fields=listed, kept_at=now))
        session.commit()
        return True


def kept_for(account: str, services: Services) -> tuple[str, Fields] | None:
    """Return where the form that is kept for this account was meant to go, and its fields; None where none is."""
    with services.records.look() as session:
        row = session.get(KeptFormRow, account)
        if row is None or row.kept_at < services.now() - KEPT_FOR:
            return None
        return row.path, [(str(name), str(value)) for name, value in row.fields]
