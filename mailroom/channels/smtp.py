"""Mail as the server in front of us hands it over: SMTP or LMTP, answered with yes only when it is ours to keep.

Before: a mail server (Postfix, or the council's gateway) has queued a message, and sees to what belongs in front: TLS
policy, SPF, DKIM, DMARC, greylisting, rates. After: the door has accepted the message. This is no server for the open
internet.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from asyncio import Protocol as Connection
from functools import partial
from typing import Any

from mailroom.channels.smtp_conversation import Conversation, LmtpConversation, TooManyClients, sign_in
from mailroom.channels.smtp_reception import Reception
from mailroom.channels.smtp_settings import Protocol, SmtpSettings
from mailroom.channels.spool import clear_leftovers

_SECONDS_TO_FINISH = 10
_PAUSE = 0.1


class SmtpChannel:
    """Listens for mail.

    Args:
        reception: who answers.
    """

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._settings: SmtpSettings = reception.settings
        self._conversations: set[Conversation] = set()
        self.port = self._settings.port
        """Where it listens, once it does."""

    def run(self, stop: threading.Event) -> None:
        """Take mail in until `stop` is set; what is being taken in then is finished first.

        Raises:
            OSError: the port is taken, or the certificate cannot be read.
        """
        clear_leftovers(self._reception.spool)
        asyncio.run(self._serve(stop))

    async def _serve(self, stop: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        options = self._options()
        server = await loop.create_server(partial(self._greet, options), self._settings.host, self._settings.port)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            await asyncio.to_thread(stop.wait)
            server.close()
            await self._finish()

    def _greet(self, options: dict[str, Any]) -> Connection:
        self._conversations = {one for one in self._conversations if one.transport is not None or not one.has_begun}
        if len(self._conversations) >= self._settings.most_clients:
            return TooManyClients()
        kind = LmtpConversation if self._settings.protocol is Protocol.LMTP else Conversation
        conversation = kind(self._reception, loop=asyncio.get_running_loop(), **options)
        self._conversations.add(conversation)
        return conversation

    def _options(self) -> dict[str, Any]:
        settings = self._settings
        tls = None
        if settings.certificate is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(settings.certificate, settings.key)
        return {
            "data_size_limit": settings.most_bytes,
            "enable_SMTPUTF8": True,
            "hostname": socket.gethostname(),  # aiosmtpd would ask the name server at each connection, and wait
            "ident": "Mailroom",
            "tls_context": tls,
            "require_starttls": settings.require_tls,
            "timeout": settings.idle_seconds,
            "auth_required": bool(settings.user),
            "authenticator": partial(sign_in, settings.user, settings.password),
        }

    async def _finish(self) -> None:
        """Let messages whose end has come be answered: their servers would send them again otherwise."""
        for _ in range(round(_SECONDS_TO_FINISH / _PAUSE)):
            if not any(one.is_answering for one in self._conversations):
                return
            await asyncio.sleep(_PAUSE)
