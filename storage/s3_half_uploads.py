"""Uploads in parts that broke off: whoever was killed in the middle of one left its parts in the bucket, unseen.

Before: what is larger than a part is put in several. After: what was begun long ago and never ended is gone. The client
ends an upload that fails while it lives, and has no public way to find those of the dead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from minio import Minio
from minio.datatypes import Upload
from minio.error import InvalidResponseError, S3Error

_NONE_THERE = frozenset({"NoSuchUpload", "NotImplemented", "MethodNotAllowed"})


def abort_half_uploads(client: Minio, bucket: str, prefix: str, before: datetime) -> int:
    """End all uploads under such keys that began before this moment; return how many those were."""
    aborted = 0
    for upload in _uploads(client, bucket, prefix):
        if upload.initiated_time is not None and upload.initiated_time < before:
            aborted += _abort(client, bucket, upload)
    return aborted


def _uploads(client: Minio, bucket: str, prefix: str) -> Iterator[Upload]:
    """Yield what is half there; of a key's uploads that two pages divide the rest is found the next time."""
    marker, more = None, True
    while more:
        try:
            page = client._list_multipart_uploads(bucket, prefix=prefix, key_marker=marker)  # noqa: SLF001
        except InvalidResponseError:  # a service that keeps no halves has no answer that the client can read
            return
        except S3Error as fault:
            if fault.code in _NONE_THERE:
                return
            raise
        yield from page.uploads
        marker, more = page.next_key_marker, page.is_truncated and page.next_key_marker != marker


def _abort(client: Minio, bucket: str, upload: Upload) -> bool:
    try:
        client._abort_multipart_upload(bucket, upload.object_name, str(upload.upload_id))  # noqa: SLF001
    except S3Error as fault:
        if fault.code in _NONE_THERE:  # another worker was quicker
            return False
        raise
    return True
