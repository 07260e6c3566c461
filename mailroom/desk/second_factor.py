"""The second factor of an account (RFC 6238): set up by its owner, proved once before it counts.

Before: somebody wants more than a password. After: `signing_in.py` asks for the code of their app as well. A lost one
is taken away by an administrator's `reset`.
"""

from __future__ import annotations

import re
from io import BytesIO

import pyotp
import segno

from mailroom.desk.acting import refuse_unless
from mailroom.desk.signing_in import Person, password_fits, step_of
from mailroom.records.accounts import note_account
from mailroom.records.tables import Account
from mailroom.services import Services

_SECRET = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """Return a secret that counts for nothing until it is proved."""
    return pyotp.random_base32()


def as_picture(secret: str, person: Person, services: Services) -> bytes:
    """Return the secret as a QR code (SVG) that an app reads."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=person.viewer.name, issuer_name=services.settings.council.name)
    picture = BytesIO()
    segno.make(uri).save(picture, kind="svg", scale=5)
    return picture.getvalue()


def set_up(secret: str, code: str, password: str, person: Person, services: Services) -> None:
    """Have sign-ins ask for the code from now on.

    Raises:
        Refused: the password is wrong, or the code is not the secret's of now, so the app and we would not agree.
    """
    refuse_unless(_SECRET.fullmatch(secret) is not None, "That key is none of ours. Begin again.")
    refuse_unless(password_fits(person.account, password, services), "The password is wrong.")
    fits = pyotp.TOTP(secret).verify(code.replace(" ", ""), for_time=services.now(), valid_window=1)
    refuse_unless(fits, "That is not the code of now. Wait for the next one and check the clock of your device.")
    with services.records.work() as session:
        account = session.get_one(Account, person.account, with_for_update=True)
        account.second_factor, account.second_factor_step = secret, step_of(services.now())
        note_account(session, account, "second_factor_set_up", actor=account.name, at=services.now())
        session.commit()
