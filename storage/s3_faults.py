"""What an S3 service answers when it does not do what it was asked, in the words of this workshop.

Before: `s3.py` has called the client. After: whoever called the store decides by `retry_helps`, and a person reads what
to do. Codes: the S3 API reference, "Error responses".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from minio.error import InvalidResponseError, S3Error, ServerError

from storage.errors import ObjectMissing, StorageError, StoreFull, StoreRefused, StoreUnavailable

_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})  # the last: the newest version is a deletion
_FULL = frozenset({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull"})
_LATER = frozenset({"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "OperationAborted"})
_ADVICE = {
    "NoSuchBucket": "There is no such bucket. Make it, with object lock, or name another in {told_in} bucket",
    "InvalidAccessKeyId": "The service does not know the access key in the file that {told_in} access_key_file names",
    "SignatureDoesNotMatch": "The service does not accept the secret in the file that {told_in} secret_key_file names",
    "AccessDenied": "The account of {told_in} may not do this, or a lock forbids it",
    "RequestTimeTooSkewed": "The clock of this machine is wrong by more than a quarter of an hour. Set it by NTP",
    "AuthorizationHeaderMalformed": "The service expects another region than {told_in} region names",
}


@contextmanager
def faults_told_apart(what: str, told_in: str = "[s3]") -> Iterator[None]:
    """Turn what the client raises into the errors of this workshop.

    Args:
        what: the object or the act.
        told_in: the table of the settings that says where the service is.
    """
    try:
        yield
    except S3Error as fault:
        raise _of_the_service(fault, what, told_in) from fault
    except (ServerError, InvalidResponseError) as fault:
        raise StoreUnavailable(
            f"{what}: the service of {told_in} answered with a fault of its own ({fault})"
        ) from fault
    except urllib3.exceptions.HTTPError as fault:
        raise _of_the_way(fault, what, told_in) from fault


def _of_the_service(fault: S3Error, what: str, told_in: str) -> StorageError:
    code = fault.code or ""
    if code in _MISSING:
        return ObjectMissing(f"nothing is kept under {what}")
    advice = _ADVICE.get(code, f"the service of {told_in} answered {code}").format(told_in=told_in)
    said = f"{what}: {advice} ({fault.message})"
    if code in _FULL:
        return StoreFull(said)
    return StoreUnavailable(said) if code in _LATER else StoreRefused(said)


def _of_the_way(fault: urllib3.exceptions.HTTPError, what: str, told_in: str) -> StorageError:
    reason = getattr(fault, "reason", None) or fault
    if isinstance(reason, urllib3.exceptions.SSLError):
        advice = f"Name the authority that signed its certificate in {told_in} authority_file"
        return StoreRefused(f"{what}: the service of {told_in} did not prove who it is ({reason}). {advice}")
    return StoreUnavailable(f"{what}: the service of {told_in} cannot be reached ({type(reason).__name__}: {reason})")
