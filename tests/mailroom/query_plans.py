"""What a part of the mailroom asks of the database, and how the database means to answer it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text

from mailroom.records.session import Records

Question = tuple[str, Any]
_USE_WHAT_THERE_IS = text("SET LOCAL enable_seqscan = off")


@contextmanager
def questions() -> Iterator[list[Question]]:
    """Give a list that gets each statement of the block, with its values."""
    asked: list[Question] = []

    def note(_c: object, _cursor: object, statement: str, values: object, _x: object, _many: bool) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def values_of(question: Question) -> list[Any]:
    """Return the values of a question, whether its driver takes them by name or by place."""
    values = question[1]
    return list(values.values() if isinstance(values, dict) else values)


def plan_of(question: Question, records: Records, *, of_few: bool) -> list[str]:
    """Return the steps in which the database answers.

    Args:
        question: what it is asked.
        records: where.
        of_few: that a handful of rows is there, which a server would read through whatever index it has.
    """
    statement, values = question
    with records.connection() as connection:
        if of_few and not records.embedded:
            connection.execute(_USE_WHAT_THERE_IS)
        explain = "EXPLAIN QUERY PLAN" if records.embedded else "EXPLAIN"
        return [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", values)]
