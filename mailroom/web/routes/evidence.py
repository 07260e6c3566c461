"""The auditor's bundle of evidence: of an item, or of its whole case, as a file that no browser opens by itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from mailroom.desk.proof import may_open
from mailroom.evidence.asked import Asked
from mailroom.evidence.bundle import open_bundle
from mailroom.web.signed_in import Prover, ServicesOf

router = APIRouter(prefix="/audit")

_CHUNK = 1 << 18


@router.post("/{item}/evidence")
def evidence(item: str, person: Prover, services: ServicesOf, whole_case: Annotated[bool, Form()] = False) -> Response:
    """Make a bundle of the item, or of all of its case, and return it; each is on record."""
    _, reference, _ = may_open(item, person.viewer, services)
    asked = Asked([item], whole_case, held_back=not whole_case)  # the page of an item has warned of it
    file, made = open_bundle(asked, person.viewer, services)
    name = f"evidence-{reference}{'-case' if whole_case else ''}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Encoding": "identity",
        "Digest": f"sha-256={made.sha256}",
    }
    chunks = iter(lambda: file.read(_CHUNK), b"")
    return StreamingResponse(
        chunks, media_type="application/zip", headers=headers, background=BackgroundTask(file.close)
    )
