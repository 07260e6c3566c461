"""From a name in the configuration to the thing itself: the tree's own, or a package's from outside.

What is in the tree stands in the `BUILTIN` dict of its folder (`name -> "module:Class"`) and is imported only when it
is chosen; packages from outside register under the entry-point group of the same name, for instance `mailroom.crm`.
Both pass the contract suite of their Protocol.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar, cast

from mailroom.domain.errors import Misconfigured

_Thing = TypeVar("_Thing")


def find(kind: str, name: str, builtin: Mapping[str, str]) -> Any:  # noqa: ANN401  # the caller knows the Protocol
    """Return the class or function that goes by this name.

    Args:
        kind: entry-point group, for instance `mailroom.crm`.
        name: as it stands in the configuration.
        builtin: the tree's own.

    Raises:
        Misconfigured: nothing goes by this name.
    """
    if name in builtin:
        return load(builtin[name])
    for point in entry_points(group=kind, name=name):
        return point.load()
    known = sorted({*builtin, *(point.name for point in entry_points(group=kind))})
    raise Misconfigured(f"{kind}: there is no {name!r}; there are {', '.join(known)}")


def load(place: str) -> Any:  # noqa: ANN401  # the caller knows the Protocol
    """Return what stands at `module:name`."""
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def deferred(make: Callable[[], _Thing]) -> _Thing:
    """Return a stand-in that makes the thing when it is first used: a command pays only for what it needs."""
    return cast("_Thing", _Deferred(make))


def make_now(thing: object) -> None:
    """Make a deferred thing, so that what is wrong with it shows at the start; anything else is left as it is."""
    if isinstance(thing, _Deferred):
        thing.make()


class _Deferred(Generic[_Thing]):
    __slots__ = ("_lock", "_made", "_make")

    def __init__(self, make: Callable[[], _Thing]) -> None:
        self._make = make
        self._made: _Thing | None = None
        self._lock = threading.Lock()

    def make(self) -> _Thing:
        """Make it, once, however many threads ask."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # stands for any attribute of the thing
        return getattr(self.make(), name)
