"""What a mail server counts in a mailbox, held against the ledger: more there than here is astray, fewer is not.

Before: the channel has looked through a mailbox, and counted. After: `duties/reconcile.py` names what is astray.
What was taken in lies in the folder of what was taken, or still in the mailbox where it could not be moved. Whoever
tidies that folder leaves fewer there than were taken in; so what counts is how far the surplus has risen above the
lowest it ever was. It rises when somebody moves there what the mailroom has never seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TakenFolder:
    """The folder of what was taken, as its server tells.

    Attributes:
        validity: its UIDVALIDITY; another one means that it was made anew.
        messages: how many lie there.
    """

    validity: int
    messages: int


@dataclass(frozen=True, slots=True)
class MailboxCount:
    """What was counted at the end of the last look through a mailbox.

    Attributes:
        at: when.
        lying: messages in the mailbox.
        left: of them, those that lay there before and could not be taken in.
        taken: the folder of what was taken; None: there is none, or others move mail there, too.
        not_moved: messages in the mailbox that are on the ledger.
        accepted: messages of this mailbox on the ledger.
        lowest: the lowest surplus since the folder was made.
    """

    at: datetime
    lying: int
    left: int
    taken: TakenFolder | None
    not_moved: int
    accepted: int
    lowest: int = 0

    @property
    def surplus(self) -> int:
        """How many more lie at the server than the ledger has; below zero where some were deleted there."""
        return (self.taken.messages if self.taken else 0) + self.not_moved - self.accepted

    @property
    def astray(self) -> int:
        """How many lie in the folder of what was taken that the ledger does not know."""
        return self.surplus - self.lowest if self.taken else 0


def following(count: MailboxCount, before: MailboxCount | None) -> MailboxCount:
    """Return the new count with the lowest surplus in it.

    What could not be taken in may be on the ledger and not known to be: then the last whole count stands.
    """
    if count.left and before is not None:
        return replace(before, at=count.at, lying=count.lying, left=count.left)
    known = before is not None and before.taken and count.taken and before.taken.validity == count.taken.validity
    lowest = min(before.lowest, count.surplus) if before is not None and known else count.surplus
    return replace(count, lowest=lowest)


def faults_of(name: str, when: str, count: MailboxCount) -> Iterator[str]:
    """Yield a sentence for each thing that is astray: what, how many, and what to do."""
    if count.left:
        yield (
            f"in the mailbox {name} {count.left} of {count.lying} messages were not taken in {when}; they are tried "
            "again, and the log of the service says why"
        )
    if count.astray:
        yield (
            f"in the mailbox {name} the folder of what was taken held {count.astray} more messages {when} than were "
            "taken in; somebody moved them there. Find them with `mailroom reconcile --against`, and move them back "
            "into the mailbox, or out of that folder"
        )
