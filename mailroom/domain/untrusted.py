"""What to do about a server whose certificate is not to be trusted: one sentence, whichever setting names the server.

Before: a way was to be encrypted, and the server has shown a certificate that nobody we trust vouches for. After:
whoever runs the mailroom knows which setting to correct, or whom to call.
"""

from __future__ import annotations

import ssl

_OTHER_NAME, _EXPIRED = frozenset({62, 64}), 10
"""Codes of OpenSSL for a certificate of another host or address, and for one whose time is over."""


def why_untrusted(fault: ssl.SSLCertVerificationError, host_key: str, authority_key: str) -> str:
    """Return why it is not to be trusted and what to do.

    Args:
        fault: what was found when it was held against the authorities.
        host_key: the setting that names the server.
        authority_key: the setting that names a file with those who vouch for it.
    """
    if fault.verify_code in _OTHER_NAME:
        advice = f"set {host_key} to a name that stands in it"
    elif fault.verify_code == _EXPIRED:
        advice = "whoever runs the server must renew it"
    else:
        advice = f"set {authority_key} to a PEM file with those who vouch for it"
    return f"its certificate is not to be trusted ({fault.verify_message}): {advice}"
