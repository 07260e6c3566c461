"""What people name at the desk: a case type or a team, and which keys they may have meant by a wrong one.

Before: somebody has typed a key or a name. After: a use case works with the service or team, or the refusal offers
those nearest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process

from mailroom.desk.acting import Refused
from mailroom.domain.catalogue import UNSORTED, Service, Team
from mailroom.services import Services

_LIKE = 60.0
"""From this likeness on (0 to 100) a key or title is offered; below it nobody can have meant it."""

_WORSE = 12.0
"""What is less like than the best by more than this would only distract from it."""

_MOST_NEAR = 3
_SHORT = 4
"""A key of so few letters is compared whole: its letters stand somewhere in any title."""


def service_named(case_type: str, services: Services) -> Service:
    """Return the service that a person chose.

    Raises:
        Refused: there is none of that name, or it is the one for what nobody has sorted; the sentence offers near ones.
    """
    types = _to_choose_from(services)
    titles = {key: service.title for key, service in types.items()}
    key = key_meant(case_type, titles)
    if key is None:
        near = nearest(case_type, titles)
        raise Refused(f"There is no case type {case_type!r} to choose.{near} `mailroom types` lists them all.")
    return types[key]


def team_named(written: str, services: Services) -> Team:
    """Return the team that a person named.

    Raises:
        Refused: there is none of that key or name; the sentence offers near ones.
    """
    teams = services.catalogue.teams
    names = {known: team.name for known, team in teams.items()}
    key = key_meant(written, names)
    if key is None:
        near = nearest(written, names)
        raise Refused(f"There is no team {written!r}.{near} `mailroom types` names the team of every case type.")
    return teams[key]


def key_meant(written: str, known: Mapping[str, str]) -> str | None:
    """Return the key that somebody wrote, or the only one whose name they wrote, in capitals or not; pure.

    Args:
        written: what was typed.
        known: name of each key.
    """
    plain = written.strip().casefold()
    if plain in known:
        return plain
    called = [key for key, name in known.items() if name.casefold() == plain]
    return called[0] if len(called) == 1 else None


def case_types(words: Sequence[str], services: Services) -> list[dict[str, Any]]:
    """Return the case types to choose from in whose key, title, everyday words or team all words stand, by title."""
    lines = [
        {
            "key": service.key,
            "title": service.title,
            "team": service.team,
            "team_name": services.catalogue.teams[service.team].name,
            "sensitivity": service.sensitivity,
            "also": service.also,
        }
        for service in _to_choose_from(services).values()
    ]
    wanted = [word.casefold() for phrase in words for word in phrase.split()]
    found = [line for line in lines if all(word in _words_of_type(line) for word in wanted)]
    return sorted(found, key=lambda line: line["title"])


def nearest(written: str, known: Mapping[str, str]) -> str:
    """Return the keys that somebody who wrote this may have meant, as a sentence after a space; empty where none is.

    Args:
        written: what was typed: a key with a slip, or words of a title.
        known: title of each key.
    """
    likeness: dict[str, float] = {}
    scorer = fuzz.WRatio if len(_plain(written)) > _SHORT else fuzz.ratio
    for names in ({key: key for key in known}, known):
        for _, score, key in process.extract(
            written, names, scorer=scorer, processor=_plain, score_cutoff=_LIKE, limit=None
        ):
            likeness[key] = max(score, likeness.get(key, 0))
    enough = max(likeness.values(), default=0) - _WORSE
    best = sorted((key for key in likeness if likeness[key] >= enough), key=lambda key: -likeness[key])[:_MOST_NEAR]
    return f" Nearest: {', '.join(f'{key} ({known[key]})' for key in best)}." if best else ""


def _to_choose_from(services: Services) -> dict[str, Service]:
    return {key: service for key, service in services.catalogue.services.items() if key != UNSORTED}


def _words_of_type(line: Mapping[str, str]) -> str:
    return " ".join(line[name] for name in ("key", "title", "also", "team", "team_name")).casefold()


def _plain(text: str) -> str:
    return text.replace("_", " ").casefold().strip()
