"""Finding items by their words: one interface over FTS5 of SQLite and the text search of PostgreSQL.

Before: an item's words are known, and how sensitive it is. After: whoever may see it finds it by them. `indexing.py`
writes, in the commit that changes an item; `finding.py` beside this package asks, with the access rule inside each
question; `reindexing.py` makes the index anew.
"""

from mailroom.records.search.indexing import follow, index_item, index_of, index_text, withdraw_text

__all__ = ["follow", "index_item", "index_of", "index_text", "withdraw_text"]
