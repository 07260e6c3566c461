"""What the mail server in front found out about where a mail came from: SPF, DKIM and DMARC (RFC 8601).

Before: `read_message` has a parsed mail. After: the results stand in its head, for people to see. Nothing depends on
them. Only what the configured server wrote counts: its fields stand above the first line of a server that is not ours,
and what stands below came with the mail.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from email.message import Message

from mailroom.sandbox.tasks.mail_trace import is_by, trace_fields

_RESULTS = "pass|fail|softfail|neutral|none|policy|temperror|permerror"
_SAID = re.compile(rf"\s*(spf|dkim|dmarc)\s*(?:/\s*1\s*)?=\s*({_RESULTS})(?![\w-])", re.IGNORECASE)
_VERSIONS: tuple[list[str], ...] = ([], ["1"])


def authentication(message: Message, server: str, own: Collection[str]) -> dict[str, str]:
    """Return the results by method (`spf`, `dkim`, `dmarc`), each one of the words of RFC 8601 section 2.7.

    Args:
        message: the mail.
        server: the name that the server in front gives itself (authserv-id); empty: nobody is believed.
        own: names of our servers, as `mail_trace.is_by` takes them.
    """
    found: dict[str, str] = {}
    if not server:
        return found
    for name, value in trace_fields(message, "received", "authentication-results"):
        if name == "received" and (found or not is_by(value, {*own, server.casefold()})):
            break
        if name == "authentication-results":
            for method, result in _results(value, server):
                # A mail may be signed by several, of whom one is enough; of other results the first counts.
                if method not in found or (method == "dkim" and result == "pass"):
                    found[method] = result
    return found


def _results(value: str, server: str) -> list[tuple[str, str]]:
    """Return the results in one field, none where another server wrote it; pure."""
    by, *said = value.split(";")
    name, *version = by.split() or [""]
    if name.casefold() != server.casefold() or version not in _VERSIONS:
        return []
    matches = [_SAID.match(one) for one in said]
    return [(match[1].lower(), match[2].lower()) for match in matches if match]
