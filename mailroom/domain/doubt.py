"""What is said of a message that a mailroom made of a backup does not send by itself. Pure.

Before: the mailroom was restored, and knows nothing of what it sent after the backup. After: a person who reads this
can look at the mail server, ask the sender, or write.
"""

from __future__ import annotations

IN_DOUBT = (
    "The mailroom was restored from a backup, and this may have been sent before by the one that was lost. It is not "
    "sent by itself: look into the log of the mail server, and write to the sender where nothing went out."
)
"""The reason that is shown with the message."""
