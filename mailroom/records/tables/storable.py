"""Makes words storable that no database takes as they are: PostgreSQL knows no NUL, and neither knows half a character.

They come in by the headers of mails, the fields of forms and the text layers of documents. A visible sign stands in
their place, so that nobody takes the words for whole; the original keeps the bytes themselves.
"""

from __future__ import annotations

import json
import re
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_STAND_IN = {"\x00": "\N{SYMBOL FOR NULL}"}


def storable(words: str) -> str:
    """Return the words with a visible sign for each character that cannot be stored."""
    return _UNSTORABLE.sub(_sign, words)


def storable_value(value: Any) -> Any:  # noqa: ANN401  # whatever JSON can hold
    """Return the value with all words in it made storable."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable_value(key): storable_value(one) for key, one in value.items()}
        case list() | tuple():
            return [storable_value(one) for one in value]
    return value


def dump_json(value: Any) -> str:  # noqa: ANN401
    """Return the value as JSON that every database takes; what needs no change is written once."""
    written = json.dumps(value)
    return json.dumps(storable_value(value)) if _ESCAPED.search(written) else written


def _sign(found: re.Match[str]) -> str:
    return _STAND_IN.get(found[0], "\N{REPLACEMENT CHARACTER}")
