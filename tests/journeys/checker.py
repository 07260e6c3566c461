"""Checks from outside that nothing was lost and nothing done twice.

It imports nothing of the mailroom: it reads the SQLite file, the vault's folder and the test's own list of what was
sent, and recomputes every hash by the rules written down in the design.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ONCE = ("received", "unpacked", "read", "classified", "case_opened", "acknowledgement_planned", "handed_over")
"""What happens to an item that needs no person: each exactly once, in this order."""

GENESIS = "0" * 64

Row = dict[str, Any]


def faults(data: Path, sent: Mapping[str, bytes], exceptions: Mapping[str, str] | None = None) -> list[str]:
    """Return a sentence for everything that is not as it should be once all work is done.

    Args:
        data: the data folder.
        sent: content by file name, each sent once.
        exceptions: cause by file name, for what must have gone to a person.
    """
    connection = sqlite3.connect(f"file:{data / 'mailroom.sqlite'}?mode=ro", uri=True)
    connection.row_factory = _as_dict
    try:
        return [
            *_items(connection, data, sent, exceptions or {}),
            *_ledger(connection),
            *_chains(connection),
            *_log(connection),
            *_left_over(connection, data),
        ]
    finally:
        connection.close()


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return dict(zip((column[0] for column in cursor.description), row, strict=True))


def _items(
    db: sqlite3.Connection, data: Path, sent: Mapping[str, bytes], exceptions: Mapping[str, str]
) -> Iterator[str]:
    rows = db.execute("SELECT * FROM item").fetchall()
    came = Counter(row["file_name"] for row in rows)
    yield from (f"{name} came {came[name]} times" for name in {*sent, *came} if came[name] != (name in sent))
    for item in rows:
        if item["file_name"] in sent:
            said = f"{item['file_name']}: "
            yield from (said + fault for fault in _one_item(db, data, item, sent[item["file_name"]]))
            yield from (said + fault for fault in _its_end(db, item, exceptions.get(item["file_name"])))


def _one_item(db: sqlite3.Connection, data: Path, item: Row, content: bytes) -> Iterator[str]:
    digest = hashlib.sha256(content).hexdigest()
    originals = db.execute("SELECT * FROM original WHERE item_id = ?", [item["id"]]).fetchall()
    if [original["sha256"] for original in originals] != [digest]:
        yield f"{len(originals)} originals, or one of another digest"
    elif (data / "vault" / originals[0]["key"]).read_bytes() != content:
        yield "the vault holds other bytes"
    for table, column in (("receipt", "item_id"), ("document", "item_id"), ("case_file", "opened_for")):
        number = db.execute(f"SELECT count(*) AS n FROM {table} WHERE {column} = ?", [item["id"]]).fetchone()["n"]  # noqa: S608  # names from the line above
        if number != 1:
            yield f"{number} rows in {table}"
    made = db.execute("SELECT kind, page FROM rendition WHERE item_id = ?", [item["id"]]).fetchall()
    if max(Counter((row["kind"], row["page"]) for row in made).values(), default=0) > 1:
        yield "a rendition was put down twice"


def _its_end(db: sqlite3.Connection, item: Row, cause: str | None) -> Iterator[str]:
    ended = (item["state"], item["next_stage"], item["cause"])
    if ended != ("exception" if cause else "captured", None, cause):
        yield f"it ended as {ended}: {item['problem']}"
    events = db.execute("SELECT kind FROM custody_event WHERE item_id = ? ORDER BY position", [item["id"]])
    kinds = [event["kind"] for event in events]
    twice = [kind for kind, number in Counter(kinds).items() if number > 1]
    if twice or (cause is None and kinds != list(ONCE)):
        yield f"its chain of custody says {kinds}"
    handoffs = db.execute("SELECT count(*) AS n FROM handoff WHERE item_id = ?", [item["id"]]).fetchone()["n"]
    if handoffs != (cause is None):
        yield f"{handoffs} handoffs"


def _ledger(db: sqlite3.Connection) -> Iterator[str]:
    lines = "SELECT channel, count(*) AS n FROM receipt GROUP BY channel"
    states = "SELECT channel, count(*) AS n FROM item WHERE state IN ('captured', 'exception') GROUP BY channel"
    received, done = ({row["channel"]: row["n"] for row in db.execute(query)} for query in (lines, states))
    if received != done:
        yield f"the ledger does not balance: received {received}, captured or exceptions {done}"


def _chains(db: sqlite3.Connection) -> Iterator[str]:
    heads: dict[str, tuple[int, str]] = {}
    for event in db.execute("SELECT * FROM custody_event ORDER BY item_id, position"):
        position, head = heads.get(event["item_id"], (0, GENESIS))
        if (event["position"], event["previous"]) != (position + 1, head) or event["hash"] != _hash(event):
            yield f"item {event['item_id']}: event {event['position']} does not follow from the one before"
        heads[event["item_id"]] = (event["position"], event["hash"])


def _hash(event: Row) -> str:
    return _digest(
        {
            "id": event["id"],
            "item": event["item_id"],
            "position": event["position"],
            "kind": event["kind"],
            "actor": event["actor"],
            "at": event["at"].replace(" ", "T") + "+00:00",
            "original": event["original"],
            "details": event["details_digest"],
            "previous": event["previous"],
        }
    )


def _log(db: sqlite3.Connection) -> Iterator[str]:
    """The global log: every event once, numbered without a gap, each head made from the one before."""
    head = GENESIS
    numbered = []
    query = "SELECT n.number, n.hash, n.event_id, e.hash AS event FROM custody_number n "
    for row in db.execute(query + "LEFT JOIN custody_event e ON e.id = n.event_id ORDER BY n.number"):
        numbered.append(row["event_id"])
        head = _digest({"previous": head, "number": len(numbered), "event": row["event"]})
        if (row["number"], row["hash"]) != (len(numbered), head):
            yield f"the global log breaks at number {row['number']}"
            return
    events = [row["id"] for row in db.execute("SELECT id FROM custody_event")]
    if Counter(numbered) != Counter(events):
        yield f"{len(events)} events, {len(numbered)} of them in the global log"


def _left_over(db: sqlite3.Connection, data: Path) -> Iterator[str]:
    alive = db.execute(
        "SELECT workflow_uuid FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED', 'ERROR')"
    ).fetchall()
    yield from (f"the engine still has {row['workflow_uuid']}" for row in alive)
    yield from (f"half a release lies in {folder}" for folder in (data / "release").glob("*/.*.making"))
    released = [folder.name for folder in (data / "release").glob("*/*")]
    yield from (f"{name} was released {number} times" for name, number in Counter(released).items() if number > 1)


def _digest(value: Row) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
