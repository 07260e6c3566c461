"""Days as people read them in our letters and messages: one form, in English or Welsh; plain Python.

Before: a moment. After: `journey/wording.py` fills the texts of `config/replies/`, and `replies/letter_reply.py` dates
a letter.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "cy": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr",
}


def day_in_words(moment: datetime, language: str) -> str:
    """Return the London day of a moment as people write it, for instance `Monday 23 November 2026`.

    In Welsh without the day of the week, whose first letter would change after some of the words before it.
    """
    local = moment.astimezone(_LONDON)
    day = f"{local.day} {_MONTHS[language].split()[local.month - 1]} {local.year}"
    return day if language == "cy" else f"{_DAYS.split()[local.weekday()]} {day}"
