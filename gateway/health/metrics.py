"""The numbers for a monitor, in Prometheus' text form, on a port of their own that only this machine reaches by default.

Asked of the database when the monitor asks. No label names a family: how many messages one family gets is its own affair.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.clock import Clock
from gateway.errors import SettingsError, StoreError
from gateway.family import Directory
from gateway.health import look
from gateway.ledger import INSTALLATION
from gateway.store import Store

PREFIX = "breakwater"
log = logging.getLogger(__name__)


class Numbers(Collector):
    """Everything of `look` as metrics. `breakwater_up` is 0, and alone, where the database does not answer."""

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._store, self._directory, self._clock = store, directory, clock

    def describe(self) -> list[Metric]:
        """Nothing is known of them before the database is asked."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Ask now."""
        try:
            found = list(self._found())
        except StoreError:
            log.warning("metrics: the database does not answer")
            found = []
        yield GaugeMetricFamily(f"{PREFIX}_up", "Whether the database answers", value=bool(found))
        yield from found

    def _found(self) -> Iterator[Metric]:
        now = self._clock()
        with self._store.read() as session:
            for number in (*look.queues(session, now), *look.more(session, now)):
                yield GaugeMetricFamily(f"{PREFIX}_{number.name}", number.words, value=number.value)
            for number in look.totals(session):
                yield CounterMetricFamily(f"{PREFIX}_{number.name}", number.words, value=number.value)
            signed = look.logs(session, [*self._directory.by_key, INSTALLATION])
        if signed.oldest is not None:
            age = (now - signed.oldest).total_seconds()
            yield GaugeMetricFamily(
                f"{PREFIX}_checkpoint_oldest_seconds", "Age of the oldest among each log's newest checkpoint", value=age
            )
        yield GaugeMetricFamily(f"{PREFIX}_families", "Families", value=len(self._directory))
        about = GaugeMetricFamily(f"{PREFIX}_build", "The version that runs", labels=["version"])
        about.add_metric([__version__], 1)
        yield about


def open_metrics(listen: str, numbers: Numbers) -> tuple[WSGIServer, Thread]:
    """Answer on host:port until the server is shut down. Raises SettingsError where the port cannot be opened."""
    host, _, port = listen.rpartition(":")
    registry = CollectorRegistry()
    registry.register(numbers)
    ProcessCollector(registry=registry)
    try:
        return start_http_server(int(port), host, registry)
    except OSError as error:
        raise SettingsError(f"server › metrics_listen: {listen} cannot be opened: {error.strerror}") from None
