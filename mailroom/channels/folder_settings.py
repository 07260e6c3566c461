"""How one hot folder is watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from mailroom.channels.folder_layout import check_pattern
from mailroom.domain.capture import Channel
from mailroom.domain.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """The settings of one hot folder.

    Attributes:
        path: the folder; accepted files move to its subfolder `taken`.
        channel: the way in that its items count for.
        pattern: what the names of subfolders say, outermost first, for instance `{date}/{team}`; see `folder_layout`.
        quiet_seconds: how long size and time of a file must not have changed before it is looked into.
        poll_seconds: the longest pause between two looks; network shares send no events.
        incomplete_after: seconds after which a file that cannot be taken in is shown to the post room.
        accept_incomplete_after: seconds of quiet after which an unfinished file is taken in as it is.
        use_events: whether to be woken by the file system as well.
        retry_seconds: pause after a first failure; doubled at each further one.
        longest_retry_seconds: where the doubling ends.
        way: what the folder is called on the ledger.

    Raises:
        Misconfigured: a figure or the pattern makes no sense.
    """

    path: Path
    channel: Channel = Channel.POST
    pattern: str = ""
    quiet_seconds: float = 5.0
    poll_seconds: float = 10.0
    incomplete_after: float = 600.0
    accept_incomplete_after: float = 7200.0
    use_events: bool = True
    retry_seconds: float = 5.0
    longest_retry_seconds: float = 300.0
    way: str = ""

    def __post_init__(self) -> None:
        """Check what can be checked without looking at the disk."""
        check_pattern(self.pattern)
        if min(self.quiet_seconds, self.poll_seconds, self.retry_seconds) <= 0:
            raise Misconfigured("quiet_seconds, poll_seconds and retry_seconds of a folder must be above 0.")
        if self.accept_incomplete_after < self.incomplete_after:
            raise Misconfigured("accept_incomplete_after must not be below incomplete_after: first shown, then taken.")

    def pause_after(self, failures: int) -> timedelta:
        """Return how long to wait after this many failures in a row (1 or more)."""
        doublings = min(failures - 1, 30)
        return timedelta(seconds=min(self.retry_seconds * 2**doublings, self.longest_retry_seconds))
