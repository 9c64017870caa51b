"""``GET /metrics``: the hub's own figures and the page's, in a registry of their own."""

import re
from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from moodroom_hub.core.face import HubFace

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S: Final = (0.005, 0.025, 0.1, 0.5, 2.0, 10.0)
_NOT_A_NAME: Final = re.compile("[^a-zA-Z0-9_]")


class HubFigures(Collector):
    """Reads the hub's figures at the moment of the scrape."""

    def __init__(self, hub: HubFace) -> None:
        self._hub = hub

    def collect(self) -> Iterable[Metric]:
        """One metric per figure: names that end in ``_total`` are counters, the others gauges."""
        for given, value in self._hub.metrics().items():
            name = "moodroom_" + _NOT_A_NAME.sub("_", given)
            if name.endswith("_total"):
                yield CounterMetricFamily(name, "Counted by the hub since its start.", value=value)
            else:
                yield GaugeMetricFamily(name, "As the hub stands now.", value=value)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: the hub's figures are known when they are read."""
        return ()


class Metrics:
    """The page's own figures and the hub's."""

    def __init__(self, hub: HubFace) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(HubFigures(hub))
        self._requests = Counter(
            "moodroom_http_requests", "Answered HTTP requests.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "moodroom_http_request_seconds",
            "Time until a request was answered, event streams excluded.",
            registry=self._registry,
            buckets=_BUCKETS_S,
        )
        self._streams = Gauge("moodroom_event_streams", "Open event streams.", registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count one answer. ``route`` is the route's pattern, never the path: strangers must not grow the list."""
        self._requests.labels(method if method in _METHODS else "OTHER", route, str(status)).inc()
        if seconds is not None:
            self._seconds.observe(seconds)

    def text(self, open_streams: int) -> bytes:
        """Everything, as Prometheus reads it."""
        self._streams.set(open_streams)
        return generate_latest(self._registry)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
