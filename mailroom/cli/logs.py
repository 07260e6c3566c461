"""Log lines as JSON, one a line, with the ids that belong to them; never names, addresses or words of a letter.

Before: `app.py` starts a command. After: whatever a module logs goes to the error output in this form. Of a fault its
kind and the lines of our code are told, never its message: that may quote what was being read.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from traceback import extract_tb

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, and what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            told["fault"] = _frames(record.exc_info[1])
        return json.dumps(told, default=str)


def _frames(fault: BaseException | None) -> list[str]:
    """Return kind and frames of the fault, and of those it came from, the last one first."""
    told: list[str] = []
    while fault is not None:
        told.append(type(fault).__qualname__)
        told += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(fault.__traceback__)]
        fault = fault.__cause__ or fault.__context__
    return told


def log_as_json(level: int = logging.WARNING) -> None:
    """Send log lines from this level on to the error output, those of the workflow engine, too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    engine = logging.getLogger("dbos")
    engine.addHandler(logging.NullHandler())  # the engine adds one of its own, in plain text, only where there is none
    engine.setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # each try; whoever gives up says so
