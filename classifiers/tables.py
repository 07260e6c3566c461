"""Reading parsed configuration: each function answers with the value or with a `ValueError` that names the key.

Before: somebody has parsed a file. After: `rulebook`, `references` and `fields` build their values from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping


def table_at(table: Mapping[str, object], key: str, where: str = "") -> Mapping[str, object]:
    """Return the table under a key.

    Raises:
        ValueError: it is missing or no table.
    """
    match table.get(key):
        case Mapping() as value:
            return value
        case _:
            raise ValueError(f"{_path(where, key)} is missing or not a table")


def strings_at(table: Mapping[str, object], key: str, where: str = "") -> list[str]:
    """Return the list of strings under a key.

    Raises:
        ValueError: it is missing or no list of strings.
    """
    match table.get(key):
        case list() as value if all(isinstance(one, str) for one in value):
            return value
        case _:
            raise ValueError(f"{_path(where, key)} is missing or not a list of strings")


def figure_at(table: Mapping[str, object], key: str, where: str = "") -> float:
    """Return the number under a key.

    Raises:
        ValueError: it is missing or no number.
    """
    match table.get(key):
        case bool():
            raise ValueError(f"{_path(where, key)} is not a number")
        case int() | float() as value:
            return float(value)
        case _:
            raise ValueError(f"{_path(where, key)} is missing or not a number")


def share_at(table: Mapping[str, object], key: str, where: str = "") -> float:
    """Return the number between 0 and 1 under a key.

    Raises:
        ValueError: it is missing, no number, or not between 0 and 1.
    """
    value = figure_at(table, key, where)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{_path(where, key)} is {value}, not between 0 and 1")
    return value


def refuse_unknown(table: Mapping[str, object], known: Collection[str], where: str) -> None:
    """Check that a table has no key but these: a misspelt key must not pass for a setting.

    Raises:
        ValueError: it has another.
    """
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ValueError(f"{_path(where, unknown[0])} is not known; known are {', '.join(known)}")


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
