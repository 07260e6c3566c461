"""What somebody had entered when their sitting ended: carried through the sign-in page, sent on when they say so.

Only whoever had filled it in is shown it again. Nothing of it is stored here; it goes to the browser and comes back.
The secret of the ended sitting is left behind, and so are passwords, and files, which a browser never hands out twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData

from mailroom.web.signed_in import CSRF

_NEVER = ("/password", "/me", "/sign-", "/stay")
FIELDS = ("kept_path", "kept_fields", "kept_for")
"""Names of the hidden fields that carry it."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that could not be sent.

    Attributes:
        path: where it was meant to go.
        fields: name and value of each field, in order.
        owner: id of the account that had filled it in.
    """

    path: str
    fields: tuple[tuple[str, str], ...]
    owner: str

    @property
    def encoded(self) -> str:
        """The fields in one line."""
        return urlencode(self.fields)


def may_be_kept(path: str) -> bool:
    """Return whether a form that was meant to go there is kept: passwords are not, nor is a wish to sign out."""
    return not path.startswith(_NEVER)


def keep(path: str, form: FormData, owner: str) -> KeptForm:
    """Return what is to be kept of a form."""
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != CSRF]
    return KeptForm(path, tuple(fields), owner)


def kept_in(form: Mapping[str, Any]) -> KeptForm | None:
    """Return what a sign-in form carries, or None."""
    path, encoded, owner = (str(form.get(name) or "") for name in FIELDS)
    kept = KeptForm(path, tuple(parse_qsl(encoded, keep_blank_values=True)), owner)
    return kept if is_ours(path) and may_be_kept(path) else None


def is_ours(path: str) -> bool:
    """Return whether the path leads to a page of ours and nowhere else."""
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
