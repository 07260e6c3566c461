"""What can go wrong with kept bytes, told apart by whether trying again can help.

Every store and the vault raise these and nothing else of their own; whoever calls decides by `retry_helps`.
"""

from __future__ import annotations

from typing import ClassVar

from storage.damage import Damage


class StorageError(Exception):
    """Base of all errors of this workshop.

    Attributes:
        retry_helps: True where the same call may succeed later without anybody changing the call.
    """

    retry_helps: ClassVar[bool] = False


class StoreUnavailable(StorageError):
    """The disk or the service does not answer, or answered with a fault; a later try may succeed."""

    retry_helps = True


class StoreFull(StoreUnavailable):
    """There is no room; a later try succeeds once somebody has made some."""


class StoreRefused(StorageError):
    """The store may not be written or read by this account, or cannot do what is needed: an administrator acts."""


class BadKey(StorageError):
    """The key is not one that every store accepts."""


class KeyTaken(StorageError):
    """The key holds other bytes already, and objects are written once."""


class ObjectMissing(StorageError):
    """Nothing is kept under this key."""


class SourceChanged(StorageError):
    """The source does not have the promised digest: it changed between two readings. Nothing was kept."""

    retry_helps = True


class VaultBreach(StorageError):
    """An original is missing, or its bytes are not those that were kept.

    Args:
        sentence: what is wrong, for people.
        damage: the same for whoever mends it.
    """

    def __init__(self, sentence: str, damage: Damage) -> None:
        super().__init__(sentence)
        self.damage = damage
