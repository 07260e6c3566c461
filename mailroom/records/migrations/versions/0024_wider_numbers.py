"""Room for more than a million items a year: the number of an item has seven digits after those of its year.

The index of words lies by these numbers, so it is made anew afterwards, little by little, as after migration 0021.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"

_INDEXES = [f"search_words_{shelf}_{audience}" for shelf in "ab" for audience in ("open", "limited")]
_DAY = {"sqlite": "date(received_at)", "postgresql": "(received_at AT TIME ZONE 'UTC')::date"}
_CLEAR = {"sqlite": "INSERT INTO {index} ({index}) VALUES ('delete-all')", "postgresql": "TRUNCATE {index}"}
_BEYOND_ALL = 1_000_000_000


def upgrade() -> None:
    database = op.get_bind().dialect.name
    for table in ("item", "search_text", "search_uncounted"):
        _widen(table)
    _note_days(database)
    for index in _INDEXES:
        op.execute(_CLEAR[database].format(index=index))
    op.execute("DELETE FROM search_word")
    op.execute(
        "UPDATE search_state SET shelf = 'a', filling = CASE WHEN EXISTS (SELECT 1 FROM search_text) THEN 'a' END, "  # noqa: S608  # our own words
        f"reached = {_BEYOND_ALL}"
    )


def _widen(table: str) -> None:
    """Those of 2010 and later make room first: 2002 comes to lie where 2020 lay."""
    for years in ("BETWEEN 10000000 AND 99999999", "< 10000000"):
        wider = "number / 1000000 * 10000000 + number % 1000000"
        op.execute(f"UPDATE {table} SET number = {wider} WHERE number {years}")  # noqa: S608  # our own words


def _note_days(database: str) -> None:
    day = _DAY[database]
    op.execute("DELETE FROM search_day")
    blocks = f"SELECT {day}, min(number) / 1000, max(number) / 1000 FROM item"  # noqa: S608  # our own words
    op.execute(f"INSERT INTO search_day (day, lowest, highest) {blocks} WHERE number IS NOT NULL GROUP BY {day}")
