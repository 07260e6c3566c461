"""Python imports this at the start of each process that has this folder on its path: it dies at the point named.

The points lie between the first byte of a message and the answer that it is ours, or its being moved away; `MAIL_KILL`
names one.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def die(*_: object) -> None:
    """Be gone, as by a power cut: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: type, name: str) -> None:
    """Die when this is called."""
    setattr(owner, name, die)


def after(owner: type, name: str, is_meant: Callable[[Any], bool] = lambda _found: True) -> None:
    """Die when this has done its work."""
    work = getattr(owner, name)

    def then_die(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # whatever it takes and gives
        found = work(*given, **named)
        if is_meant(found):
            die()
        return found

    setattr(owner, name, then_die)


if "mailroom.sandbox.zygote" not in sys.orig_argv and "MAIL_KILL" in os.environ:
    from mailroom.channels.imap import ImapChannel
    from mailroom.channels.imap_mailbox import Mailbox
    from mailroom.channels.smtp_body import MessageBody
    from mailroom.channels.smtp_conversation import Conversation
    from mailroom.channels.smtp_reception import Reception
    from mailroom.records.mailbox_messages import MailboxMessages
    from mailroom.records.session_log import SessionLog
    from storage.vault import Vault

    {
        "while it comes in": lambda: after(MessageBody, "feed", lambda rest: rest is None),
        "all of it has come": lambda: before(MessageBody, "keep"),
        "it is in the spool": lambda: after(MessageBody, "keep"),
        "it is in the vault": lambda: after(Vault, "keep"),
        "it is on the ledger": lambda: after(Reception, "_accept"),
        "the answer is written down": lambda: after(SessionLog, "note"),
        "the answer is to be given": lambda: before(Conversation, "_answer"),
        "it is being copied": lambda: after(Mailbox, "_pieces"),
        "it is copied": lambda: after(Mailbox, "copy"),
        "its copy is remembered": lambda: after(MailboxMessages, "source_of"),
        "its move is to be written down": lambda: before(SessionLog, "note"),
        "it is known to be taken": lambda: after(MailboxMessages, "note_taken"),
        "it is to be moved": lambda: before(ImapChannel, "_put_away"),
        "it is moved": lambda: after(Mailbox, "put_away"),
    }[os.environ["MAIL_KILL"]]()
