"""How long whoever asks a database waits for it, statement by statement, without what is done with the answers.

Before: a benchmark has opened a mailroom. After: it reads the milliseconds of the statements since it last read them.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import event

from mailroom.records.session import Records


class DatabaseClock:
    """Adds up the statements of those who look into these records."""

    def __init__(self, records: Records) -> None:
        self._began = self._seconds = 0.0
        with records.look() as session:
            event.listen(session.get_bind(), "before_cursor_execute", self._begin)
            event.listen(session.get_bind(), "after_cursor_execute", self._end)

    def read(self) -> float:
        """Return the milliseconds since the last reading."""
        read, self._seconds = self._seconds, 0.0
        return read * 1000

    def _begin(self, *_statement: Any) -> None:  # noqa: ANN401  # the library's own
        self._began = time.perf_counter()

    def _end(self, *_statement: Any) -> None:  # noqa: ANN401  # the library's own
        self._seconds += time.perf_counter() - self._began
