"""Keeps what searches stand on: goes on with an index that is being made, and counts the words of new texts.

A migration leaves the texts of before without an index of their words; this makes it in the background, a few seconds
at a time, while everybody works. `mailroom reindex` does the same at once.
"""

from __future__ import annotations

from mailroom.records.reindexing import go_on
from mailroom.records.word_counts import count_new_texts
from mailroom.services import Services

_SECONDS = 5.0
"""A duty that went on for longer would keep a worker from stopping."""


def keep_search_index(services: Services) -> None:
    """Take the index some steps on, where one is being made, and bring the vocabulary up to date."""
    for _ in go_on(services.records, seconds=_SECONDS):
        pass
    count_new_texts(services.records)
