"""The data keys of all that is kept, wrapped, in the records: made before an object is put, asked for as it is read.

Before: `bootstrap` has read the master keys. After: an encrypting store (`storage/encrypted.py`) can put and read; and
whoever rotates master keys finds here what is still wrapped by another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailroom.domain.errors import Misconfigured
from mailroom.records.session import Records
from mailroom.records.tables import DataKeyRow, MasterKeyRow, table_of
from storage.data_keys import DataKey, MasterKeys
from storage.sealing import new_key

WITHOUT_KEYS = "Without its keys nothing that is encrypted can be read: bring it back from where its copy is kept"
_INSERT = insert(table_of(DataKeyRow))
_INSERT_MASTER = insert(table_of(MasterKeyRow))
_ROW = select(DataKeyRow.key, DataKeyRow.wrapped, DataKeyRow.size, MasterKeyRow.name).join(MasterKeyRow)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it stands on record.

    Attributes:
        key: of the object.
        wrapped: the data key, sealed for a master key.
        size: of the object, in plain bytes.
        master: the name of that master key.
    """

    key: str
    wrapped: bytes
    size: int
    master: str


class KeysOnRecord:
    """Data keys in the records; see `storage.data_keys.DataKeys`.

    Args:
        records: the database.
        masters: what wraps them.
        now: the time of day.
    """

    def __init__(self, records: Records, masters: MasterKeys, now: Callable[[], datetime]) -> None:
        self._records = records
        self._masters = masters
        self._now = now

    def find(self, key: str) -> DataKey | None:
        """See `DataKeys.find`."""
        with self._records.look() as session:
            row = session.execute(_ROW.where(DataKeyRow.key == key)).first()
        return None if row is None else DataKey(self._masters.unwrap(row.wrapped, row.name), row.size)

    def make(self, key: str, size: int) -> DataKey:
        """See `DataKeys.make`: in a unit of work of its own."""
        secret = new_key()
        master, wrapped = self._masters.wrap(secret)
        try:
            self._in_one_commit(partial(put_down, wrapped=[Wrapped(key, wrapped, size, master)], now=self._now()))
        except IntegrityError:
            return self.find(key) or self.make(key, size)  # somebody else has put down this one, or the master key
        return DataKey(secret, size)

    def resize(self, key: str, size: int) -> None:
        """See `DataKeys.resize`."""
        changed = update(DataKeyRow).where(DataKeyRow.key == key).values(size=size)
        self._in_one_commit(lambda session: session.execute(changed))

    def sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        """See `DataKeys.sizes`."""
        asked = select(DataKeyRow.key, DataKeyRow.size).where(DataKeyRow.key.in_(list(keys)))
        with self._records.look() as session:
            return {row.key: row.size for row in session.execute(asked)}

    def _in_one_commit(self, act: Callable[[Session], object]) -> None:
        with self._records.work() as session:
            act(session)
            session.commit()


def put_down(session: Session, wrapped: Iterable[Wrapped], now: datetime) -> None:
    """Put down data keys of objects that have none."""
    for one in wrapped:
        row = {"key": one.key, "wrapped": one.wrapped, "size": one.size}
        session.connection().execute(_INSERT, {**row, "master_id": _id_of(session, one.master, now)})


def wrapped_otherwise(session: Session, master: str, after: str, most: int) -> Sequence[Wrapped]:
    """Return the next data keys in the order of their objects' keys that another master key than this one wraps."""
    rows = _ROW.where(MasterKeyRow.name != master, DataKeyRow.key > after).order_by(DataKeyRow.key).limit(most)
    return [Wrapped(row.key, row.wrapped, row.size, row.name) for row in session.execute(rows)]


def rewrap(session: Session, before: Wrapped, wrapped: bytes, master: str, now: datetime) -> None:
    """Put down that another master key wraps a data key now, unless somebody has changed it meanwhile."""
    same = update(DataKeyRow).where(DataKeyRow.key == before.key, DataKeyRow.wrapped == before.wrapped)
    session.execute(same.values(wrapped=wrapped, master_id=_id_of(session, master, now)))


def masters_in_use(session: Session) -> Sequence[str]:
    """Return the names of the master keys without which something cannot be read."""
    used = exists().where(DataKeyRow.master_id == MasterKeyRow.id)
    return session.scalars(select(MasterKeyRow.name).where(used).order_by(MasterKeyRow.id)).all()


def refuse_without(used: Sequence[str], masters: MasterKeys | None) -> None:
    """Return where all master keys are at hand by which something is encrypted.

    Raises:
        Misconfigured: one is not.
    """
    known = masters.names if masters else []
    lacking = ", ".join(name for name in used if name not in known)
    if lacking:
        told = f"encryption.key_file: what is kept was encrypted by the master key {lacking}, which is not at hand."
        raise Misconfigured(f"{told} {WITHOUT_KEYS}.")


def count_by_master(session: Session) -> Mapping[str, int]:
    """Return how many data keys each master key wraps."""
    counted = select(MasterKeyRow.name, func.count().label("number")).join(DataKeyRow).group_by(MasterKeyRow.name)
    return {row.name: row.number for row in session.execute(counted)}


def all_wrapped(session: Session) -> Iterable[Wrapped]:
    """Yield every data key."""
    for row in session.execute(_ROW.order_by(DataKeyRow.key)).yield_per(1000):
        yield Wrapped(row.key, row.wrapped, row.size, row.name)


def _id_of(session: Session, master: str, now: datetime) -> int:
    asked = select(MasterKeyRow.id).where(MasterKeyRow.name == master)
    found = session.scalar(asked)
    if found is None:
        session.connection().execute(_INSERT_MASTER, {"name": master, "first_used_at": now})
        found = session.scalars(asked).one()
    return found
