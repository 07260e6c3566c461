"""Ways to answer a sender: one file each. A new one is a file and a line in `BUILTIN`."""

BUILTIN: dict[str, str] = {
    "email": "mailroom.replies.email_reply:EmailReply",
    "letter": "mailroom.replies.letter_reply:LetterReply",
}
