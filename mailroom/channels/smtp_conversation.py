"""One client's conversation: aiosmtpd's, but for the data of a message, which go to disk as they come.

Before: `smtp.py` has accepted a connection. After: `smtp_reception.py` is asked for each answer. aiosmtpd collects a
whole message in memory, line by line; here a block of the wire is taken at once, and nothing but it is held.
"""

from __future__ import annotations

import asyncio
import re
import socket
from hmac import compare_digest
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from mailroom.channels.smtp_body import MessageBody
from mailroom.channels.smtp_reception import NO_ROOM, Reception

_FAR_BEYOND = 4
"""So many times the largest size, and a message that was already refused is not even listened to any more."""

_SIZE = re.compile(r"\bSIZE=(\d{1,18})\b", re.IGNORECASE)


class Conversation(SMTP):
    """Speaks SMTP (RFC 5321) with one client.

    Args:
        reception: who answers.
        options: of aiosmtpd's own conversation.
    """

    def __init__(self, reception: Reception, **options: Any) -> None:  # noqa: ANN401  # the library's own options
        super().__init__(reception, **options)
        self._reception = reception
        self._body: MessageBody | None = None
        self._ended: asyncio.Future[None] | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the connection has been made, and may have been lost since."""
        return self.session is not None

    @property
    def is_answering(self) -> bool:
        """Whether a whole message has come that is not answered yet."""
        return self._ended is not None and self._ended.done()

    def data_received(self, data: bytes) -> None:
        """Take what comes off the wire: to the spool while a message is being sent, else as commands."""
        rest: bytes | None = data
        if self._body is not None and self._ended is not None and not self._ended.done():
            self._reset_timeout()
            rest = self._body.feed(data)
            if rest is not None:
                self._ended.set_result(None)
            else:
                self._hear_on(self._body)
        if rest:
            super().data_received(rest)

    def _hear_on(self, body: MessageBody) -> None:
        """Have the client send what is left: it may hold back the end of a message until we have what came before."""
        if self.transport is None:
            return
        if body.size > _FAR_BEYOND * self._reception.settings.most_bytes:
            self.transport.close()
        else:
            wire = self.transport.get_extra_info("socket")
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # the kernel would keep it for up to 40 ms

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd's own name
        """Begin a message; one that is said to be too large is refused at once, and put on the ledger."""
        said = _SIZE.search(arg or "")
        most = self._reception.settings.most_bytes
        if said and int(said[1]) > most and self._may_begin():
            sender = (arg or "").partition("<")[2].partition(">")[0]
            await self.push(await self._reception.refuse_announced(int(said[1]), sender, self._client))
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Read a message and answer for it."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 5.5.1 Say first whom it is for (RCPT).")
        elif arg:
            await self.push("501 5.5.4 DATA stands alone.")
        elif self._reader._buffer:  # type: ignore[attr-defined]  # noqa: SLF001  # asyncio has no other way to ask
            await self.push("503 5.5.1 Nothing may follow on DATA before it is answered (RFC 2920).")
        else:
            await self._take(envelope)

    async def _take(self, envelope: Envelope) -> None:
        try:
            body = self._reception.body()
        except OSError:
            await self.push(NO_ROOM)
            return
        try:
            await self._hear(body)
            await self._answer(await self._reception.answer(body, envelope, self._client), envelope)
        finally:
            self._body = self._ended = None
            body.drop()
            self.envelope = self._create_envelope()

    async def _hear(self, body: MessageBody) -> None:
        self._body, self._ended = body, asyncio.get_running_loop().create_future()
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._ended

    async def _answer(self, answer: str, _envelope: Envelope) -> None:
        await self.push(answer)

    def _may_begin(self) -> bool:
        if self.session is None or self.envelope is None:
            return False
        signed_in = not self._auth_required or self.session.authenticated
        return bool(self.session.host_name and not self.envelope.mail_from and signed_in)

    @property
    def _client(self) -> str:
        peer = self.transport.get_extra_info("peername") if self.transport else None
        return str(peer[0]) if peer else ""


class LmtpConversation(Conversation, LMTP):
    """Speaks LMTP (RFC 2033): after a message there is an answer for each recipient."""

    async def _answer(self, answer: str, envelope: Envelope) -> None:
        for _ in envelope.rcpt_tos:
            await self.push(answer)


class TooManyClients(asyncio.Protocol):
    """Asks a client to come again."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so, and hang up."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many are served already. Come again later.\r\n")
        transport.close()


def sign_in(user: str, password: str, *asked: Any) -> AuthResult:  # noqa: ANN401  # the library's own arguments
    """Return whether these are the user and password that were agreed with the server in front.

    Args:
        user: agreed.
        password: agreed.
        asked: server, session, envelope, mechanism, and what was told, as aiosmtpd gives them.
    """
    told = asked[-1]
    ours = isinstance(told, LoginPassword) and all(
        [compare_digest(told.login, user.encode()), compare_digest(told.password, password.encode())]
    )
    return AuthResult(success=ours, handled=False)
