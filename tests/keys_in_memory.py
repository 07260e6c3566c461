"""Data keys in memory, for encrypting stores by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from storage.data_keys import DataKey
from storage.sealing import new_key


@dataclass
class KeysInMemory:
    """Keeps data keys; `at_make` is called before one is made."""

    known: dict[str, DataKey] = field(default_factory=dict)
    at_make: Callable[[], None] = lambda: None

    def find(self, key: str) -> DataKey | None:
        return self.known.get(key)

    def make(self, key: str, size: int) -> DataKey:
        self.at_make()
        return self.known.setdefault(key, DataKey(new_key(), size))

    def resize(self, key: str, size: int) -> None:
        self.known[key] = replace(self.known[key], size=size)

    def sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        return {key: self.known[key].size for key in keys if key in self.known}
