"""Figures for Prometheus: taken when they are asked for, and how long pages take. They name nobody and no item."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mailroom.desk.health import Health, measure
from mailroom.services import Services

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics(Collector):
    """What monitoring is told.

    Args:
        services: the bundle that the figures are taken from.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._pages = Histogram(
            "mailroom_page_seconds",
            "Seconds until a page was answered",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )

    def saw_page(self, route: str, seconds: float) -> None:
        """Note how long a page took; the route is its pattern, never an address with an id."""
        self._pages.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus' own text form."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Return nothing: the figures are known when they are taken."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Take the figures of now."""
        yield from _gauges(measure(self._services))


def _gauges(health: Health) -> Iterator[Metric]:
    items = GaugeMetricFamily("mailroom_items", "Items on the ledger", labels=["channel", "state"])
    for channel, counts in health.channels.items():
        for state, number in counts.items():
            items.add_metric([channel, state], number)
    yield items
    workers = GaugeMetricFamily("mailroom_worker_silent_seconds", "Since a worker last said it lives", labels=["slot"])
    for slot, silent in health.workers.items():
        workers.add_metric([slot], silent.total_seconds())
    yield workers
    yield GaugeMetricFamily("mailroom_alarms", "Alarms that nobody has cleared", health.alarms)
    yield GaugeMetricFamily("mailroom_waiting", "Items on their way", health.waiting)
    oldest = health.oldest_waiting.total_seconds()
    yield GaugeMetricFamily("mailroom_oldest_waiting_seconds", "For how long the oldest has been on its way", oldest)
    yield GaugeMetricFamily("mailroom_free_bytes", "Room on the disk of the data", health.free_bytes)
    if health.backup is not None:
        since = health.backup.total_seconds()
        yield GaugeMetricFamily("mailroom_backup_age_seconds", "Since the last backup was taken", since)
