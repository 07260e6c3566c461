"""The only file that knows the workflow engine (DBOS Transact): queue, workers, recovery.

The item's row is the truth; the engine carries `<item>:<run>` from worker to worker. It never decides what is next:
each step reads that from the row, where an item that waits for something outside waits, too. What the engine cannot do
by itself (count deaths, notice dead workers, sweep) is done here and in `duties/` through its public calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any

from dbos import DBOS, DBOSClient
from sqlalchemy.orm import Session

from mailroom.journey.travel import advance
from mailroom.records.patient import patient_engine
from mailroom.records.session import not_waiting_for_ever
from mailroom.services import Services

QUEUE = "journey"
WORKFLOW = "travel"
APPLICATION_VERSION = "1"
"""Raised only when the arguments of a workflow change; drain the queue first, or the sweep will start runs anew."""

_ALIVE = ["PENDING", "ENQUEUED", "DELAYED"]
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_carried: list[Services] = []
_in_hand: set[tuple[str, int]] = set()


def prepare(url: str, role: str | None = None) -> None:
    """Create or update the engine's own tables in our database.

    Args:
        url: the database, as whoever owns its schema.
        role: who works with these tables, where that is somebody else.
    """
    DBOS.migrate(url, application_role=role)


class EngineQueue:
    """The engine's queue, seen from whoever must send an item on its journey or ask after its runs.

    Args:
        url: the database that holds our tables and the engine's.
    """

    def __init__(self, url: str) -> None:
        # It says that the database is away: whoever asks decides what then, and a duty is done again the next time.
        where = url if url.startswith("sqlite") else not_waiting_for_ever(url)
        self._client = DBOSClient(system_database_url=where, lazy=True, retry_connection_errors=False)

    def enqueue(self, session: Session, item_id: str, run: int) -> None:
        """Enqueue this run of the item in the caller's unit of work; a second time adds nothing."""
        self._client.enqueue_in_transaction(
            session,
            {
                "queue_name": QUEUE,
                "workflow_name": WORKFLOW,
                "workflow_id": _workflow_id(item_id, run),
                "app_version": APPLICATION_VERSION,
            },
            item_id,
            run,
        )

    def alive(self, runs: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return those of the runs that the engine still carries or will carry."""
        ids = [_workflow_id(*run) for run in runs]
        if not ids:
            return set()
        return set(self._runs(workflow_ids=ids, status=_ALIVE, app_version=APPLICATION_VERSION))

    def in_flight(self, slots: Sequence[str]) -> list[tuple[str, int]]:
        """Return the runs that the workers in these slots have in hand, or had when they died."""
        return self._runs(status="PENDING", executor_id=list(slots)) if slots else []

    def dropped(self, slot: str, before: datetime) -> list[tuple[str, int]]:
        """Return the runs that this process's own worker took before this moment and no longer works on.

        The engine could not write down how they ended, for instance while the disk was full.
        """
        taken = self._runs(status="PENDING", executor_id=slot, dequeued_before=before.isoformat())
        return [run for run in taken if run not in _in_hand]

    def put_back(self, runs: Sequence[tuple[str, int]]) -> None:
        """Take overtaken runs from the worker that has them in hand; whoever gets them next ends them."""
        if runs:
            self._client.resume_workflows([_workflow_id(*run) for run in runs], queue_name=QUEUE)

    def forget_finished(self, before: datetime) -> None:
        """Delete the engine's own rows of runs that ended before this moment."""
        ended = self._runs(status=_ENDED, completed_before=before.isoformat(), limit=1000)
        if ended:
            self._client.delete_workflows([_workflow_id(*run) for run in ended])

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()

    def _runs(self, **wanted: Any) -> list[tuple[str, int]]:  # noqa: ANN401  # the library's own conditions
        found = self._client.list_workflows(**wanted, load_input=False, load_output=False)
        return [_parts(workflow.workflow_id) for workflow in found]


@contextmanager
def worker(services: Services, slot: str) -> Iterator[None]:
    """Carry items in this process while the block runs, under a slot that no other process holds.

    Leaving the block takes nothing new from the queue and waits for what is in hand, for as long as one page may take.
    While a database server is away items wait for it, and leaving waits for no item.
    """
    settings = services.settings.worker
    leaving = Event()
    server = None if services.records.embedded else patient_engine(services.records.url, leaving)
    DBOS(
        config={
            "name": "mailroom",
            "system_database_url": services.records.url,
            "system_database_engine": server,
            "application_version": APPLICATION_VERSION,
            "executor_id": slot,
            "run_migrations": False,
            "log_level": "WARNING",
            "use_listen_notify": False,
        }
    )
    _carried.append(services)
    try:
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=settings.concurrency, polling_interval_sec=settings.poll_seconds)
        yield
    finally:
        leaving.set()
        DBOS.destroy(workflow_completion_timeout_sec=int(services.settings.limits.wall_seconds))
        _carried.clear()
        if server is not None:
            server.dispose()


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=1_000_000)
def _travel(item_id: str, run: int) -> None:
    """Carry the item as far as it goes, in no step of the engine's: the row knows the stage, a checkpoint adds nothing.

    The engine tries nothing again: it would sleep in the worker's place, and what waits must not hold up the rest.
    """
    _in_hand.add((item_id, run))
    try:
        while advance(item_id, run, _carried[0]):
            pass
    finally:
        _in_hand.discard((item_id, run))


def _workflow_id(item_id: str, run: int) -> str:
    return f"{item_id}:{run}"


def _parts(workflow_id: str) -> tuple[str, int]:
    item_id, _, run = workflow_id.rpartition(":")
    return item_id, int(run)
