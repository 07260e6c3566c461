"""A look at an item is logged, and costs nobody else the records."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from database_server import ON_SQLITE

from mailroom.desk.audit import show_item
from mailroom.desk.item_view import view
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Receipt
from mailroom.services import Services


@ON_SQLITE
def test_others_can_write_while_the_answer_is_put_together(
    services: Services, deliver: Callable[..., Receipt], auditor: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_at(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401  # whatever the view is given
        shown = view(*arguments)
        with sqlite3.connect(services.settings.data / "mailroom.sqlite", timeout=0) as other:
            other.execute("BEGIN IMMEDIATE")
        other.close()
        return shown

    item_id = deliver(b"Dear Sir").item_id
    monkeypatch.setattr("mailroom.desk.audit.view", look_at)
    shown = show_item(item_id, auditor, "a test", services)
    assert [event["kind"] for event in shown["custody"]] == ["received", "viewed"]
