"""What is done to accounts goes into the chain of custody, each account a chain of its own; what was on record comes in
first, as it stands.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)
_FORMER = sa.table(
    "account_event",
    sa.column("id", sa.Integer),
    sa.column("account_id", sa.String),
    sa.column("kind", sa.String),
    sa.column("actor", sa.String),
    sa.column("at", _MOMENT),
    sa.column("details", sa.JSON),
)
_TEXTS = ("id", "item_id", "kind", "actor", "original", "details_digest", "previous", "hash")
_EVENT = sa.table(
    "custody_event",
    *(sa.column(name, sa.String) for name in _TEXTS),
    sa.column("position", sa.Integer),
    sa.column("at", _MOMENT),
)
_DETAIL = sa.table(
    "custody_detail", sa.column("event_id", sa.String), sa.column("salt", sa.String), sa.column("details", sa.JSON)
)
_PENDING = sa.table("custody_pending", sa.column("event_id", sa.String))
_ALARM = sa.table("alarm", sa.column("subject", sa.String))


def upgrade() -> None:
    ends: dict[str, tuple[int, str]] = {}
    for former in op.get_bind().execute(sa.select(_FORMER).order_by(_FORMER.c.id)).all():
        position, previous = ends.get(former.account_id, (0, "0" * 64))
        event = _chain(former, position + 1, previous)
        ends[former.account_id] = (position + 1, event["hash"])
        renamed = sa.update(_ALARM).where(_ALARM.c.subject == f"emergency:{former.id}")
        op.execute(renamed.values(subject=f"emergency:{event['id']}"))
    op.drop_table("account_event")


def _chain(former: Any, position: int, previous: str) -> dict[str, Any]:  # noqa: ANN401  # a row
    salt, at = secrets.token_hex(16), _in_utc(former.at)
    event = {
        "id": secrets.token_hex(12),
        "item_id": f"account:{former.account_id}",
        "position": position,
        "kind": former.kind,
        "actor": former.actor,
        "original": None,
        "details_digest": _digest({"salt": salt, "details": former.details}),
        "previous": previous,
    }
    covered = {name: value for name, value in event.items() if name not in ("item_id", "details_digest")}
    covered |= {
        "item": event["item_id"],
        "details": event["details_digest"],
        "at": at.isoformat(timespec="microseconds"),
    }
    event |= {"hash": _digest(covered), "at": at}
    op.execute(sa.insert(_EVENT).values(**event))
    op.execute(sa.insert(_DETAIL).values(event_id=event["id"], salt=salt, details=former.details))
    op.execute(sa.insert(_PENDING).values(event_id=event["id"]))
    return event


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _digest(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
