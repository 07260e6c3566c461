"""What the addresses say that a message was sent to: whether they are ours at all, and which team they hint at.

Before: a server or a mailbox knows the addresses of the envelope. After: the capture carries the hint; it is never more
than that, for people write to any address that they find.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from mailroom.domain.capture import Hints

_NOTHING = Hints()


@dataclass(frozen=True, slots=True)
class MailRoutes:
    """How addresses are read.

    Attributes:
        domains: of our addresses, in small letters; empty: whatever reaches us is taken for ours.
        mailboxes: what the address of a mailbox hints at, by address in small letters.
        tag_sign: what parts a mailbox from a tag (RFC 5233), as in `post+planning@`; empty: there are no tags.
        teams: keys of teams; a tag that is one of them is a hint.
    """

    domains: AbstractSet[str] = frozenset()
    mailboxes: Mapping[str, Hints] = field(default_factory=dict)
    tag_sign: str = "+"
    teams: AbstractSet[str] = frozenset()

    def is_ours(self, address: str) -> bool:
        """Return whether mail to this address is taken in."""
        return not self.domains or address.rpartition("@")[2].casefold() in self.domains

    def hints_of(self, addresses: Iterable[str]) -> Hints:
        """Return what the addresses hint at; nothing where they hint at different things."""
        found = {hints for address in addresses if (hints := self._hint_of(address)) != _NOTHING}
        return found.pop() if len(found) == 1 else _NOTHING

    def mailbox_of(self, addresses: Iterable[str]) -> str:
        """Return the first mailbox of ours that the addresses name; empty where they name none that we know."""
        return next((mailbox for address in addresses if (mailbox := self._mailbox_of(address))), "")

    def _hint_of(self, address: str) -> Hints:
        _, tag, _ = self._parts_of(address)
        return Hints(team=tag) if tag in self.teams else self.mailboxes.get(self._mailbox_of(address), _NOTHING)

    def _mailbox_of(self, address: str) -> str:
        name, _, domain = self._parts_of(address)
        written = (address.casefold(), f"{name}@{domain}")
        return next((mailbox for mailbox in written if mailbox in self.mailboxes), "")

    def _parts_of(self, address: str) -> tuple[str, str, str]:
        """Return the name of the mailbox, the tag and the domain."""
        local, _, domain = address.casefold().rpartition("@")
        name, _, tag = local.partition(self.tag_sign) if self.tag_sign else (local, "", "")
        return name, tag, domain
