"""What backups are taken of and restored to, as settings and environment say.

Before: the settings are read. After: `mailroom/backup/` works on the records, the store and the key that they name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mailroom import plugins
from mailroom.backup.data_keys import DATA_KEYS, keys_of
from mailroom.backup.put_down import PutDown
from mailroom.backup.records_copy import RecordsCopy, SqliteCopy
from mailroom.backup.restore import Place
from mailroom.bootstrap.database import admin_url, prepare_engine, service_url
from mailroom.bootstrap.encryption import master_keys
from mailroom.bootstrap.places import make_folders, mark_of_restore
from mailroom.bootstrap.stores import first_store
from mailroom.ports import Signer
from mailroom.settings import Settings
from storage.vault import Vault


def records_copy(settings: Settings) -> RecordsCopy:
    """Return how the records are copied: by the role that owns them, where the environment names one."""
    url = admin_url(settings) or service_url(settings)
    if url.startswith("sqlite"):
        return SqliteCopy(url)
    made: RecordsCopy = plugins.load("mailroom.backup.postgresql:PostgresqlCopy")(url)
    return made


def place_to_restore_to(settings: Settings, backup: Path) -> Place:
    """Return where a mailroom is to be made of this backup; its folders are made where they are missing.

    Raises:
        Misconfigured: a folder cannot be made, a setting is wrong, or the master key of the backup is not at hand.
    """
    make_folders(settings)
    put_down = PutDown()
    keys = keys_of(backup, settings.data / f"restoring-{DATA_KEYS}", master_keys(settings))
    return Place(
        data=settings.data,
        mark=mark_of_restore(settings),
        objects_here=settings.parts.store == "local",
        vault=Vault(first_store(settings, keys), register=put_down),
        keys=keys,
        put_down=put_down,
        copy=records_copy(settings),
        signer=_signer_there(settings),
        prepare_engine=prepare_engine,
        now=lambda: datetime.now(UTC),
    )


def _signer_there(settings: Settings) -> Signer | None:
    """Return what signs heads where its key is there; none is made in the place of one that is kept elsewhere."""
    named = settings.custody.key_file
    file = Path(named) if named else settings.data / "custody.pem"
    found: Signer | None = plugins.load("mailroom.bootstrap.signing:signer_in")(file)
    return found
