"""What the service's role may do with each table on PostgreSQL: the one list, and the statements that make it so.

Before: the role that owns the schema has run the migrations (`schema.py`). After: the service can do its work, and can
change nothing of what is written down once; `guards.py` tries it. A new table needs a line here, or a test fails.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from mailroom.records.search.shelves import AUDIENCES, SHELVES, name_of

_READ = "SELECT"
_WRITTEN_ONCE = "SELECT, INSERT"
_KEPT_UP = "SELECT, INSERT, UPDATE"
_PUT_AND_TAKEN_AWAY = "SELECT, INSERT, DELETE"
_COMES_AND_GOES = "SELECT, INSERT, UPDATE, DELETE"
_MADE_ANEW = "SELECT, INSERT, DELETE, TRUNCATE"
_SIGNED_THEN_SENT = "SELECT, INSERT, UPDATE (published_at, mailed_at)"

SERVICE_MAY: Mapping[str, str] = {
    "account": _KEPT_UP,
    "acknowledgement": _COMES_AND_GOES,
    "alarm": _KEPT_UP,
    "alarm_mail": _WRITTEN_ONCE,
    "alembic_version": _READ,
    "case_file": _KEPT_UP,
    "case_note": _WRITTEN_ONCE,
    "clock": _KEPT_UP,
    "correction": _KEPT_UP,
    "counter": _KEPT_UP,
    "custody_detail": _WRITTEN_ONCE,
    "custody_event": _WRITTEN_ONCE,
    "custody_number": _WRITTEN_ONCE,
    "custody_pending": _PUT_AND_TAKEN_AWAY,
    "damage": _COMES_AND_GOES,
    "data_key": _KEPT_UP,
    "decision": _COMES_AND_GOES,
    "document": _COMES_AND_GOES,
    "handoff": _KEPT_UP,
    "incomplete_source": _COMES_AND_GOES,
    "index_field": _COMES_AND_GOES,
    "item": _KEPT_UP,
    "kept_form": _COMES_AND_GOES,
    "kept_object": _KEPT_UP,
    "legal_hold": _KEPT_UP,
    "mailbox_count": _KEPT_UP,
    "mailbox_message": _COMES_AND_GOES,
    "master_key": _KEPT_UP,
    "original": _KEPT_UP,
    "page": _COMES_AND_GOES,
    "receipt": _WRITTEN_ONCE,
    "referral": _KEPT_UP,
    "rendition": _COMES_AND_GOES,
    "reply": _KEPT_UP,
    "saved_view": _COMES_AND_GOES,
    "search_day": _KEPT_UP,
    "search_facet": _KEPT_UP,
    "search_state": _KEPT_UP,
    "search_text": _COMES_AND_GOES,
    "search_uncounted": _COMES_AND_GOES,
    "search_word": _COMES_AND_GOES,
    **{name_of(shelf, audience): _MADE_ANEW for shelf in SHELVES for audience in AUDIENCES},
    "sitting": _COMES_AND_GOES,
    "store_place": _KEPT_UP,
    "taken": _COMES_AND_GOES,
    "told_by_index": _COMES_AND_GOES,
    "tree_head": _SIGNED_THEN_SENT,
    "walk": _KEPT_UP,
    "withdrawal": _COMES_AND_GOES,
    "worker_slot": _COMES_AND_GOES,
}

NEVER_CHANGED = tuple(
    table for table, may in SERVICE_MAY.items() if may in (_WRITTEN_ONCE, _PUT_AND_TAKEN_AWAY, _SIGNED_THEN_SENT)
)
"""The tables of which the service's role can change no row, or none of what was signed."""


def grant_to(connection: Connection, role: str) -> None:
    """Let this role do with each table what the list says and nothing else, in the caller's unit of work."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.dialect.identifier_preparer.quote(connection.scalar(text("SELECT current_schema()")) or "")
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
    for table, may in SERVICE_MAY.items():
        connection.execute(text(f'REVOKE ALL ON "{table}" FROM PUBLIC, {quoted}'))
        connection.execute(text(f'GRANT {may} ON "{table}" TO {quoted}'))
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}"))
