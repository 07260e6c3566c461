"""The door, and the hot folders that deliver to it; the channels of mail stand in `mail.py`.

Before: the bundle is built. After: `run` starts the channels; commands and pages hand single files in.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from mailroom.bootstrap.places import make_folder, spool_of
from mailroom.channels.by_hand import hand_in
from mailroom.channels.folder import FolderChannel
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.incomplete import IncompleteFile
from mailroom.domain import ways
from mailroom.domain.capture import Channel, Deliver, Receipt
from mailroom.journey.receive import receive
from mailroom.records.incomplete import IncompleteRows
from mailroom.services import Services
from mailroom.settings import Folder, Settings


def door(services: Services) -> Deliver:
    """Return the door that channels deliver to."""
    return partial(receive, services=services)


def deliver_file(file: Path, channel: Channel, received_at: datetime | None, services: Services) -> Receipt:
    """Hand one file in; see `channels/by_hand.py`."""
    return hand_in(file, channel, received_at, door(services), spool_of(services))


def folder_channels(services: Services) -> list[FolderChannel]:
    """Return the hot folders of the settings, each ready to run; the folders are made where they are missing.

    Raises:
        Misconfigured: a folder cannot be made, or its pattern or figures make no sense.
    """
    board = _Board(IncompleteRows(services.records))
    return [
        FolderChannel(_folder_settings(name, folder, services.settings), door(services), spool_of(services), board)
        for name, folder in services.settings.folders.items()
    ]


def forget_gone_files(services: Services) -> None:
    """Show nothing any more for unfinished files that an earlier run of the service showed and that are gone by now."""
    for folder in services.settings.folders.values():
        IncompleteRows(services.records).clear_gone(services.settings.data / folder.path)


def _folder_settings(name: str, folder: Folder, settings: Settings) -> FolderSettings:
    path = settings.data / folder.path
    make_folder(path, "folders: path")
    return FolderSettings(
        path=path,
        channel=folder.channel,
        way=ways.folder(name),
        pattern=folder.pattern,
        quiet_seconds=settings.intake.quiet_seconds,
        poll_seconds=settings.intake.poll_seconds,
        incomplete_after=settings.intake.incomplete_after_seconds,
        accept_incomplete_after=settings.intake.accept_incomplete_after_seconds,
        use_events=settings.intake.use_events,
    )


class _Board:
    """Shows the folder channel's unfinished files in the records."""

    def __init__(self, rows: IncompleteRows) -> None:
        self._rows = rows

    def report(self, file: IncompleteFile) -> None:
        self._rows.show(file.path, file.channel, file.size, file.first_seen, file.last_change, file.sentence)

    def report_cleared(self, path: str) -> None:
        self._rows.clear(path)
